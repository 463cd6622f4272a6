namespace Relay.Host.Storage;

/// <summary>How the database has been of late, and the log lines when that changes: one when it fails, one a minute while it does, one when
/// it is back. From any thread.</summary>
internal sealed class StoreState(ILogger<StoreState> log, TimeProvider time)
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private volatile Fault? _fault;
    private long _since;
    private long _told;
    private long _failures;

    /// <summary>Why it does not work; null while it does.</summary>
    public Fault? Fault => _fault;

    /// <summary>The database was opened.</summary>
    public void Opened(Database database, Migrator migrator) => log.Opened(database.Description, migrator.Version, migrator.Applied);

    /// <summary>An operation has failed for good.</summary>
    public void Failed(Fault fault)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            bool isNew = _fault is null;
            if (isNew)
            {
                _since = now;
                _failures = 0;
            }

            _failures++;
            _fault = fault;
            if (isNew || time.GetElapsedTime(_told, now) >= Repeat)
            {
                _told = now;
                log.DatabaseFails(fault.Text, _failures, time.GetElapsedTime(_since, now).TotalSeconds);
            }
        }
    }

    /// <summary>An operation has succeeded.</summary>
    public void Succeeded()
    {
        if (_fault is null)
        {
            return;
        }

        lock (_lock)
        {
            if (_fault is not null)
            {
                _fault = null;
                log.DatabaseIsBack(_failures, time.GetElapsedTime(_since).TotalSeconds);
            }
        }
    }
}
