using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>What README says of signing in, word for word, with the real program.</summary>
[Collection(PeersGroup.Name)]
public sealed partial class ReadmeSignInTests(Peers peers)
{
    [Fact]
    public async Task Readme_leadsFromTheDefaultToAProvider()
    {
        await peers.OrderAsync("set", new JsonObject { ["down"] = false, ["slowMs"] = 0, ["lie"] = null });
        string readme = (await File.ReadAllTextAsync(Path.Combine(Layout.Root, "README.md"))).ReplaceLineEndings("\n");
        Match block = Block().Match(readme), callback = Callback().Match(readme);
        Assert.True(block.Success && callback.Success);
        int port = FreePort();
        string here = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

        // Only where things are is another, and the secret is the one that the provider gave.
        string Real(string text) => text.Replace("https://id.example", peers.Issuer, StringComparison.Ordinal)
            .Replace("https://rooms.example/api/v1", here + "/api/v1", StringComparison.Ordinal)
            .Replace("PublicUrl=https://rooms.example", "PublicUrl=" + here, StringComparison.Ordinal)
            .Replace("ClientSecret=secret", "ClientSecret=relay secret: 100%", StringComparison.Ordinal);
        string[] settings = [.. Setting().Matches(block.Groups["text"].Value).Select(match => Real(match.Value))];
        Assert.Equal(6, settings.Length);
        await peers.OrderAsync("redirects", new JsonObject { ["uris"] = new JsonArray(Real(callback.Value)) });
        await using RelayProgram program = await RelayProgram.StartAsync(
            [.. settings, $"--Relay:Host:HttpPort={port.ToString(CultureInfo.InvariantCulture)}", "--Relay:Accounts:Oidc:0:RequireHttps=false"]);

        using var browser = new Browser();
        Uri back = await browser.ThroughProviderAsync(new Uri(here + "/api/v1/auth/oidc/company/start?returnTo=/"), "anna", Real(callback.Value));
        string[] page = (await browser.Http.GetAsync(back)).Headers.Location!.OriginalString.Split("#relay_code=");
        Assert.Equal("/", page[0]);
        HttpResponseMessage answer = await browser.Http.PostAsJsonAsync(here + "/api/v1/auth/oidc/exchange", new JsonObject { ["code"] = page[1] });
        string token = (string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["accessToken"]!;
        Assert.Equal("anna of the provider", (string?)(await MeAsync(here, token))["name"]);

        string bearer = await peers.MachineTokenAsync("https://rooms.example/api");
        Assert.Equal("user", (string?)(await MeAsync(here, bearer))["kind"]);
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", bearer[..^4] + "AAAA");
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(here + "/api/v1/auth/me")).StatusCode);
        foreach (string secret in new[] { token, bearer, page[1], "relay secret", back.Query })
        {
            Assert.DoesNotContain(secret, program.Process.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Development_withoutAMailServer_writesTheLinkToTheConsole()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using HttpClient http = program.Client();
        JsonNode started = await PostAsync(http, "start", new JsonObject { ["address"] = "newcomer@rooms.example" });
        Match? link = null;
        using var late = new CancellationTokenSource(ChildProcess.Patience);
        while ((link = Link().Match(program.Process.ToString())) is { Success: false })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, late.Token);
        }

        Assert.Equal((string?)started["mark"], link.Groups["mark"].Value);
        await PostAsync(http, "confirm", new JsonObject { ["token"] = link.Groups["token"].Value });
        Assert.Equal("user", (string?)(await PostAsync(http, "wait", new JsonObject { ["handle"] = (string?)started["handle"] }))["kind"]);
        Assert.DoesNotContain("newcomer", program.Process.ToString(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string what, JsonObject body)
    {
        HttpResponseMessage answer = await http.PostAsJsonAsync("/api/v1/auth/mail/" + what, body);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<JsonNode> MeAsync(string here, string bearer)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", bearer);
        HttpResponseMessage answer = await http.GetAsync(here + "/api/v1/auth/me");
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    [GeneratedRegex("```sh oidc\n(?<text>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("https://rooms\\.example/api/v1/auth/oidc/[a-z]+/callback", RegexOptions.ExplicitCapture)]
    private static partial Regex Callback();

    [GeneratedRegex("--Relay:[^\\s]+", RegexOptions.ExplicitCapture)]
    private static partial Regex Setting();

    [GeneratedRegex("sign in \\((?<mark>[0-9]{4})\\) with [^#\\s]+#(?<token>[A-Za-z0-9_-]{43})", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
