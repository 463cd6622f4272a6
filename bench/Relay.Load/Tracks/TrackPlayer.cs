using Relay.Load.Measure;
using Relay.Load.Wire;

namespace Relay.Load.Tracks;

/// <summary>Plays people on one thread: connects them a little early, lets them in, moves them and takes them out when it is
/// time.</summary>
internal sealed class TrackPlayer : IDisposable
{
    /// <summary>Connections are opened this much before their person appears, so that joining is one message.</summary>
    public const long EarlyNanos = 1_500_000_000;

    private readonly PriorityQueue<(TrackWalker Walker, Act Act, long Number), long> _due = new();
    private readonly TrackTime _time;
    private readonly double _secondsPerStep;
    private readonly long _lingerNanos;
    private readonly Func<TrackWalker, LoadConnection> _connect;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    /// <summary>Starts playing.</summary>
    /// <param name="walkers">The people.</param>
    /// <param name="time">When.</param>
    /// <param name="rate">Positions a second of the clock.</param>
    /// <param name="lingerNanos">How long a person stays at the last position, so that it is told before they are gone.</param>
    /// <param name="connect">Makes a person's connection.</param>
    public TrackPlayer(IEnumerable<TrackWalker> walkers, TrackTime time, double rate, long lingerNanos, Func<TrackWalker, LoadConnection> connect)
    {
        _time = time;
        _secondsPerStep = time.Speed / rate;
        _lingerNanos = lingerNanos;
        _connect = connect;
        foreach (TrackWalker walker in walkers)
        {
            _due.Enqueue((walker, Act.Connect, 0), time.ToNanos(walker.Track.Begin) - EarlyNanos);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "player" };
        _thread.Start();
    }

    private enum Act
    {
        Connect,
        Join,
        Move,
        Leave,
        Close,
    }

    /// <summary>Completed when the last person has gone.</summary>
    public Task Done => _done.Task;

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (_due.TryPeek(out (TrackWalker Walker, Act Act, long Number) next, out long due))
        {
            long wait = due - Clock.NowNanos;
            if (wait > 0)
            {
                if (_stop.Token.WaitHandle.WaitOne((int)Math.Clamp(wait / 1_000_000, 1, 50)))
                {
                    return;
                }

                continue;
            }

            _due.Dequeue();
            Play(next.Walker, next.Act, next.Number, due);
        }

        _done.TrySetResult();
    }

    private void Play(TrackWalker walker, Act act, long number, long due)
    {
        Track track = walker.Track;
        switch (act)
        {
            case Act.Connect:
                walker.Connection = _connect(walker);
                _due.Enqueue((walker, Act.Join, 0), due + EarlyNanos);
                break;
            case Act.Join:
                walker.Join();
                EnqueueMove(walker, 1);
                break;
            case Act.Move:
                walker.SendAt(Math.Min(track.End, track.Begin + (number * _secondsPerStep)));
                EnqueueMove(walker, number + 1);
                break;
            case Act.Leave:
                walker.Depart();
                _due.Enqueue((walker, Act.Close, 0), due + 1_000_000_000);
                break;
            case Act.Close:
                walker.Connection!.Dispose();
                break;
        }
    }

    /// <summary>The next step along the track; the last one falls on its end exactly.</summary>
    private void EnqueueMove(TrackWalker walker, long number)
    {
        Track track = walker.Track;
        double seconds = track.Begin + (number * _secondsPerStep);
        if (seconds < track.End + _secondsPerStep)
        {
            _due.Enqueue((walker, Act.Move, number), _time.ToNanos(Math.Min(seconds, track.End)));
        }
        else
        {
            _due.Enqueue((walker, Act.Leave, 0), _time.ToNanos(track.End) + _lingerNanos);
        }
    }
}
