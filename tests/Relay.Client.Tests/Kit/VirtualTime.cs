namespace Relay.Client.Tests.Kit;

/// <summary>A clock that moves when the test says so, and fires the timers that it passes. A test can wait for a timer to be set.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _micros = 1_000_000;

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => Volatile.Read(ref _micros);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until a timer is set that fires once, within a time from now.</summary>
    public async Task TimerAsync(TimeSpan within)
    {
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (_timers.Any(timer => timer.Period == Timeout.InfiniteTimeSpan && timer.Due - _micros <= (long)within.TotalMicroseconds))
                {
                    return;
                }

                next = _set.Task;
            }

            await next.InTimeAsync("a timer");
        }
    }

    public void Advance(TimeSpan by)
    {
        long end = GetTimestamp() + (long)by.TotalMicroseconds;
        while (TakeDue(end) is { } due)
        {
            due.Fire();
        }

        Volatile.Write(ref _micros, end);
    }

    private Timer? TakeDue(long end)
    {
        lock (_gate)
        {
            Timer? first = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (first is not null)
            {
                _micros = Math.Max(_micros, first.Due);
                first.Next();
            }

            return first;
        }
    }

    private sealed class Timer(VirtualTime time, Action callback) : ITimer
    {
        public long Due { get; private set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback();

        public void Next()
        {
            Due += (long)Period.TotalMicroseconds;
            if (Period <= TimeSpan.Zero)
            {
                time._timers.Remove(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                Period = period;
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = time._micros + (long)dueTime.TotalMicroseconds;
                    time._timers.Add(this);
                }

                time._set.TrySetResult();
                time._set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
