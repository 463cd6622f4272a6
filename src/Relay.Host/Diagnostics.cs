using System.Text.Json.Serialization;
using Relay.Core.Hosting;
using Relay.Host.Monitor;

namespace Relay.Host;

/// <summary>What the load tester asks a server in development mode: how much it has allocated, and to collect before its memory is
/// measured.</summary>
internal static class Diagnostics
{
    private const double MaxRecordingSeconds = 3600;

    public static void MapDiagnostics(this WebApplication app)
    {
        var server = app.Services.GetRequiredService<RelayServer>();
        var sampler = app.Services.GetRequiredService<Sampler>();
        app.MapGet("/diagnostics", () => Results.Json(Read(server), DiagnosticsJson.Default.Reading));
        app.MapGet("/diagnostics/room", async (string name, HttpContext context) =>
        {
            Sample sample = await sampler.AfterAsync(0, context.RequestAborted).ConfigureAwait(false);
            RoomFigures? figures = sample.Rooms.FirstOrDefault(room => room.Name == name);
            if (figures is null && await server.Inspector.ReadRoomAsync(name, context.RequestAborted).ConfigureAwait(false) is { } reading)
            {
                // Opened since, or not among the largest: no rates, then.
                figures = RoomFigures.Of(reading, null, 0);
            }

            return figures is null
                ? Results.Text($"There is no room \"{name}\".\n", statusCode: StatusCodes.Status404NotFound)
                : Results.Json(new RoomAnswer(figures, sample.Process), MonitorJson.Default.RoomAnswer);
        });
        app.MapGet("/diagnostics/recording", async (string room, double? seconds, HttpContext context) =>
        {
            // Until the first byte is written the answer may still be "no such room".
            context.Response.ContentType = "application/octet-stream";
            var follow = TimeSpan.FromSeconds(Math.Clamp(seconds ?? 0, 0, MaxRecordingSeconds));
            if (!await server.RecordAsync(room, context.Response.Body, follow, context.RequestAborted).ConfigureAwait(false))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        });
        app.MapPost("/diagnostics/collect", () =>
        {
            // Twice, with the finalizers between: what only a finalizer kept alive goes with the second.
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return Results.Json(Read(server), DiagnosticsJson.Default.Reading);
        });
    }

    private static Reading Read(RelayServer server) => new(
        GC.GetTotalAllocatedBytes(precise: true),
        GC.CollectionCount(2),
        GC.GetTotalMemory(forceFullCollection: false),
        Environment.WorkingSet,
        server.HeldBytes,
        server.ConnectionCount,
        server.RoomCount,
        server.MemberCount);

    /// <summary>
    /// A room's figures, for a page that shows them: rates per second over the last second, times of ticks in microseconds.
    /// </summary>
    /// <param name="Room">The room.</param>
    /// <param name="Process">The whole process.</param>
    internal sealed record RoomAnswer(RoomFigures Room, ProcessFigures Process);

    /// <summary>The answer.</summary>
    /// <param name="AllocatedBytes">Bytes allocated by the process since it started.</param>
    /// <param name="Gen2">Full collections since then.</param>
    /// <param name="HeapBytes">Bytes of objects in the managed heap; after a collection, of those in use.</param>
    /// <param name="RssBytes">Resident memory now.</param>
    /// <param name="HeldBytes">What waits in user space for receivers that do not read.</param>
    /// <param name="Connections">Open connections.</param>
    /// <param name="Rooms">Open rooms.</param>
    /// <param name="Members">Members in them.</param>
    internal sealed record Reading(
        long AllocatedBytes, int Gen2, long HeapBytes, long RssBytes, long HeldBytes, int Connections, long Rooms, long Members);
}

/// <summary>How diagnostics look as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Diagnostics.Reading))]
internal sealed partial class DiagnosticsJson : JsonSerializerContext;
