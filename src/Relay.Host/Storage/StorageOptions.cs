namespace Relay.Host.Storage;

/// <summary>Where what lasts is kept, section <c>Relay:Storage</c>. Read once, at start.</summary>
internal sealed class StorageOptions
{
    private const int MaxConnections = 1000;

    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    /// <summary>
    /// Which database. <c>Data Source=FILE</c> is SQLite, <c>Data Source=:memory:</c> SQLite in this process's memory (nothing outlasts
    /// it), <c>Host=…</c> or <c>postgres://…</c> PostgreSQL. Default: SQLite in the file <c>relay.db</c> in <see cref="Directory"/>. It may
    /// hold a password, so it is never shown.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The directory of the default SQLite file, made if it is missing, for this user alone. Default <c>data</c> in the working
    /// directory.</summary>
    public string Directory { get; set; } = "data";

    /// <summary>
    /// Whether the program is nothing without its database. Default true: it does not start until the database answers, and is not ready
    /// while it does not. False: it starts and works without, says <c>Degraded</c>, and goes on trying; meanwhile nobody is kept out by a
    /// ban.
    /// </summary>
    public bool Require { get; set; } = true;

    /// <summary>The most time for one statement. Default 10 s, far above what any takes on a database that is well; 1 s to 1 h.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an operation is tried again after faults that pass (a lost connection, a deadlock). Default 3 s: longer than a
    /// restart of the database, shorter than people wait; 0 to 1 h.</summary>
    public TimeSpan RetryTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The most time that an operation waits for a connection that is free. Default 5 s; up to 1 h.</summary>
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most operations that wait for a connection, reads and writes each; more are refused at once. Default 1024.</summary>
    public int MaxWaiting { get; set; } = 1024;

    /// <summary>Connections for reads, 1 to 1000. Default 6. They are apart from <see cref="Writers"/>, so that many slow reads never keep
    /// a write from its connection.</summary>
    public int Readers { get; set; } = 6;

    /// <summary>Connections for writes, 1 to 1000; SQLite always has one. Default 4: changes of rooms go in batches, one after the other,
    /// and take one of them.</summary>
    public int Writers { get; set; } = 4;

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        if (StorageTarget.Of(this, out string? problem) is null)
        {
            yield return problem!;
        }

        foreach ((string name, TimeSpan value, TimeSpan least) in new[]
        {
            (nameof(CommandTimeout), CommandTimeout, TimeSpan.FromSeconds(1)),
            (nameof(RetryTimeout), RetryTimeout, TimeSpan.Zero),
            (nameof(WaitTimeout), WaitTimeout, TimeSpan.FromMilliseconds(1)),
        })
        {
            if (value < least || value > MaxTimeout)
            {
                yield return $"Relay:Storage:{name} must be {least} to {MaxTimeout}; it is {value}.";
            }
        }

        foreach ((string name, int value) in new[] { (nameof(Readers), Readers), (nameof(Writers), Writers) })
        {
            if (value is < 1 or > MaxConnections)
            {
                yield return $"Relay:Storage:{name} must be 1 to {MaxConnections}; it is {value}.";
            }
        }

        if (MaxWaiting < 1)
        {
            yield return $"Relay:Storage:MaxWaiting must be at least 1; it is {MaxWaiting}.";
        }
    }
}
