namespace Relay.Core.Rooms;

/// <summary>
/// The way into a shard: a lock-free list of the connections that want attention, each at most once, so it is bounded by their number. What they want lies in
/// their own mailbox and queue.
/// </summary>
internal sealed class ShardLane
{
    private Connection? _head;
    private ShardMessage? _messages;
    private Action? _wake;
    private int _mode;

    private const int Awake = 0;
    private const int AsleepUntilInput = 1;

    /// <summary>Called once from a posting thread when the shard had said that it sleeps until there is input.</summary>
    public Action? Wake
    {
        set => _wake = value;
    }

    /// <summary>Puts a connection on the list. Any thread; <see cref="Connection.Attend"/> keeps it to once.</summary>
    public void Push(Connection connection)
    {
        Connection? head = Volatile.Read(ref _head);
        while (true)
        {
            connection.NextInLane = head;
            Connection? seen = Interlocked.CompareExchange(ref _head, connection, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        WakeIfAsleep();
    }

    /// <summary>Gives the shard a message. Any thread; rare (a new connection, a move between shards, a drain).</summary>
    public void Push(ShardMessage message)
    {
        ShardMessage? head = Volatile.Read(ref _messages);
        while (true)
        {
            message.Next = head;
            ShardMessage? seen = Interlocked.CompareExchange(ref _messages, message, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        WakeIfAsleep();
    }

    /// <summary>Takes the whole list, in the order of arrival. The shard's thread.</summary>
    public Connection? TakeAll()
    {
        Connection? connection = Interlocked.Exchange(ref _head, null);
        Connection? reversed = null;
        while (connection is not null)
        {
            (connection.NextInLane, reversed, connection) = (reversed, connection, connection.NextInLane);
        }

        return reversed;
    }

    /// <summary>Takes all messages, in the order of arrival. The shard's thread.</summary>
    public ShardMessage? TakeMessages()
    {
        ShardMessage? message = Interlocked.Exchange(ref _messages, null);
        ShardMessage? reversed = null;
        while (message is not null)
        {
            (message.Next, reversed, message) = (reversed, message, message.Next);
        }

        return reversed;
    }

    /// <summary>The shard is about to sleep and wants to be woken by input.</summary>
    /// <returns>False when there is input already: do not sleep.</returns>
    public bool BeginSleepUntilInput()
    {
        Interlocked.Exchange(ref _mode, AsleepUntilInput);
        if (Volatile.Read(ref _head) is null && Volatile.Read(ref _messages) is null)
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
internal abstract class ShardMessage
{
    /// <summary>The next message in the lane's list.</summary>
    public ShardMessage? Next { get; set; }

    /// <summary>Does it. The shard's thread.</summary>
    public abstract void Handle(Shard shard);
}
