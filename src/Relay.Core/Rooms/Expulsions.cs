namespace Relay.Core.Rooms;

/// <summary>
/// Whose sessions were ended of late, all at once. A connection that was between two shards then, or whose client was just being asked for
/// its credentials, is on no shard's list; it is measured by this when it arrives. Immutable list, any thread.
/// </summary>
internal sealed class Expulsions
{
    /// <summary>How long an order is remembered: longer than anything takes to be let in.</summary>
    private const long KeptMicros = 600_000_000;

    private readonly Lock _gate = new();
    private Order[] _orders = [];

    /// <summary>Remembers an order.</summary>
    /// <param name="which">Whose sessions.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The server's clock in microseconds: clients that ask later are not meant.</param>
    public void Add(Func<Connection, bool> which, CloseReason reason, long now)
    {
        lock (_gate)
        {
            Volatile.Write(ref _orders, [.. _orders.Where(order => now - order.At < KeptMicros), new Order(which, reason, now)]);
        }
    }

    /// <summary>Why a session that arrives is to end; null if it is not.</summary>
    public CloseReason? Find(Connection connection)
    {
        foreach (Order order in Volatile.Read(ref _orders))
        {
            if (connection.Asked <= order.At && order.Concerns(connection))
            {
                return order.Reason;
            }
        }

        return null;
    }

    private sealed record Order(Func<Connection, bool> Which, CloseReason Reason, long At)
    {
        public bool Concerns(Connection connection)
        {
            try
            {
                return Which(connection);
            }
#pragma warning disable CA1031 // The embedder's code must not bring a shard down; whoever gave the order has been told of the fault.
            catch
#pragma warning restore CA1031
            {
                return false;
            }
        }
    }
}
