namespace Relay.Host.Storage;

/// <summary>Which SQL database.</summary>
internal enum DatabaseKind
{
    /// <summary>SQLite, in a file or in memory.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    PostgreSql,
}
