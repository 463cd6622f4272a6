using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Relay.Core.Hosting;
using Relay.Protocol;

namespace Relay.Host.Monitor;

/// <summary>What the page asks to be done: take a member out.</summary>
internal sealed record KickOrder(string? Room, string? Epoch, uint Member);

/// <summary>What came of an order, in a sentence.</summary>
internal sealed record Outcome(string Text);

/// <summary>The monitor's answers: <c>/monitor/api</c>.</summary>
internal static class MonitorEndpoints
{
    /// <summary>The most pages that watch at a time.</summary>
    private const int MostWatchers = 16;

    private const string NoPage = "The monitor's page is not built: ./relay run builds it. What it shows is at /monitor/api/overview.\n";

    private const int MostOrderBytes = 4_096;

    /// <summary>How long a shard may take to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void MapMonitor(this WebApplication app, HostOptions host)
    {
        var server = app.Services.GetRequiredService<RelayServer>();
        var time = app.Services.GetRequiredService<TimeProvider>();
        var sampler = app.Services.GetRequiredService<Sampler>();
        ILogger log = app.Services.GetRequiredService<ILogger<MonitorGuard>>();
        var guard = new MonitorGuard(host, time, app.Services.GetRequiredService<ILogger<MonitorGuard>>());
        var stream = new SampleStream(sampler, MostWatchers, EndOf(app, server));
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/monitor"),
            branch => branch.Use(next => context => guard.InvokeAsync(context, next)));

        // The page itself is a built file with an endpoint of its own, which comes before this one.
        app.MapGet("/monitor", () => Results.Text(NoPage, statusCode: StatusCodes.Status404NotFound)).WithOrder(1);
        RouteGroupBuilder api = app.MapGroup("/monitor/api").AddEndpointFilter(SayIfLateAsync);
        api.MapGet("/overview", async (CancellationToken aborted) =>
            Results.Json(await sampler.AfterAsync(0, aborted).ConfigureAwait(false), MonitorJson.Default.Sample));
        api.MapGet("/events", stream.ServeAsync);
        api.MapGet("/rooms/{**room}", async (string room, HttpContext context) =>
        {
            // A slash may come as it is or as %2F, which stays so in a path; no room's name has a percent sign.
            string name = Uri.UnescapeDataString(room);
            RoomInspection? found = await server.Inspector.LookAsync(name, cancellationToken: context.RequestAborted)
                .WaitAsync(Patience, time, context.RequestAborted).ConfigureAwait(false);
            return found is null
                ? Answer(StatusCodes.Status404NotFound, $"There is no room \"{name}\" (any more).")
                : Results.Json(RoomView.Of(found), MonitorJson.Default.RoomView);
        });
        api.MapPost("/kick", async (HttpContext context, CancellationToken aborted) =>
        {
            if (await ReadOrderAsync(context).ConfigureAwait(false) is not { Room: { } room } order ||
                !ulong.TryParse(order.Epoch, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong epoch))
            {
                return Answer(
                    StatusCodes.Status400BadRequest, "Wanted: {\"room\": name, \"epoch\": hex, \"member\": id}, as the room was told.");
            }

            if (!await server.Inspector.KickAsync(room, epoch, order.Member, aborted)
                .WaitAsync(Patience, time, aborted).ConfigureAwait(false))
            {
                return Answer(StatusCodes.Status404NotFound, $"Member {order.Member} is not in room \"{room}\" (any more).");
            }

            log.Kicked(context.Connection.RemoteIpAddress, order.Member, room);
            return Answer(StatusCodes.Status200OK, $"Member {order.Member} has been taken out of room \"{room}\".");
        });
        api.MapPost("/drain", (HttpContext context) =>
        {
            if (!server.IsDraining)
            {
                log.Draining(context.Connection.RemoteIpAddress);
            }

            _ = server.DrainAsync(CloseCode.ServiceRestart, CancellationToken.None);
            return Answer(StatusCodes.Status202Accepted, "The server takes nobody in any more and tells its clients to leave.");
        });
    }

    private static IResult Answer(int status, string text) =>
        Results.Json(new Outcome(text), MonitorJson.Default.Outcome, statusCode: status);

    private static async Task<KickOrder?> ReadOrderAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MostOrderBytes;
        try
        {
            return await context.Request.ReadFromJsonAsync(MonitorJson.Default.KickOrder, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A server that is going down, or a shard that hangs, is said to be so.</summary>
    private static async ValueTask<object?> SayIfLateAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        try
        {
            return await next(invocation).ConfigureAwait(false);
        }
        catch (Exception e) when (
            e is TimeoutException || (e is OperationCanceledException && !invocation.HttpContext.RequestAborted.IsCancellationRequested))
        {
            return Answer(StatusCodes.Status503ServiceUnavailable, $"The rooms have not answered within {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>When watchers are sent away: they are to see a drain to its end, and not to hold the program up after it.</summary>
    private static CancellationToken EndOf(WebApplication app, RelayServer server)
    {
        var end = new CancellationTokenSource();
        app.Lifetime.ApplicationStopping.Register(() => _ = EndAsync());
        return end.Token;

        async Task EndAsync()
        {
            await server.DrainAsync(CloseCode.GoingAway, CancellationToken.None).ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false);
        }
    }
}
