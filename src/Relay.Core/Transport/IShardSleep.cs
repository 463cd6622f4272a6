namespace Relay.Core.Transport;

/// <summary>Where a shard's thread waits, and fetches what came meanwhile. Times in microseconds.</summary>
internal interface IShardSleep : IDisposable
{
    /// <summary>Fetches what has arrived, without waiting.</summary>
    void Collect();

    /// <summary>Sleeps until something arrives, <see cref="Wake"/> is called, or the time is up.</summary>
    /// <param name="micros">How long; <see cref="long.MaxValue"/> for ever.</param>
    void SleepUntilInput(long micros);

    /// <summary>Sleeps until <see cref="Wake"/> is called or the time is up, whatever arrives.</summary>
    void Sleep(long micros);

    /// <summary>Ends the sleep under way, or the next one. Any thread.</summary>
    void Wake();
}

/// <summary>For a shard all of whose input comes through its lane.</summary>
internal sealed class LaneSleep : IShardSleep
{
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);

    public void Collect()
    {
    }

    public void SleepUntilInput(long micros)
    {
        _wake.Wait(micros == long.MaxValue ? Timeout.Infinite : (int)Math.Min(int.MaxValue, (micros + 999) / 1000));
        _wake.Reset();
    }

    public void Sleep(long micros) => SleepUntilInput(micros);

    public void Wake() => _wake.Set();

    public void Dispose() => _wake.Dispose();
}
