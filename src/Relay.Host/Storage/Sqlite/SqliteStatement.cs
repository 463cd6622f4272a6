using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Relay.Host.Storage.Sqlite;

/// <summary>
/// A statement that is compiled once and run for many rows, on SQLite's own functions. The driver's commands look each parameter up by
/// name, box each value and encode each text on the heap, which for 50,000 rows takes longer than SQLite takes to write them.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = new byte[256];
    private int _bound;

    /// <summary>Compiles it.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="sql">One statement with <c>?1</c>, <c>?2</c>…</param>
    /// <exception cref="SqliteException">It cannot be compiled.</exception>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    /// <summary>Binds the next parameter.</summary>
    public SqliteStatement Bind(string value)
    {
        if (value.Length == 0)
        {
            // An empty span is a null pointer, which SQLite takes for NULL.
            return Bound(raw.sqlite3_bind_text(_statement, ++_bound, ""));
        }

        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (_text.Length < most)
        {
            _text = new byte[most];
        }

        // SQLite copies it.
        int length = Encoding.UTF8.GetBytes(value, _text);
        return Bound(raw.sqlite3_bind_text(_statement, ++_bound, _text.AsSpan(0, length)));
    }

    /// <inheritdoc cref="Bind(string)"/>
    public SqliteStatement Bind(long value) => Bound(raw.sqlite3_bind_int64(_statement, ++_bound, value));

    /// <inheritdoc cref="Bind(string)"/>
    public SqliteStatement Bind(double? value) =>
        Bound(value is { } number ? raw.sqlite3_bind_double(_statement, ++_bound, number) : raw.sqlite3_bind_null(_statement, ++_bound));

    /// <inheritdoc cref="Bind(string)"/>
    public SqliteStatement Bind(ReadOnlySpan<byte> value) =>
        Bound(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, ++_bound, 0) : raw.sqlite3_bind_blob(_statement, ++_bound, value));

    /// <summary>Runs it with what was bound, and makes it ready for the next row.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Execute()
    {
        int result = raw.sqlite3_step(_statement);
        if (result is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }

        Check(raw.sqlite3_reset(_statement));
        _bound = 0;
    }

    public void Dispose() => _statement.Dispose();

    private SqliteStatement Bound(int result)
    {
        Check(result);
        return this;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }
}
