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
    public static async Task<RelayTestServer> StartAsync(
        Action<RelayOptions>? configure = null, Action<WebApplicationBuilder>? build = null, Action<WebApplication>? use = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        var log = new LogCollector();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseRelay());
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(TestCertificate.Instance);
            });
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(TestCertificate.Instance).UseRelay());
        });
        builder.Services.AddRelay(options =>
        {
            options.AllowAnonymous = true;
            options.Drain.Timeout = TimeSpan.FromMilliseconds(200);
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
    public Uri HttpAddress => new($"http://{Endpoint(Wire.WebSocket)}/");

    public async ValueTask DisposeAsync()
    {
        Metrics.Dispose();
        await App.StopAsync().InTimeAsync("the server's end");
        await App.DisposeAsync();
    }

    /// <summary>The addresses come in the order of the Listen calls.</summary>
    private void FindEndpoints()
    {
        Wire[] order = [Wire.WebSocket, Wire.Tcp, Wire.TlsWebSocket, Wire.TlsTcp];
        IPEndPoint[] bound = [.. App.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.Select(address => new IPEndPoint(IPAddress.Loopback, new Uri(address).Port))];
        for (int i = 0; i < order.Length; i++)
        {
            _endpoints[order[i]] = bound[i];
        }
    }
}
