namespace Relay.Core.Rooms;

/// <summary>
/// The way into a shard: a lock-free list of the connections that want attention, each at most once, so it is bounded by their number.
/// What they want lies in their own mailbox and queue.
/// </summary>
internal sealed class ShardLane
{
    private const int Awake = 0;
    private const int AsleepUntilInput = 1;

    private readonly LaneStack<Connection> _connections = new();
    private readonly LaneStack<ShardMessage> _messages = new();
    private Action? _wake;
    private int _mode;

    /// <summary>Called from a posting thread, once for each time that the shard had said that it sleeps until there is input.</summary>
    public Action? Wake
    {
        set => _wake = value;
    }

    /// <summary>Puts a connection on the list. Any thread; <see cref="Connection.Attend"/> keeps it to once.</summary>
    public void Push(Connection connection)
    {
        _connections.Push(connection);
        WakeIfAsleep();
    }

    /// <summary>Gives the shard a message. Any thread; rare (a new connection, a move between shards, a drain).</summary>
    public void Push(ShardMessage message)
    {
        _messages.Push(message);
        WakeIfAsleep();
    }

    /// <summary>Takes the whole list of connections, in the order of arrival. The shard's thread.</summary>
    public Connection? TakeConnections() => _connections.TakeAll();

    /// <summary>Takes all messages, in the order of arrival. The shard's thread.</summary>
    public ShardMessage? TakeMessages() => _messages.TakeAll();

    /// <summary>The shard is about to sleep and wants to be woken by input.</summary>
    /// <returns>False when there is input already: do not sleep.</returns>
    public bool BeginSleepUntilInput()
    {
        Interlocked.Exchange(ref _mode, AsleepUntilInput);
        if (_connections.IsEmpty && _messages.IsEmpty)
        {
            return true;
        }

        Volatile.Write(ref _mode, Awake);
        return false;
    }

    /// <summary>The shard is awake again.</summary>
    public void EndSleep() => Volatile.Write(ref _mode, Awake);

    private void WakeIfAsleep()
    {
        // The compare-exchange of the push is the fence between "list filled" and "mode read".
        if (Volatile.Read(ref _mode) == AsleepUntilInput && Interlocked.Exchange(ref _mode, Awake) == AsleepUntilInput)
        {
            _wake?.Invoke();
        }
    }
}

/// <summary>Something that a shard is told apart from its connections' commands.</summary>
internal abstract class ShardMessage : ILinked<ShardMessage>
{
    public ShardMessage? Next { get; set; }

    /// <summary>Does it. The shard's thread.</summary>
    public abstract void Handle(Shard shard);

    /// <summary>The shard has ended and will not do it.</summary>
    public virtual void Abandon()
    {
    }
}
