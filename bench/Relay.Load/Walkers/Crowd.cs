using Relay.Load.Cli;
using Relay.Load.Wire;

namespace Relay.Load.Walkers;

/// <summary>Opens many connections, some at a time, and closes them.</summary>
internal sealed class Crowd : IDisposable
{
    /// <summary>Handshakes under way at once: enough to be quick, fewer than a listen queue holds.</summary>
    private const int AtOnce = 64;

    private readonly List<LoadConnection> _connections = [];

    public int Count => _connections.Count;

    /// <summary>Opens one connection for each session and waits until all have joined.</summary>
    /// <param name="sessions">The sessions.</param>
    /// <param name="address">Where the server is.</param>
    /// <param name="transport">How to connect.</param>
    /// <param name="wire">Counts received bytes.</param>
    /// <param name="opened">Told each connection before its session may send.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LoadException">One could not connect or join.</exception>
    public async Task OpenAsync<T>(
        IReadOnlyList<T> sessions, ServerAddress address, LoadTransport transport, WireCounter wire, Action<T, LoadConnection>? opened, Progress progress, CancellationToken cancellationToken)
        where T : RelaySession
    {
        int done = 0;
        foreach (T[] group in sessions.Chunk(AtOnce))
        {
            try
            {
                await Task.WhenAll(group.Select(session => OpenOneAsync(session))).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or TimeoutException or System.Net.Sockets.SocketException)
            {
                throw new LoadException($"connection {done + 1} or one of the {group.Length - 1} after it failed: {e.Message}");
            }

            done += group.Length;
            progress.Say($"Joined {done} of {sessions.Count}");
        }

        async Task OpenOneAsync(T session)
        {
            var connection = new LoadConnection(address.EndPoint(transport), transport, session, wire);
            lock (_connections)
            {
                _connections.Add(connection);
            }

            opened?.Invoke(session, connection);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await session.WaitJoinedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        foreach (LoadConnection connection in _connections)
        {
            connection.Dispose();
        }
    }
}
