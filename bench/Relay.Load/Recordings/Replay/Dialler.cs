using Relay.Load.Wire;

namespace Relay.Load.Recordings.Replay;

/// <summary>Opens the connections of a replay's sessions, and closes them all at the end.</summary>
internal sealed class Dialler(ServerAddress address, LoadTransport transport, WireCounter wire) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<LoadConnection> _connections = [];

    /// <summary>How many were opened so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Opens one; the session is told when it is open, or why it is not.</summary>
    public LoadConnection Open(ReplaySession session)
    {
        var connection = new LoadConnection(address.EndPoint(transport), transport, session, wire);
        lock (_gate)
        {
            _connections.Add(connection);
        }

        _ = OpenAsync(connection, session);
        return connection;
    }

    public void Dispose() => _connections.ForEach(connection => connection.Dispose());

    private static async Task OpenAsync(LoadConnection connection, ReplaySession session)
    {
        // Not on the caller's thread: it holds the room's lock, and plays.
        await Task.Yield();
        try
        {
            await connection.OpenAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            session.Fail(e.Message);
            connection.Dispose();
        }
    }
}
