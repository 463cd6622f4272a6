using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Conformance.Tests.Kit;
using Relay.Core.Hosting;

namespace Relay.Conformance.Tests.Echo;

/// <summary>A real host on loopback and a free port, whose endpoints echo on one road: one endpoint for each <see cref="Profile"/>. The
/// opening handshake is the product's; only the subprotocol is nobody's here.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoServer(WebApplication app)
    {
        _app = app;
        IFeatureCollection features = app.Services.GetRequiredService<IServer>().Features;
        string address = features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        Endpoint = new IPEndPoint(IPAddress.Loopback, new Uri(address).Port);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint { get; }

    public static async Task<EchoServer> StartAsync(Road road)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRelay(options =>
        {
            options.Road = road == Road.Direct ? RelayRoad.Direct : RelayRoad.Pipe;
            options.InputCadence = InputCadence.Every(0);
        });
        WebApplication app = builder.Build();
        foreach (Profile profile in Enum.GetValues<Profile>())
        {
            app.Services.GetRequiredService<RelayServer>().Direct?.FirstBytes.AddPath(PathOf(profile));
            app.Map(PathOf(profile), context => ServeAsync(context, Roads.All[road], EchoSettings.Of(profile)));
        }

        await app.StartAsync().WaitAsync(Patience.Long, TimeProvider.System);
        return new EchoServer(app);
    }

    /// <summary>The path of a profile's endpoint.</summary>
    public static string PathOf(Profile profile) => profile == Profile.Wide ? "/echo" : "/echo/production";

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().WaitAsync(Patience.Long, TimeProvider.System);
        await _app.DisposeAsync();
    }

    private static Task ServeAsync(HttpContext context, Roads.Driver driver, EchoSettings settings)
    {
        if (WebSocketHandshake.Refusal(context) is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            return context.Response.WriteAsync(refusal.Text);
        }

        return driver(context, settings);
    }
}
