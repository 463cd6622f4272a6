using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Core.Hosting;

namespace Relay.Client.Tests.Kit;

/// <summary>The ways to a server.</summary>
public enum Wire
{
    /// <summary>Raw TCP.</summary>
    Tcp,

    /// <summary>WebSocket.</summary>
    WebSocket,
}

/// <summary>The real relay in the test's process, on loopback and free ports. It keeps sessions for 30 s and limits neither frames nor
/// events unless a test says otherwise.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly int[] _ports;

    private RealServer(WebApplication app)
    {
        _app = app;
        _ports = [.. app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Select(address => new Uri(address).Port)];
    }

    public RelayServer Relay => _app.Services.GetRequiredService<RelayServer>();

    /// <summary>Starts a server.</summary>
    /// <param name="configure">Sets options.</param>
    /// <param name="authorizer">Who decides on names and roles; default everybody is a member.</param>
    public static async Task<RealServer> StartAsync(Action<RelayOptions>? configure = null, IRelayAuthorizer? authorizer = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseRelay());
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        if (authorizer is not null)
        {
            builder.Services.AddSingleton(authorizer);
        }

        builder.Services.AddRelay(options =>
        {
            options.AllowAnonymous = true;
            options.Drain.Timeout = TimeSpan.FromMilliseconds(200);
            options.Resume.Window = TimeSpan.FromSeconds(30);
            options.Limits.FramesPerSecond = 0;
            options.Limits.EventsPerSecond = 0;
            configure?.Invoke(options);
        });
        WebApplication app = builder.Build();
        app.MapRelay();
        await app.StartAsync().InTimeAsync("the server's start");
        return new RealServer(app);
    }

    public IPEndPoint Endpoint(Wire wire) => new(IPAddress.Loopback, _ports[(int)wire]);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().InTimeAsync("the server's end");
        await _app.DisposeAsync();
    }
}
