namespace Relay.Host.Storage;

/// <summary>Who works on the database at a time, and how many wait for it: first come, first served, both bounded.</summary>
internal sealed class Turns : IDisposable
{
    private readonly SemaphoreSlim _free;
    private readonly string _what;
    private readonly int _limit;
    private readonly int _maxWaiting;
    private readonly TimeSpan _timeout;
    private readonly Action<TimeSpan> _waited;
    private readonly TimeProvider _time;
    private int _waiting;

    /// <summary>Makes them.</summary>
    /// <param name="what">What they are for, for people: "reads".</param>
    /// <param name="limit">How many at a time.</param>
    /// <param name="options">How many may wait, and how long.</param>
    /// <param name="waited">Told of each wait that was over in time.</param>
    /// <param name="time">What the time is.</param>
    public Turns(string what, int limit, StorageOptions options, Action<TimeSpan> waited, TimeProvider time)
    {
        _what = what;
        _limit = limit;
        _maxWaiting = options.MaxWaiting;
        _timeout = options.WaitTimeout;
        _waited = waited;
        _time = time;
        _free = new SemaphoreSlim(limit, limit);
    }

    /// <summary>Turns that are taken.</summary>
    public int Used => _limit - _free.CurrentCount;

    /// <summary>Waits for one. Who gets it calls <see cref="Leave"/>.</summary>
    /// <exception cref="TurnRefusedException">Too many wait, or none came in time.</exception>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        if (_free.Wait(0, CancellationToken.None))
        {
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > _maxWaiting)
            {
                throw new TurnRefusedException($"{_maxWaiting} {_what} wait for it already");
            }

            long start = _time.GetTimestamp();
            if (!await _free.WaitAsync(_timeout, cancellationToken).ConfigureAwait(false))
            {
                throw new TurnRefusedException($"all its {_limit} connections for {_what} were busy for {_timeout.TotalSeconds} s");
            }

            _waited(_time.GetElapsedTime(start));
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Gives one back.</summary>
    public void Leave() => _free.Release();

    public void Dispose() => _free.Dispose();
}

/// <summary>No connection was free.</summary>
internal sealed class TurnRefusedException(string message) : Exception(message);
