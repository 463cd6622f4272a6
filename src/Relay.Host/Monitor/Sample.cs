using System.Globalization;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Host.Monitor;

/// <summary>What the monitor tells once a second: how things stand, and what happened since the sample before. Times of ticks in
/// microseconds, rates per second, sizes in bytes.</summary>
/// <param name="Number">Rises by one while somebody watches.</param>
/// <param name="At">When it was taken, in milliseconds since 1970.</param>
/// <param name="Seconds">How long since the one before; 0 for the first, whose rates are 0.</param>
/// <param name="Server">The server.</param>
/// <param name="Process">Its process.</param>
/// <param name="Rates">What happened.</param>
/// <param name="Tick">How long the ticks of all rooms took.</param>
/// <param name="Rooms">The rooms with the most members, the largest first.</param>
/// <param name="Closes">Why connections ended since the start.</param>
/// <param name="RecentCloses">The last that ended, the newest first.</param>
internal sealed record Sample(
    long Number,
    long At,
    double Seconds,
    ServerFigures Server,
    ProcessFigures Process,
    Rates Rates,
    TickFigures Tick,
    IReadOnlyList<RoomFigures> Rooms,
    IReadOnlyList<CloseFigures> Closes,
    IReadOnlyList<RecentClose> RecentCloses);

/// <summary>The server as it stands.</summary>
internal sealed record ServerFigures(
    bool Draining,
    double UptimeSeconds,
    string Road,
    int Connections,
    long Suspended,
    int Rooms,
    int Members,
    int Slow,
    long HeldBytes,
    long LateTicks,
    long Refusals);

/// <summary>The process: processor time in percent of one processor, memory in bytes.</summary>
internal sealed record ProcessFigures(
    double CpuPercent, int Processors, long MemoryBytes, long HeapBytes, double AllocatedPerSecond, int Gen0, int Gen1, int Gen2);

/// <summary>What happened, per second.</summary>
internal sealed record Rates(
    double FramesIn, double BytesIn, double Deliveries, double BytesOut, double Conflated, double Refusals, double Ticks);

/// <summary>How long ticks took, in microseconds.</summary>
internal sealed record TickFigures(double Last, double Mean, double P50, double P99, double Max)
{
    public static TickFigures Of(TickTimes times) => new(
        times.Last.TotalMicroseconds,
        times.Mean.TotalMicroseconds,
        times.Within(0.5).TotalMicroseconds,
        times.Within(0.99).TotalMicroseconds,
        times.Within(1).TotalMicroseconds);
}

/// <summary>One room. Its epoch is hex: a number of 64 bits is none to JavaScript.</summary>
internal sealed record RoomFigures(
    string Name,
    string Epoch,
    double AgeSeconds,
    double TickMillis,
    int Capacity,
    int Members,
    int Away,
    int Slow,
    bool Closed,
    int Objects,
    int Attributes,
    long StateBytes,
    double DeliveriesPerSecond,
    double BytesOutPerSecond,
    double ConflatedPerSecond,
    double TicksPerSecond,
    long Refusals,
    long LateTicks,
    TickFigures Tick)
{
    /// <summary>A room, and what happened in it since an earlier reading.</summary>
    /// <param name="now">The reading.</param>
    /// <param name="before">The earlier one, of the same life of the room; null for none: then there are no rates.</param>
    /// <param name="seconds">How long ago that was.</param>
    public static RoomFigures Of(RoomReading now, RoomReading? before, double seconds)
    {
        TickTimes ticks = now.Ticks.Since(before?.Ticks);
        double per = before is null || seconds <= 0 ? 0 : 1 / seconds;
        return new RoomFigures(
            now.Name,
            EpochText(now.Epoch),
            now.Age.TotalSeconds,
            now.TickInterval.TotalMilliseconds,
            now.Capacity,
            now.Members,
            now.Away,
            now.SlowReceivers,
            now.IsClosed,
            now.Objects,
            now.Attributes,
            now.StateBytes,
            (now.Deliveries - (before?.Deliveries ?? 0)) * per,
            (now.BytesOut - (before?.BytesOut ?? 0)) * per,
            (now.Conflated - (before?.Conflated ?? 0)) * per,
            ticks.Count * per,
            now.Refusals,
            now.LateTicks,
            TickFigures.Of(ticks));
    }

    public static string EpochText(ulong epoch) => epoch.ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>A reason and how often it was one.</summary>
internal sealed record CloseFigures(int Code, string Name, int Cause, string CauseName, long Count)
{
    public static CloseFigures Of(CloseCount count) =>
        new((int)count.Code, CloseCodes.Name(count.Code), (int)count.Cause, CloseCodes.Name(count.Cause), count.Count);
}

/// <summary>A connection that ended; when, in milliseconds since 1970.</summary>
internal sealed record RecentClose(
    long At, int Code, string Name, int Cause, string CauseName, double Limit, double Value,
    string Text, string Who, string Transport, string Remote)
{
    public static RecentClose Of(CloseNote note) => new(
        note.At.ToUnixTimeMilliseconds(),
        (int)note.Code,
        CloseCodes.Name(note.Code),
        (int)note.Cause,
        CloseCodes.Name(note.Cause),
        note.Limit,
        note.Value,
        note.Text,
        note.Name,
        note.Transport,
        note.Remote);
}
