using Relay.Core.Rooms;
using Relay.Core.Transport;

namespace Relay.Core.Hosting;

/// <summary>
/// Runs one shard: step, sleep, step. It sleeps until the cadence or the next tick, whichever the options ask for; when the last step
/// found nothing to do, until something arrives.
/// </summary>
internal sealed class ShardThread : IDisposable
{
    private readonly Shard _shard;
    private readonly RelayClock _clock;
    private readonly InputCadence _cadence;
    private readonly Action<Exception> _onCrash;
    private readonly IShardSleep _sleep;
    private readonly Thread _thread;
    private volatile bool _stop;

    public ShardThread(int index, Shard shard, IShardSleep sleep, RelayClock clock, InputCadence cadence, Action<Exception> onCrash)
    {
        _shard = shard;
        _clock = clock;
        _cadence = cadence;
        _onCrash = onCrash;
        _sleep = sleep;
        shard.Lane.Wake = sleep.Wake;
        _thread = new Thread(Run) { IsBackground = true, Name = $"relay-shard-{index}" };
    }

    public void Start() => _thread.Start();

    /// <summary>Ends the thread after the step under way.</summary>
    public void Dispose()
    {
        _stop = true;
        _sleep.Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _sleep.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stop)
            {
                _sleep.Collect();
                Sleep(_shard.Step(_clock.Micros));
            }
        }
        catch (Exception e) when (Report(e))
        {
            // A shard that has lost its state must not go on: the process ends with the log of it.
        }
    }

    private bool Report(Exception exception)
    {
        _onCrash(exception);
        return true;
    }

    /// <summary>Sleeps until <paramref name="next"/> at the latest.</summary>
    private void Sleep(long next)
    {
        long now = _clock.Micros;
        bool untilInput = !_shard.WasBusy || (_cadence.IsTick ? !_shard.HasTicks : _cadence.Milliseconds == 0);
        if (!untilInput && !_cadence.IsTick)
        {
            next = Math.Min(next, now + (_cadence.Milliseconds * 1000L));
        }

        if (next <= now)
        {
            return;
        }

        long micros = next == long.MaxValue ? next : next - now;
        if (!untilInput && micros != long.MaxValue)
        {
            // Input waits for the cadence; only a stop wakes earlier.
            _sleep.Sleep(micros);
        }
        else if (_shard.Lane.BeginSleepUntilInput())
        {
            _sleep.SleepUntilInput(_stop ? 0 : micros);
            _shard.Lane.EndSleep();
        }
    }
}
