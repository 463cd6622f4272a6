using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Core.Hosting;

namespace Relay.Core.Tests.Kit;

/// <summary>A whole server in the test's process, on loopback and free ports, as an embedder would build it.</summary>
internal sealed class RelayTestServer : IAsyncDisposable
{
    private readonly Dictionary<Wire, IPEndPoint> _endpoints = [];

    private RelayTestServer(WebApplication app, LogCollector log)
    {
        App = app;
        Log = log;
        Metrics = new MetricReader(app.Services.GetRequiredService<IMeterFactory>());
    }

    public WebApplication App { get; }

    public LogCollector Log { get; }

    public MetricReader Metrics { get; }

    public RelayServer Relay => App.Services.GetRequiredService<RelayServer>();

    /// <summary>Starts a server that lets anybody in.</summary>
    /// <param name="configure">Sets options.</param>
    /// <param name="build">Adds services.</param>
    /// <param name="use">Adds middleware and endpoints; null maps the relay at <c>/relay</c>.</param>
    /// <param name="listen">Changes each endpoint before the relay is put on it.</param>
    public static async Task<RelayTestServer> StartAsync(
        Action<RelayOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? use = null,
        Action<ListenOptions>? listen = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        var log = new LogCollector();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (Wire wire in Enum.GetValues<Wire>())
            {
                bool isPipe = wire is Wire.PipeTcp or Wire.PipeWebSocket;
                kestrel.Listen(isPipe ? new PipeEndPoint() : new IPEndPoint(IPAddress.Loopback, 0), options => Serve(options, wire, listen));
            }
        });
        builder.Services.AddRelay(options =>
        {
            options.AllowAnonymous = true;
            options.Limits.EventsPerSecond = 0;
            options.Drain.Timeout = TimeSpan.FromMilliseconds(200);

            // Most tests are about connections: what ends is to be gone. Those about sessions say so.
            options.Resume.Window = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        build?.Invoke(builder);

        WebApplication app = builder.Build();
        (use ?? (static application => application.MapRelay()))(app);
        var server = new RelayTestServer(app, log);
        await app.StartAsync().InTimeAsync("the server's start");
        server.FindEndpoints();
        return server;
    }

    /// <summary>Where a transport listens.</summary>
    public IPEndPoint Endpoint(Wire wire) => _endpoints[wire];

    /// <summary>The base address for ordinary requests.</summary>
    public Uri HttpAddress => AddressOf(Wire.WebSocket);

    /// <summary>The base address for ordinary requests on a wire.</summary>
    public Uri AddressOf(Wire wire) => new($"{(wire.IsTls() ? "https" : "http")}://{Endpoint(wire)}/");

    public async ValueTask DisposeAsync()
    {
        Metrics.Dispose();
        await App.StopAsync().InTimeAsync("the server's end");
        await App.DisposeAsync().AsTask().InTimeAsync("the server's disposal");
    }

    private static void Serve(ListenOptions options, Wire wire, Action<ListenOptions>? listen)
    {
        options.Protocols = HttpProtocols.Http1AndHttp2;
        listen?.Invoke(options);
        if (wire.IsTls())
        {
            options.UseHttps(TestCertificate.Instance);
        }

        if (!wire.IsWebSocket())
        {
            options.UseRelay();
        }
    }

    /// <summary>The addresses come in the order of the Listen calls.</summary>
    private void FindEndpoints()
    {
        IPEndPoint[] bound = [.. App.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Select(address => new IPEndPoint(IPAddress.Loopback, new Uri(address).Port))];
        foreach ((Wire wire, IPEndPoint endpoint) in Enum.GetValues<Wire>().Zip(bound))
        {
            _endpoints[wire] = endpoint;
        }
    }

    /// <summary>An endpoint that the direct road takes for somebody else's, so that Kestrel's sockets listen on it.</summary>
    private sealed class PipeEndPoint() : IPEndPoint(IPAddress.Loopback, 0);
}
