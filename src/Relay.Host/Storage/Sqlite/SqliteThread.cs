using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Relay.Host.Storage.Sqlite;

/// <summary>
/// A connection to SQLite and the thread that it is used on. SQLite blocks (a commit waits for the disk), and must not do so on the thread
/// pool, of which a small machine has two. The connection is opened with the first piece of work, and again after it was dropped.
/// </summary>
internal sealed class SqliteThread : IAsyncDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<SqliteConnection> _open;
    private SqliteConnection? _connection;
    private volatile bool _isDropped;

    public SqliteThread(string name, Func<SqliteConnection> open)
    {
        _open = open;
        new Thread(Work) { Name = name, IsBackground = true }.Start();
    }

    /// <summary>Has something done. In the order of the calls.</summary>
    /// <param name="work">What; it must not wait for anything but the connection, which completes at once.</param>
    public Task<T> RunAsync<T>(Func<SqliteConnection, Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work(Connection()).GetAwaiter().GetResult());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    /// <summary>The connection is closed before the next piece of work.</summary>
    public void Drop() => _isDropped = true;

    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        _work.Dispose();
    }

    private SqliteConnection Connection()
    {
        if (_isDropped)
        {
            _isDropped = false;
            Close();
        }

        return _connection ??= _open();
    }

    private void Work()
    {
        foreach (Action action in _work.GetConsumingEnumerable())
        {
            action();
        }

        Close();
        _ended.SetResult();
    }

    private void Close()
    {
        SqliteConnection? old = _connection;
        _connection = null;
        try
        {
            old?.Dispose();
        }
        catch (SqliteException)
        {
            // Its file is not well; that has been told already.
        }
    }
}
