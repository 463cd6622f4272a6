using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Relay.Host.Storage;

/// <summary>What a failure of the database means. Anything that is not the database's fault (a broken constraint, a mistake in SQL) is
/// none.</summary>
/// <param name="Code">The SQLSTATE, SQLite's result code, or a word: low in number, for metrics.</param>
/// <param name="Text">For people, without secrets.</param>
/// <param name="Passes">Whether the same may work in a moment.</param>
/// <param name="BreaksConnection">Whether connections that were open may be dead.</param>
internal sealed record Fault(string Code, string Text, bool Passes, bool BreaksConnection)
{
    /// <summary>Says what an exception means.</summary>
    /// <returns>Null if it is no fault of the database.</returns>
    public static Fault? Of(Exception exception) => exception switch
    {
        PostgresException e => OfPostgres(e),
        NpgsqlException { InnerException: PostgresException e } => OfPostgres(e),
        NpgsqlException e when e.InnerException is TimeoutException => new("timeout", "it did not answer in time", true, true),
        NpgsqlException e => new("connection", $"no connection: {Reason(e)}", true, true),
        SqliteException e => OfSqlite(e),
        SocketException or IOException or TimeoutException => new("connection", $"no connection: {exception.Message}", true, true),
        TurnRefusedException e => new("busy", e.Message, false, false),
        _ => null,
    };

    private static string Reason(NpgsqlException e) => e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message;

    private static Fault? OfPostgres(PostgresException e)
    {
        Fault Passing(string text, bool breaks = false) => new(e.SqlState, $"{text} ({e.SqlState})", true, breaks);
        return e.SqlState switch
        {
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable =>
                Passing("others kept changing the same rows"),
            PostgresErrorCodes.QueryCanceled => Passing("the statement took too long"),
            PostgresErrorCodes.TooManyConnections => Passing("it has no connection left"),
            PostgresErrorCodes.DiskFull => Passing("its disk is full"),
            PostgresErrorCodes.OutOfMemory => Passing("it is out of memory"),
            PostgresErrorCodes.ReadOnlySqlTransaction => Passing("it is read-only", breaks: true),
            PostgresErrorCodes.IoError => Passing("it cannot read or write its files"),
            "25P03" => Passing("the transaction was idle for too long", breaks: true),
            PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                or PostgresErrorCodes.DatabaseDropped => Passing("it is shutting down or starting", breaks: true),
            _ when e.SqlState.StartsWith("08", StringComparison.Ordinal) => Passing("the connection broke", breaks: true),
            // A wrong password, a database or a right that is missing: only a person changes that.
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
                or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege =>
                new(e.SqlState, $"{e.MessageText} ({e.SqlState})", false, false),
            _ => null,
        };
    }

    private static Fault? OfSqlite(SqliteException e)
    {
        Fault Passing(string text, bool breaks) =>
            new($"sqlite_{e.SqliteErrorCode}", $"{text} (SQLite error {e.SqliteErrorCode})", true, breaks);
        return e.SqliteErrorCode switch
        {
            SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => Passing("another program keeps the file locked", false),
            SQLitePCL.raw.SQLITE_FULL => Passing("the disk is full", false),
            SQLitePCL.raw.SQLITE_READONLY => Passing("the file or its directory is read-only", true),
            SQLitePCL.raw.SQLITE_IOERR => Passing("the file cannot be read or written", true),
            SQLitePCL.raw.SQLITE_CANTOPEN => Passing("the file cannot be opened", true),
            SQLitePCL.raw.SQLITE_NOMEM => Passing("there is no memory left", true),
            SQLitePCL.raw.SQLITE_CORRUPT => new("sqlite_11", "the file is damaged (SQLite error 11)", false, true),
            SQLitePCL.raw.SQLITE_NOTADB => new("sqlite_26", "the file is not a database (SQLite error 26)", false, true),
            _ => null,
        };
    }
}
