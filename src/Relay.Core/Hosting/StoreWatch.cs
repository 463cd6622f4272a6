using Microsoft.Extensions.Logging;
using Relay.Core.Rooms.Stores;

namespace Relay.Core.Hosting;

/// <summary>Says in log and metrics how the store of rooms does; a store that fails for long says so twice a minute. Any thread.</summary>
internal sealed class StoreWatch(RelayMetrics metrics, TimeProvider time, ILogger log) : ISaverLog
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private long _toldFailure;
    private long _toldLoad;

    public void Saved(int rooms, int rows, TimeSpan took) => metrics.Saved(took);

    public void Failed(Exception exception, int rooms, int failures)
    {
        metrics.SaveFailed();
        if (failures == 1 || IsDue(ref _toldFailure))
        {
            Interlocked.Exchange(ref _toldFailure, time.GetTimestamp());
            log.StoreFailed(exception, rooms, failures);
        }
    }

    public void Back() => log.StoreIsBack();

    /// <summary>Something could not be fetched.</summary>
    public void LoadFailed(Exception exception)
    {
        metrics.SaveFailed();
        if (IsDue(ref _toldLoad))
        {
            log.LoadFailed(exception);
        }
    }

    private bool IsDue(ref long told)
    {
        long last = Interlocked.Read(ref told), now = time.GetTimestamp();
        return (last == 0 || time.GetElapsedTime(last, now) >= Pause) &&
            Interlocked.CompareExchange(ref told, Math.Max(1, now), last) == last;
    }
}
