using Relay.Load.Measure;
using Relay.Load.Tracks;
using Relay.Load.Wire;

namespace Relay.Load.Recordings.Replay;

/// <summary>Plays a recording once into a room of a server that runs. Its members stay until this is disposed.</summary>
internal sealed class ReplayRun : IAsyncDisposable
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly Dialler _dialler;
    private readonly ReplayRoom _room;
    private readonly double _speed;

    /// <summary>Prepares it.</summary>
    /// <param name="script">What to play.</param>
    /// <param name="address">Where the server is.</param>
    /// <param name="transport">How to connect.</param>
    /// <param name="room">The room to play in.</param>
    /// <param name="speed">How much faster than recorded.</param>
    public ReplayRun(ReplayScript script, ServerAddress address, LoadTransport transport, string room, double speed)
    {
        _dialler = new Dialler(address, transport, new WireCounter());
        _room = new ReplayRoom(script, room, isInOrder: true, Counts, _dialler.Open, watch: null);
        _speed = speed;
    }

    public ReplayCounts Counts { get; } = new();

    /// <summary>Plays all of it and waits for the last answer.</summary>
    /// <exception cref="LoadException">Those who are there at the start could not come in.</exception>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await _room.EnterAsync(atOnce: 1, cancellationToken).ConfigureAwait(false);
        _room.Begin(new TrackTime(Clock.NowNanos, _speed));
        using var player = new ReplayPlayer();
        player.Play([_room]);
        while (!_room.IsDone)
        {
            if (player.Fault.IsCompleted)
            {
                await player.Fault.ConfigureAwait(false);
            }

            await Clock.UntilAsync(Clock.NowNanos + 20_000_000, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _room.LeaveAsync().WaitAsync(FarewellTime, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The server does not answer; the sockets are closed below.
        }

        _dialler.Dispose();
    }
}
