namespace Relay.Core.Transport.Direct;

/// <summary>
/// A shard's descriptors: watches them, reads those that are ready, and is where the shard sleeps. Everything but <see cref="Wake"/>
/// belongs to the shard's thread.
/// </summary>
internal sealed class ShardPort : IShardSleep
{
    /// <summary>
    /// Bytes that one connection may bring in one wake-up; what is more waits in the kernel for the next. So a peer that floods takes its
    /// turn with everybody else, and TCP slows it down.
    /// </summary>
    public const int ReceiveCap = 64 * 1024;

    private readonly EpollSet _set = new();
    private readonly TagTable<DirectSocket> _sockets = new();

    /// <summary>Where bytes arrive first. Pinned, and one for all: a connection whose frames are whole keeps nothing.</summary>
    public byte[] Inbox { get; } = GC.AllocateUninitializedArray<byte>(ReceiveCap + (ReceiveCap / 4), pinned: true);

    /// <summary>What is being sent.</summary>
    public Transmission Transmission { get; } = new();

    /// <summary>Bytes in the tails of its connections. Read by any thread.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Counts what a connection holds or has got rid of.</summary>
    public void Hold(int bytes) => HeldBytes += bytes;

    /// <summary>Begins to watch a socket.</summary>
    /// <returns>False when the system refuses.</returns>
    public bool TryAdd(DirectSocket socket, uint interest)
    {
        socket.Tag = _sockets.Add(socket);
        if (_set.TryAdd(socket.Descriptor, interest, socket.Tag))
        {
            return true;
        }

        _sockets.Remove(socket.Tag);
        return false;
    }

    /// <summary>Watches it for something else.</summary>
    public void Modify(DirectSocket socket, uint interest) => _set.Modify(socket.Descriptor, interest, socket.Tag);

    /// <summary>Watches it no more. Events that were fetched already will not find it.</summary>
    public void Remove(DirectSocket socket)
    {
        _set.Remove(socket.Descriptor);
        _sockets.Remove(socket.Tag);
        socket.Tag = 0;
    }

    /// <inheritdoc/>
    public void Collect()
    {
        // A socket that asked for its event again comes up in the next call, so the rounds are limited to what a full house needs.
        for (int rounds = 1 + (_sockets.Count / 512); rounds > 0; rounds--)
        {
            int count = _set.Wait(0);
            Handle(count);
            if (!EpollSet.IsFull(count))
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void SleepUntilInput(long micros)
    {
        int milliseconds = micros == long.MaxValue ? Timeout.Infinite : (int)Math.Min(int.MaxValue, (micros + 999) / 1000);

        // An event is told once, so what woke us is read here; the rest by the next Collect.
        Handle(_set.Wait(milliseconds));
    }

    /// <inheritdoc/>
    public void Sleep(long micros) => _set.WaitForAlarm(micros);

    /// <inheritdoc/>
    public void Wake() => _set.Ring();

    /// <summary>Closes whatever is still open. After the shard's thread has ended.</summary>
    public void Dispose()
    {
        ReleaseAll();
        _set.Dispose();
    }

    private void ReleaseAll()
    {
        foreach (DirectSocket socket in _sockets.Items.ToArray())
        {
            socket.Release();
        }
    }

    private void Handle(int count)
    {
        for (int i = 0; i < count; i++)
        {
            (uint events, ulong tag) = _set[i];
            if (tag == EpollSet.AlarmTag)
            {
                _set.ClearAlarm();
            }
            else
            {
                _sockets.Find(tag)?.OnEvents(events);
            }
        }
    }
}
