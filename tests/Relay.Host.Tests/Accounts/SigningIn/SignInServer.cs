using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Host.Accounts;
using Relay.Host.Accounts.Jwt;
using Relay.Host.Accounts.SigningIn;
using Relay.Host.Accounts.Sql;
using Relay.Host.Storage;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>Accounts, their database and the ways to sign in, on a free port, with a clock that tests set.</summary>
internal sealed class SignInServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _directory;

    private SignInServer(WebApplication app, string directory, TestClock clock, TestLog log)
    {
        _app = app;
        _directory = directory;
        Clock = clock;
        Log = log;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Http = new HttpClient { BaseAddress = Address };
    }

    public TestClock Clock { get; }

    public TestLog Log { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>The bytes of the database's files.</summary>
    public byte[] StoredBytes =>
        [.. Directory.EnumerateFiles(_directory, "*.db*").SelectMany(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        })];

    public static async Task<SignInServer> StartAsync(params (string Name, string Value)[] settings)
    {
        string directory = Directory.CreateTempSubdirectory("relay-signin-").FullName;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(one => KeyValuePair.Create("Relay:" + one.Name, (string?)one.Value)));
        builder.Configuration["Relay:Storage:ConnectionString"] = "Data Source=" + Path.Combine(directory, "relay.db");
        IConfigurationSection relay = builder.Configuration.GetSection("Relay");
        var host = new HostOptions { Development = relay["Host:Development"] != "false" };
        var clock = new TestClock();
        var log = new TestLog();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Logging.AddProvider(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddRelayStorage(relay.GetSection("Storage"));
        AddAccounts(builder.Services, relay.GetSection("Accounts"));
        builder.Services.AddRelaySignIn(relay.GetSection("Accounts"), host);
        WebApplication app = builder.Build();
        app.Use((context, next) =>
        {
            SignedIn(context);
            return next(context);
        });
        app.MapRelaySignIn(host);
        await app.StartAsync();
        app.Services.GetRequiredService<Revocations>().Load([], []);
        return new SignInServer(app, directory, clock, log);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Posts JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(string path, JsonObject body, string? bearer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/" + path) { Content = JsonContent.Create(body) };
        if (bearer is not null)
        {
            request.Headers.Authorization = new("Bearer", bearer);
        }

        HttpResponseMessage answer = await Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>A guest's access token.</summary>
    public async Task<SessionTokens> GuestAsync() =>
        (await Get<AccountDesk>().StartGuestAsync("Guest", new SignIn("guest", "test", null), CancellationToken.None))!;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static void AddAccounts(IServiceCollection services, IConfigurationSection section)
    {
        var options = new AccountsOptions();
        section.Bind(options);
        services.AddSingleton(options);
        services.AddSingleton(InstallationSecret.ForThisProcess());
        services.AddSingleton(SigningKeys.ForThisProcess());
        services.AddSingleton<IAccountStore, AccountSql>();
        services.AddSingleton<IOneTimeStore, OneTimeSql>();
        services.AddSingleton<Revocations>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SessionDesk>();
        services.AddSingleton<AccountDesk>();
        services.AddSingleton<AccountsMetrics>().AddSingleton<SignInLimits>();
        services.AddSingleton<CryptoGate>();
    }

    private static void SignedIn(Microsoft.AspNetCore.Http.HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.Ordinal) &&
            context.RequestServices.GetRequiredService<AccessTokens>().Check(JwtToken.Read(header["Bearer ".Length..]), out var who) == JwtVerdict.Ok)
        {
            context.User = who!;
        }
    }
}
