using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Accounts;

namespace Relay.Host.Tests.Api.Kit;

/// <summary>The program in this process, on free ports, with a database in memory. Who somebody is they say themselves: that is the
/// accounts' to test, not the interface's.</summary>
public sealed class ApiServer : IAsyncLifetime
{
    private static readonly string[] Defaults =
    [
        "--Relay:Host:HttpPort=0", "--Relay:Host:TcpPort=0", "--Relay:Storage:ConnectionString=Data Source=:memory:", "--Relay:Shards=1",
        "--Relay:Host:Development=false", "--Relay:Api:RequestsPerSecond=100000", "--Relay:Api:RequestBurst=100000",
        "--Relay:Accounts:AdminKey=an-operators-key-of-some-length-0123456789", "--Logging:LogLevel:Default=Error",
    ];

    private WebApplication? _app;

    public IServiceProvider Services => _app!.Services;

    public string Http { get; private set; } = "";

    public string Tcp { get; private set; } = "";

    /// <summary>The account's id of somebody.</summary>
    public static string Id(string name) => name.PadRight(22, '0');

    public static async Task<ApiServer> StartAsync(params string[] arguments)
    {
        var server = new ApiServer();
        await server.StartWithAsync(arguments);
        return server;
    }

    public Task InitializeAsync() => StartWithAsync([]);

    /// <summary>A client of somebody; null for nobody.</summary>
    public HttpClient As(string? name, bool admin = false)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://{Http}/api/v1/"), Timeout = TimeSpan.FromSeconds(60) };
        if (name is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin ? name + ".admin" : name);
        }

        return client;
    }

    /// <summary>Somebody on a socket, in no room yet.</summary>
    public async Task<Visitor> ConnectAsync(string name)
    {
        var visitor = new Visitor(name);
        await visitor.ConnectAsync(Tcp);
        return visitor;
    }

    /// <summary>Somebody on a socket, in a room.</summary>
    public async Task<Visitor> JoinAsync(string name, string room, string ticket = "")
    {
        Visitor visitor = await ConnectAsync(name);
        await visitor.JoinAsync(room, ticket);
        return visitor;
    }

    public async Task DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task StartWithAsync(string[] arguments)
    {
        _app = RelayHost.Build([.. Defaults, .. arguments], builder => builder.Services.AddSingleton<IBearerVerifier, SayWho>());
        await _app.StartAsync();
        (Http, Tcp, _) = RelayHost.Endpoints(_app);
    }

    /// <summary>Believes bearers that are a name, or NAME.admin.</summary>
    private sealed class SayWho : IBearerVerifier
    {
        public ValueTask<BearerAnswer> VerifyAsync(string bearer, CancellationToken cancellationToken)
        {
            string[] parts = bearer.Split('.');
            return new(parts.Length > 2 || parts[0].Length > 22
                ? BearerAnswer.NotMine
                : BearerAnswer.Accepted(RelayClaims.PrincipalOf(Id(parts[0]), null, parts[0], "user", parts.Length > 1 ? RelayClaims.AdminScope : "", null)));
        }
    }
}
