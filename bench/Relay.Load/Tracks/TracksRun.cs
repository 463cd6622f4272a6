using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Walkers;
using Relay.Load.Wire;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tracks;

/// <summary>
/// Recorded people walk through a live room while one observer on each transport writes down what it is told; then that is held against the
/// recording.
/// </summary>
internal sealed class TracksRun(Target target, LoadOptions options, TrackFile tracks, Progress progress)
{
    /// <summary>Time for a value to get through two processes and a tick that comes late; and how far apart joins must be to have an
    /// order.</summary>
    private const long SlackNanos = 150_000_000;

    private readonly WireCounter _wire = new();
    private readonly string _room = "tracks-" + Guid.NewGuid().ToString("N")[..8];

    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        using var watching = new Crowd();
        var onTcp = new TrackObserver(_room);
        var onWs = new TrackObserver(_room);
        await watching.OpenAsync([onTcp], target.Address, LoadTransport.Tcp, _wire, opened: null, progress, cancellationToken).ConfigureAwait(false);
        await watching.OpenAsync([onWs], target.Address, LoadTransport.Ws, _wire, opened: null, progress, cancellationToken).ConfigureAwait(false);

        RoomSpace space = onTcp.Space!;
        TrackFile people = Fit(space);
        var time = new TrackTime(Clock.NowNanos + TrackPlayer.EarlyNanos + 500_000_000, options.Speed);
        TrackWalker[] walkers = [.. people.People.SelectMany(track => Enumerable.Range(0, options.Scale).Select(_ => new TrackWalker(_room, track, time)))];
        var connections = new List<LoadConnection>(walkers.Length);
        long? serverBefore = target.ProcessorNanos(), begun = Clock.NowNanos;
        long tickNanos = (long)(options.TickMillis * 1e6);
        using (var player = new TrackPlayer(walkers, time, options.Rate, (2 * tickNanos) + SlackNanos, Connect))
        {
            await WatchAsync(player, time, people, walkers, cancellationToken).ConfigureAwait(false);
        }

        double elapsed = Clock.NowNanos - begun.Value;
        double? server = target.ProcessorNanos() - serverBefore;
        await Clock.UntilAsync(Clock.NowNanos + SlackNanos + tickNanos, cancellationToken).ConfigureAwait(false);
        ThrowOnFault(walkers, onTcp, onWs);
        watching.Dispose();
        connections.ForEach(connection => connection.Dispose());

        var tolerance = new Tolerance(space.Precision, tickNanos + (long)(1e9 / options.Rate), SlackNanos);
        return Judge(walkers, onTcp, onWs, time, tolerance) with
        {
            ServerCpuPercent = server / elapsed * 100,
            Connections = walkers.Length + 2,
        };

        LoadConnection Connect(TrackWalker walker)
        {
            var connection = new LoadConnection(target.Address.EndPoint(options.Transport), options.Transport, walker, _wire);
            connections.Add(connection);
            _ = connection.OpenAsync(cancellationToken).ContinueWith(
                opened => walker.Refused(opened.Exception!.GetBaseException().Message),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            return connection;
        }
    }

    /// <summary>Moves the recording to the middle of the room.</summary>
    private TrackFile Fit(RoomSpace space)
    {
        double width = space.StepsX * space.Precision, depth = space.StepsZ * space.Precision;
        (double minX, double minY, double maxX, double maxY) = tracks.Bounds();
        return maxX - minX < width && maxY - minY < depth
            ? tracks.CenteredAt(space.MinX + (width / 2), space.MinZ + (depth / 2))
            : throw new LoadException(FormattableString.Invariant(
                $"--tracks: the recording takes {maxX - minX:0.#} × {maxY - minY:0.#} m; the room is {width:0.#} × {depth:0.#} m"));
    }

    private async Task WatchAsync(TrackPlayer player, TrackTime time, TrackFile people, TrackWalker[] walkers, CancellationToken cancellationToken)
    {
        double end = people.People.Max(person => person.End);
        while (!player.Done.IsCompleted)
        {
            await Task.WhenAny(player.Done, Clock.UntilAsync(Clock.NowNanos + 500_000_000, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            target.ThrowIfGone();
            double now = time.ToSeconds(Clock.NowNanos);
            int present = walkers.Count(walker => walker.Track.Begin <= now && now <= walker.Track.End);
            progress.Say(FormattableString.Invariant($"Playing: {Math.Clamp(now, 0, end):0} of {end:0} s, {present} people"));
        }
    }

    private Figures Judge(TrackWalker[] walkers, TrackObserver onTcp, TrackObserver onWs, TrackTime time, Tolerance tolerance)
    {
        HashSet<uint> members = [.. walkers.Select(walker => walker.Member)];
        Dictionary<uint, long> asked = walkers.ToDictionary(walker => walker.Member, walker => walker.JoinSentNanos);
        (HashSet<uint> arrivedTcp, HashSet<uint> departedTcp, int errorsTcp) = TrackVerdict.Passages(members, onTcp.Passages);
        (HashSet<uint> arrivedWs, HashSet<uint> departedWs, int errorsWs) = TrackVerdict.Passages(members, onWs.Passages);
        int errors = errorsTcp + errorsWs + onTcp.Errors + onWs.Errors;
        foreach (TrackObserver observer in new[] { onTcp, onWs })
        {
            errors += TrackVerdict.OutOfOrder(observer.Passages.Where(p => p.Kind == PresenceKind.Present && members.Contains(p.Member)).Select(p => asked[p.Member]), SlackNanos);
        }

        // One room has one order: both observers must have been told the same.
        errors += Told(onTcp, members).SequenceEqual(Told(onWs, members)) ? 0 : 1;
        arrivedTcp.IntersectWith(arrivedWs);
        departedTcp.IntersectWith(departedWs);
        return new Figures
        {
            People = walkers.Length,
            Arrivals = arrivedTcp.Count,
            Departures = departedTcp.Count,
            PositionsRecorded = (double)tracks.Positions * options.Scale,
            PositionsSeenTcp = walkers.Sum(walker => TrackVerdict.PositionsSeen(walker.Track, onTcp.SightingsOf(walker.Member), time, tolerance)),
            PositionsSeenWs = walkers.Sum(walker => TrackVerdict.PositionsSeen(walker.Track, onWs.SightingsOf(walker.Member), time, tolerance)),
            BadValues = walkers.Sum(walker =>
                TrackVerdict.BadValues(walker.Track, onTcp.SightingsOf(walker.Member), time, tolerance) +
                TrackVerdict.BadValues(walker.Track, onWs.SightingsOf(walker.Member), time, tolerance)),
            PresenceErrors = errors,
        };
    }

    private static IEnumerable<(uint Member, PresenceKind Kind)> Told(TrackObserver observer, HashSet<uint> members) =>
        observer.Passages.Where(passage => members.Contains(passage.Member)).Select(passage => (passage.Member, passage.Kind));

    private void ThrowOnFault(TrackWalker[] walkers, params TrackObserver[] observers)
    {
        target.ThrowIfGone();
        if (walkers.Concat<RelaySession>(observers).FirstOrDefault(session => session.Fault is not null) is { } broken)
        {
            throw new LoadException($"a client in room '{broken.RoomName}' failed: {broken.Fault}");
        }

        if (walkers.FirstOrDefault(walker => walker.Space is null) is { } outside)
        {
            throw new LoadException(FormattableString.Invariant($"the server never let person {outside.Track.Person} into room '{_room}'"));
        }
    }
}
