namespace Relay.Host.Storage;

/// <summary>How the database has been of late, and the log lines when that changes: one when it fails, one a minute while it does, one when
/// it is back; those of one that comes and goes at most every ten seconds. From any thread.</summary>
internal sealed class StoreState(ILogger<StoreState> log, TimeProvider time)
{
    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private volatile Fault? _fault;
    private long _since;
    private long? _told;
    private bool _isTold;
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
            if (_fault is null)
            {
                _since = now;
                _failures = 0;
                _isTold = false;
            }

            _failures++;
            _fault = fault;
            if (_told is not { } told || time.GetElapsedTime(told, now) >= (_isTold ? Repeat : Quiet))
            {
                _told = now;
                _isTold = true;
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
            if (_fault is null)
            {
                return;
            }

            _fault = null;
            if (_isTold)
            {
                log.DatabaseIsBack(_failures, time.GetElapsedTime(_since).TotalSeconds);
            }
        }
    }
}
