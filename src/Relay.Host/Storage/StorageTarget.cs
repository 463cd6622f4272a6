using System.Data.Common;
using Npgsql;

namespace Relay.Host.Storage;

/// <summary>The database that the options name.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Address">SQLite: the file, or <see cref="Memory"/>. PostgreSQL: the connection string, with secrets.</param>
/// <param name="Description">For people and logs: what and where, without secrets.</param>
internal sealed record StorageTarget(DatabaseKind Kind, string Address, string Description)
{
    /// <summary>The address of a database in this process.</summary>
    public const string Memory = ":memory:";

    private const string Setting = "Relay:Storage:ConnectionString";

    /// <summary>Finds it.</summary>
    /// <param name="options">What the settings say.</param>
    /// <param name="problem">What is wrong, in one line, without the string itself: it may hold a password, perhaps where none
    /// belongs.</param>
    /// <returns>Null if something is wrong.</returns>
    public static StorageTarget? Of(StorageOptions options, out string? problem)
    {
        problem = null;
        string? text = options.ConnectionString;
        if (string.IsNullOrWhiteSpace(text))
        {
            if (string.IsNullOrWhiteSpace(options.Directory))
            {
                problem = "Relay:Storage:Directory is empty.";
                return null;
            }

            return File(Path.Combine(options.Directory, "relay.db"));
        }

        if (text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal))
        {
            return PostgresUrl.TryRead(text, out NpgsqlConnectionStringBuilder? builder, out string? reason)
                ? Postgres(builder, out problem)
                : Wrong($"is a URL that cannot be read: {reason}", out problem);
        }

        var keys = new DbConnectionStringBuilder();
        try
        {
            keys.ConnectionString = text;
        }
        catch (ArgumentException)
        {
            return Wrong("is not a list of key=value with semicolons between them.", out problem);
        }

        if (keys.TryGetValue("Data Source", out object? source))
        {
            return keys.Count > 1 ? Wrong("takes nothing beside Data Source for SQLite.", out problem)
                : source is string { Length: > 0 } path ? File(path)
                : Wrong("names no file for SQLite: Data Source is empty.", out problem);
        }

        if (!keys.ContainsKey("Host") && !keys.ContainsKey("Server"))
        {
            return Wrong(
                "names no database: it begins with postgres:// or has Host=… (PostgreSQL) or Data Source=… (SQLite).",
                out problem);
        }

        try
        {
            return Postgres(new NpgsqlConnectionStringBuilder(text), out problem);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return Wrong("has a key that PostgreSQL's driver does not know, or a value out of its range.", out problem);
        }
    }

    private static StorageTarget File(string path) => path == Memory
        ? new(DatabaseKind.Sqlite, Memory, "SQLite in memory: nothing outlasts this process")
        : new(DatabaseKind.Sqlite, Path.GetFullPath(path), $"SQLite in {Path.GetFullPath(path)}");

    private static StorageTarget? Postgres(NpgsqlConnectionStringBuilder builder, out string? problem)
    {
        if (string.IsNullOrEmpty(builder.Host))
        {
            return Wrong("names no host.", out problem);
        }

        problem = null;
        string where = builder.Host.StartsWith('/') || builder.Host.Contains(',', StringComparison.Ordinal)
            ? builder.Host
            : $"{builder.Host}:{builder.Port}";
        return new(
            DatabaseKind.PostgreSql, builder.ConnectionString,
            $"PostgreSQL at {where}, database {builder.Database ?? builder.Username}");
    }

    private static StorageTarget? Wrong(string what, out string? problem)
    {
        problem = $"{Setting} {what}";
        return null;
    }
}
