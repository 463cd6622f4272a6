using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Walkers;

/// <summary>Measures what a joined but silent connection keeps in the server's memory.</summary>
internal sealed class IdleRun(Target target, LoadOptions options, Progress progress)
{
    /// <summary>Members of a room when the user does not say.</summary>
    public const int MembersByDefault = 100;

    /// <summary>Connections opened and closed before measuring, so that code compiled for the first ones is not counted.</summary>
    private const int Rehearsal = 50;

    /// <summary>How many connections the options ask for, and how they are spread.</summary>
    public static (int Count, int PerRoom) Shape(LoadOptions options) => options.Idle is > 0
        ? (options.Idle.Value, MembersByDefault)
        : (options.Rooms * options.Clients, options.Clients);

    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        (int count, int perRoom) = Shape(options);
        var wire = new WireCounter();
        using (var rehearsal = new Crowd())
        {
            await OpenAsync(rehearsal, Math.Min(Rehearsal, count), perRoom, wire, "rehearsal", cancellationToken).ConfigureAwait(false);
        }

        await WaitForConnectionsAsync(0, cancellationToken).ConfigureAwait(false);
        DiagnosticsReading? before = await target.Diagnostics.CollectAsync(cancellationToken).ConfigureAwait(false);
        using var crowd = new Crowd();
        IdleSession[] sessions = await OpenAsync(crowd, count, perRoom, wire, "idle", cancellationToken).ConfigureAwait(false);

        // What a join leaves behind (queued presence, buffers in use) has gone after a few ticks.
        progress.Say("Settling");
        await Clock.UntilAsync(Clock.NowNanos + (long)(options.Seconds * 1e9), cancellationToken).ConfigureAwait(false);
        DiagnosticsReading? after = await target.Diagnostics.CollectAsync(cancellationToken).ConfigureAwait(false);
        target.ThrowIfGone();
        if (sessions.FirstOrDefault(session => session.Fault is not null) is { } broken)
        {
            throw new LoadException($"a client in room '{broken.RoomName}' failed: {broken.Fault}");
        }

        if (before is null || after is null)
        {
            throw new LoadException($"--idle needs a server in development mode: {target.Diagnostics.Problem ?? "give its HTTP address with --diagnostics"}");
        }

        return new Figures
        {
            RssKibPerConnection = (after.RssBytes - before.RssBytes) / 1024.0 / count,
            HeapKibPerConnection = (after.HeapBytes - before.HeapBytes) / 1024.0 / count,
            GcGen2 = after.Gen2 - before.Gen2,
            Connections = count,
        };
    }

    private async Task<IdleSession[]> OpenAsync(Crowd crowd, int count, int perRoom, WireCounter wire, string name, CancellationToken cancellationToken)
    {
        IdleSession[] sessions = [.. Enumerable.Range(0, count).Select(i => new IdleSession($"{name}-{i / perRoom}"))];
        await crowd.OpenAsync(sessions, target.Address, options.Transport, wire, opened: null, progress, cancellationToken).ConfigureAwait(false);
        return sessions;
    }

    private async Task WaitForConnectionsAsync(int count, CancellationToken cancellationToken)
    {
        long deadline = Clock.NowNanos + 5_000_000_000;
        while (Clock.NowNanos < deadline)
        {
            DiagnosticsReading? now = await target.Diagnostics.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (now is null || now.Connections <= count)
            {
                return;
            }

            await Clock.UntilAsync(Clock.NowNanos + 50_000_000, cancellationToken).ConfigureAwait(false);
        }
    }
}
