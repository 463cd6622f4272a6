using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>A real OpenID provider and a real mail server (tests/signin), one process for all tests here.</summary>
public sealed partial class Peers : IAsyncLifetime, IDisposable
{
    private readonly HttpClient _control = new();
    private ChildProcess? _process;

    /// <summary>The provider's issuer.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>The mail server's port.</summary>
    public int SmtpPort { get; private set; }

    public async Task InitializeAsync()
    {
        string directory = Path.Combine(Layout.Root, "tests", "signin");
        _process = ChildProcess.Start("node", [Path.Combine(directory, "peers.mjs")], "peers: ready ", directory);
        Match ready = ReadyLine().Match(await _process.LineAsync());
        Assert.True(ready.Success);
        Issuer = ready.Groups["oidc"].Value;
        SmtpPort = int.Parse(ready.Groups["smtp"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        _control.BaseAddress = new Uri(ready.Groups["control"].Value);
    }

    /// <summary>Tells or asks the process something.</summary>
    public async Task<JsonNode> OrderAsync(string order, JsonObject? parameters = null)
    {
        HttpResponseMessage answer = await _control.PostAsJsonAsync(order, parameters ?? []);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>How often the provider was asked for something.</summary>
    public async Task<int> RequestsAsync(string path) => (int?)(await OrderAsync("requests"))[path] ?? 0;

    /// <summary>A token with any header and claims.</summary>
    public async Task<string> SignAsync(JsonObject header, JsonObject claims, string by = "ours") =>
        (string)(await OrderAsync("sign", new JsonObject { ["header"] = header, ["claims"] = claims, ["by"] = by }))["token"]!;

    /// <summary>A JWT that the provider issues to a program.</summary>
    public async Task<string> MachineTokenAsync(string resource)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Issuer + "/token")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["resource"] = resource, ["scope"] = "rooms" }),
            Headers = { Authorization = Browser.Basic("machine", "machine-secret") },
        };
        HttpResponseMessage answer = await _control.SendAsync(request);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["access_token"]!;
    }

    public void Dispose() => _control.Dispose();

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    [GeneratedRegex("^peers: ready oidc=(?<oidc>[^ ]+) smtp=(?<smtp>[0-9]+) control=(?<control>[^ ]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ReadyLine();
}

/// <summary>Tests that share the process, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PeersGroup : ICollectionFixture<Peers>
{
    public const string Name = "sign-in peers";
}
