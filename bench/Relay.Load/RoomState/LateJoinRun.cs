using System.Globalization;
using Relay.Load.Cli;
using Relay.Load.Compare;
using Relay.Load.Measure;
using Relay.Load.Server;
using Relay.Load.Walkers;
using Relay.Load.Wire;

namespace Relay.Load.RoomState;

/// <summary>
/// Newcomers join rooms that are full of objects, one after another, each when the one before has gone; how long until each knows all there
/// is, and what that costs the server. Rooms of several sizes take turns, on one server, so that it drifts for all alike.
/// </summary>
internal sealed class LateJoinRun(Target target, LoadOptions options, Progress progress)
{
    /// <summary>Time for a departure to be told and for the server to have nothing left to do.</summary>
    private const long PauseNanos = 250_000_000;

    private const int MillisPerJoin = 30_000;

    public async Task<Figures> RunAsync(CancellationToken cancellationToken)
    {
        string suffix = options.Connect is null ? string.Empty : "-" + Guid.NewGuid().ToString("N")[..8];
        FullRoom[] rooms = [.. options.LateJoin.Select((objects, i) =>
            new FullRoom(string.Create(CultureInfo.InvariantCulture, $"late-{i}{suffix}"), objects))];
        using var crowd = new Crowd();
        var wire = new WireCounter();
        foreach (FullRoom room in rooms)
        {
            await FillAsync(room, crowd, wire, cancellationToken).ConfigureAwait(false);
        }

        // The first joins of each room are not the figure: the server's code is still being compiled.
        int rehearsals = Math.Min(5, options.Joins);
        foreach ((int round, int index) in Interleaving.Order(rooms.Length, options.Joins + rehearsals))
        {
            FullRoom room = rooms[index];
            progress.Say(FormattableString.Invariant($"Join {round + 1} of {options.Joins + rehearsals} to {room.Objects} objects"));
            NewcomerResult result = await JoinAsync(room, cancellationToken).ConfigureAwait(false);
            if (round >= rehearsals)
            {
                room.Results.Add(result);
            }
        }

        LateJoinFigures[] found = [.. rooms.Select(room => room.Figures())];
        return new Figures
        {
            LateJoins = found,
            Objects = found[^1].Objects,
            Attributes = found[^1].Objects * (double)Filler.AttributesEach,
            Joins = found[^1].Joins,
            JoinP50Millis = found[^1].P50Millis,
            JoinP99Millis = found[^1].P99Millis,
            ServerCpuMillisPerJoin = found[^1].ServerCpuMillis,
            WireKibPerJoin = found[^1].WireKib,
            JoinCpuRatio = found.Length == 2 ? found[1].ServerCpuMillis / found[0].ServerCpuMillis : null,
            Connections = crowd.Count,
        };
    }

    private async Task FillAsync(FullRoom room, Crowd crowd, WireCounter wire, CancellationToken cancellationToken)
    {
        progress.Say(FormattableString.Invariant($"Making {room.Objects} objects"));
        var filler = new Filler(room.Name, room.Objects);
        await JoinAsync([filler]).ConfigureAwait(false);
        await filler.Filled.WaitAsync(cancellationToken).ConfigureAwait(false);
        await JoinAsync([.. Enumerable.Range(1, options.Clients - 1).Select(_ => new Bystander(room.Name))]).ConfigureAwait(false);

        Task JoinAsync(Bystander[] members) =>
            crowd.OpenAsync(members, target.Address, options.Transport, wire, opened: null, progress, cancellationToken);
    }

    private async Task<NewcomerResult> JoinAsync(FullRoom room, CancellationToken cancellationToken)
    {
        await Clock.UntilAsync(Clock.NowNanos + PauseNanos, cancellationToken).ConfigureAwait(false);
        target.ThrowIfGone();
        var wire = new WireCounter { On = true };
        var newcomer = new Newcomer(room.Name);
        using var connection = new LoadConnection(target.Address.EndPoint(options.Transport), options.Transport, newcomer, wire);
        long? before = target.ProcessorNanos();
        long begun = Clock.NowNanos;
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            long consistent = await newcomer.Consistent
                .WaitAsync(TimeSpan.FromMilliseconds(MillisPerJoin), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            long? cpu = target.ProcessorNanos() - before;
            newcomer.SendClose(connection);
            return newcomer.Objects == room.Objects && newcomer.Attributes == room.Objects * Filler.AttributesEach
                ? new NewcomerResult(consistent - begun, cpu, wire.Bytes)
                : throw new LoadException(FormattableString.Invariant(
                    $"a newcomer was told of {newcomer.Objects} objects and {newcomer.Attributes} attributes of {room.Objects} objects"));
        }
        catch (Exception e) when (e is IOException or TimeoutException or System.Net.Sockets.SocketException)
        {
            throw new LoadException($"a newcomer could not join: {e.Message}");
        }
    }

    /// <summary>What one join took.</summary>
    private readonly record struct NewcomerResult(long Nanos, long? ServerNanos, long Bytes);

    /// <summary>A room of one size, and what its joins took.</summary>
    private sealed class FullRoom(string name, int objects)
    {
        public string Name => name;

        public int Objects => objects;

        public List<NewcomerResult> Results { get; } = [];

        public LateJoinFigures Figures()
        {
            var latency = new LatencyHistogram();
            Results.ForEach(result => latency.Record(result.Nanos));
            double[] server = [.. Results.Select(result => result.ServerNanos).OfType<long>().Select(nanos => nanos / 1e6)];
            return new LateJoinFigures
            {
                Objects = objects,
                Joins = Results.Count,
                P50Millis = latency.Quantile(0.5) / 1e6,
                P99Millis = latency.Quantile(0.99) / 1e6,
                ServerCpuMillis = server.Length > 0 ? Median.Of(server) : null,
                WireKib = Results.Average(result => result.Bytes) / 1024,
            };
        }
    }
}
