namespace Relay.Core.Rooms.Stores;

/// <summary>
/// Takes what rooms have to be stored to the store: one writer for all of them, and each time everything that waits in one batch, so that
/// many rooms and many changes share one commit. Tries again for as long as it takes. Any thread.
/// </summary>
internal sealed class RoomSaver : IDisposable
{
    private readonly IRoomStore _store;
    private readonly SaverSettings _settings;
    private readonly TimeProvider _time;
    private readonly ISaverLog _log;
    private readonly Lock _gate = new();
    private readonly Queue<SaveJob> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _isRunning;
    private bool _isDisposed;
    private int _failures;
    private long _begun;

    // A batch that fails may fail for the sake of one room: fewer are tried together then, so that it holds up only itself.
    private int _most;

    public RoomSaver(IRoomStore store, SaverSettings settings, TimeProvider time, ISaverLog log)
    {
        _store = store;
        _settings = settings;
        _time = time;
        _log = log;
        _most = settings.MaxRooms;
    }

    /// <summary>Where rooms are stored.</summary>
    public IRoomStore Store => _store;

    /// <summary>Whether the last attempt failed, or takes longer than a member waits for its answer.</summary>
    public bool IsFailing =>
        Volatile.Read(ref _failures) > 0 ||
        (Volatile.Read(ref _begun) is > 0 and long since && _time.GetElapsedTime(since) > _settings.SlowAfter);

    /// <summary>Hands it a room's changes; at most one at a time of each room.</summary>
    public void Post(SaveJob job)
    {
        lock (_gate)
        {
            _waiting.Enqueue(job);
            if (_isRunning || _isDisposed)
            {
                return;
            }

            _isRunning = true;
            CancellationToken stop = _stop.Token;
            _ = Task.Run(() => RunAsync(stop), CancellationToken.None);
        }
    }

    /// <summary>Ends it; what is not stored by now is not stored.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && TakeBatch() is { } batch)
        {
            if (await TrySaveAsync(batch, stop).ConfigureAwait(false))
            {
                _most = Math.Min(_settings.MaxRooms, _most * 2);
                foreach (SaveJob job in batch)
                {
                    job.Finish();
                }
            }
            else if (!await WaitAsync(batch, stop).ConfigureAwait(false))
            {
                return;
            }
        }
    }

    private List<SaveJob>? TakeBatch()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _isRunning = false;
                return null;
            }

            var batch = new List<SaveJob>();
            long rows = 0, bytes = 0;
            while (batch.Count < _most && _waiting.TryPeek(out SaveJob? next) &&
                (batch.Count == 0 || (rows + next.Rows <= _settings.MaxRows && bytes + next.Bytes <= _settings.MaxBytes)))
            {
                batch.Add(_waiting.Dequeue());
                rows += next.Rows;
                bytes += next.Bytes;
            }

            return batch;
        }
    }

    private async Task<bool> TrySaveAsync(List<SaveJob> batch, CancellationToken stop)
    {
        long begun = _time.GetTimestamp();
        Volatile.Write(ref _begun, Math.Max(1, begun));
        try
        {
            await _store.SaveAsync([.. batch.Select(job => job.Changes)], stop).ConfigureAwait(false);
            if (_failures > 0)
            {
                _log.Back();
            }

            Volatile.Write(ref _failures, 0);
            _log.Saved(batch.Count, batch.Sum(job => job.Rows), _time.GetElapsedTime(begun));
            return true;
        }
#pragma warning disable CA1031 // Whatever a store throws: it is tried again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _failures, _failures + 1);
            if (!stop.IsCancellationRequested)
            {
                _log.Failed(e, batch.Count, _failures);
            }

            return false;
        }
        finally
        {
            Volatile.Write(ref _begun, 0);
        }
    }

    /// <summary>Puts back what could not be stored, behind what waits, and waits a while: the longer, the more often it failed.</summary>
    /// <returns>False: there is no more time.</returns>
    private async Task<bool> WaitAsync(List<SaveJob> batch, CancellationToken stop)
    {
        _most = Math.Max(1, batch.Count / 2);
        lock (_gate)
        {
            foreach (SaveJob job in batch)
            {
                _waiting.Enqueue(job);
            }
        }

        foreach (SaveJob job in batch)
        {
            job.Fail();
        }

        double longest = Math.Min(
            _settings.RetryTo.TotalMilliseconds, _settings.RetryFrom.TotalMilliseconds * Math.Pow(2, Math.Min(_failures - 1, 30)));
#pragma warning disable CA5394 // It only has to be uneven.
        double wait = longest * (0.5 + (Random.Shared.NextDouble() / 2));
#pragma warning restore CA5394
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(wait), _time, stop).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>How a <see cref="RoomSaver"/> goes about it.</summary>
internal sealed record SaverSettings
{
    /// <summary>The most rooms in a batch.</summary>
    public int MaxRooms { get; init; } = 1000;

    /// <summary>The most rows in a batch, unless one room has more.</summary>
    public int MaxRows { get; init; } = 5000;

    /// <summary>The most bytes of values in a batch, unless one room has more.</summary>
    public long MaxBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long it waits after a failure at first.</summary>
    public TimeSpan RetryFrom { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it waits after a failure at most.</summary>
    public TimeSpan RetryTo { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>An attempt that takes longer counts as failing while it lasts.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>Who is told how saving goes. Any thread, one call at a time.</summary>
internal interface ISaverLog
{
    /// <summary>A batch is stored.</summary>
    void Saved(int rooms, int rows, TimeSpan took);

    /// <summary>A batch is not stored.</summary>
    /// <param name="exception">Why.</param>
    /// <param name="rooms">How many rooms it was.</param>
    /// <param name="failures">How many in a row.</param>
    void Failed(Exception exception, int rooms, int failures);

    /// <summary>The first batch that is stored after one was not.</summary>
    void Back();
}

/// <summary>A room's changes on the way to the store.</summary>
internal sealed class SaveJob(Shard shard, Room room, RoomKeeper keeper, RoomChanges changes, ulong upTo)
{
    public RoomChanges Changes => changes;

    /// <summary>Rows that it changes.</summary>
    public int Rows { get; } =
        changes.Objects.Count + changes.Attributes.Count + changes.RemovedObjects.Count +
        changes.RemovedAttributes.Count + changes.Places.Count;

    /// <summary>Bytes of values.</summary>
    public long Bytes { get; } = changes.Attributes.Sum(value => (long)value.Value.Length);

    public void Finish() => shard.Lane.Push(new Answer(room, keeper, upTo, isStored: true));

    public void Fail() => shard.Lane.Push(new Answer(room, keeper, upTo, isStored: false));

    private sealed class Answer(Room room, RoomKeeper keeper, ulong upTo, bool isStored) : ShardMessage
    {
        public override void Handle(Shard shard)
        {
            if (isStored)
            {
                shard.SaveDesk.Stored(keeper, room, upTo);
            }
            else
            {
                keeper.Failed();
            }
        }
    }
}
