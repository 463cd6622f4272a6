using Relay.Load.Measure;

namespace Relay.Load.Walkers;

/// <summary>A thread that sends every value when it is due, or as soon after as it gets to run.</summary>
internal sealed class Sender : IDisposable
{
    private readonly Walker[] _walkers;
    private readonly Schedule _schedule;
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly Thread _thread;

    public Sender(Walker[] walkers, Schedule schedule)
    {
        _walkers = walkers;
        _schedule = schedule;
        _thread = new Thread(Run) { IsBackground = true, Name = "sender" };
        _thread.Start();
    }

    /// <summary>How much later than due values were sent, over the whole run: the tester's own part of the latency.</summary>
    public LatencyHistogram Lag { get; } = new();

    /// <summary>Values that a socket did not take because the server did not read.</summary>
    public long Skipped { get; private set; }

    public void Stop()
    {
        _stop.Set();
        _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private void Run()
    {
        long turn = 0;
        while (true)
        {
            long now = Clock.NowNanos;
            long due = _schedule.DueNanos(turn);
            if (due > now)
            {
                // A millisecond is the finest wait that an event offers; it is part of the measured latency, so it never flatters.
                int wait = (int)Math.Clamp((due - now) / 1_000_000, 1, 50);
                if (_stop.WaitOne(wait))
                {
                    return;
                }

                continue;
            }

            Lag.Record(now - due);
            Skipped += _walkers[_schedule.WalkerOf(turn)].Send(due) ? 0 : 1;
            turn++;
            if (turn % 256 == 0 && _stop.WaitOne(0))
            {
                return;
            }
        }
    }
}
