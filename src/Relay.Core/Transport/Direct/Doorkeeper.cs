using Microsoft.Extensions.Logging;
using Relay.Core.Transport.Ingress;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// The thread in front of the direct road: accepts connections, looks at their first bytes, and wakes those that shake hands. It runs
/// nobody's code and keeps nothing of what is not for the relay.
/// </summary>
/// <remarks>
/// When the process has no descriptors left it stops accepting for <see cref="Pause"/> at a time: the backlog holds who comes. The last
/// <see cref="Reserve"/> descriptors are kept from relay clients, so that a flood of them leaves room for a health check, and the last
/// <see cref="OwnReserve"/> from everybody: a runtime that cannot open a file or start a thread ends the process.
/// </remarks>
internal sealed class Doorkeeper : IDisposable
{
    /// <summary>How long a connection may take to say whom it is for. Then Kestrel has it, with its own time-outs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The same when descriptors are scarce; then it is closed.</summary>
    private static readonly TimeSpan ScarcePatience = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Descriptors kept for whatever is not relay traffic.</summary>
    private const int Reserve = 64;

    /// <summary>Descriptors kept for the process itself.</summary>
    private const int OwnReserve = 16;

    private const int AcceptsPerWake = 256;

    private readonly EpollSet _set = new();
    private readonly TagTable<object> _watched = new();
    private readonly Lock _gate = new();
    private readonly FirstBytes _firstBytes;
    private readonly IngressStats _stats;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Queue<Undecided> _undecided = new();
    private readonly Queue<Undecided> _scarce = new();
    private readonly List<DirectListener> _paused = [];
    private readonly Thread _thread;
    private readonly byte[] _peek = new byte[FirstBytes.Enough];
    private readonly long _scarceFrom;
    private readonly long _spentFrom;
    private int _lastAccepted;
    private long _pausedSince;
    private long _lastPauseLogged;
    private volatile bool _stop;

    public Doorkeeper(FirstBytes firstBytes, IngressStats stats, TimeProvider time, ILogger log)
    {
        _stats = stats;
        _firstBytes = firstBytes;
        _time = time;
        _log = log;
        long limit = Libc.MaxDescriptors;
        _scarceFrom = limit - Math.Min(Reserve, limit / 4);
        _spentFrom = limit - Math.Min(OwnReserve, limit / 16);
        _thread = new Thread(Run) { IsBackground = true, Name = "relay-door" };
        _thread.Start();
    }

    /// <summary>Begins to accept.</summary>
    public void Open(DirectListener listener)
    {
        lock (_gate)
        {
            listener.Tag = _watched.Add(listener);
        }

        if (!_set.TryAdd(listener.Descriptor, EpollSet.Readable, listener.Tag))
        {
            throw new IOException($"The direct road cannot listen on {listener.EndPoint}: errno {Libc.Errno}.");
        }
    }

    /// <summary>Accepts no more. Those who are undecided stay and are still decided on.</summary>
    public void Close(DirectListener listener)
    {
        _set.Remove(listener.Descriptor);
        Forget(listener.Tag);
    }

    /// <summary>Watches a connection that shakes hands; at first for nothing.</summary>
    /// <returns>False when the system refuses.</returns>
    public bool TryAdd(HandshakeConnection connection)
    {
        lock (_gate)
        {
            connection.Tag = _watched.Add(connection);
        }

        if (_set.TryAdd(connection.Descriptor, EpollSet.OneShot, connection.Tag))
        {
            return true;
        }

        Forget(connection.Tag);
        return false;
    }

    /// <summary>Tells the connection once when something is so. Any thread.</summary>
    public void Watch(HandshakeConnection connection, uint interest) =>
        _set.Modify(connection.Descriptor, interest | EpollSet.OneShot, connection.Tag);

    /// <summary>Watches it no more. Any thread; before the descriptor is closed or given up.</summary>
    public void Remove(HandshakeConnection connection)
    {
        _set.Remove(connection.Descriptor);
        Forget(connection.Tag);
    }

    public void Dispose()
    {
        _stop = true;
        _set.Ring();
        _thread.Join();
        _set.Dispose();
    }

    private void Run()
    {
        while (!_stop)
        {
            int count = _set.Wait(Timeout());
            for (int i = 0; i < count; i++)
            {
                (uint events, ulong tag) = _set[i];
                switch (Find(tag))
                {
                    case HandshakeConnection handshake:
                        handshake.OnReady(events);
                        break;
                    case DirectListener listener:
                        Accept(listener);
                        break;
                    case Undecided undecided:
                        Look(undecided);
                        break;
                }
            }

            GiveUp(_undecided, Patience);
            GiveUp(_scarce, ScarcePatience);
            Resume();
        }

        GiveUp(_undecided, TimeSpan.Zero);
        GiveUp(_scarce, TimeSpan.Zero);
    }

    private void Accept(DirectListener listener)
    {
        // While they are scarce one at a time, so that each listener has its turn.
        for (int i = 0; i < (_lastAccepted >= _scarceFrom ? 1 : AcceptsPerWake); i++)
        {
            if (_lastAccepted >= _scarceFrom && Libc.NextDescriptor(listener.Descriptor) is var next && (next < 0 || next >= _spentFrom))
            {
                PauseAccepting(listener);
                return;
            }

            int descriptor = Libc.Accept(listener.Descriptor);
            if (descriptor >= 0)
            {
                _lastAccepted = descriptor;
                Welcome(listener, descriptor);
                continue;
            }

            switch (Libc.Errno)
            {
                case Libc.WouldBlock:
                    return;
                case Libc.TooManyFiles or Libc.TooManyFilesInSystem or Libc.NoBufferSpace or Libc.OutOfMemory:
                    PauseAccepting(listener);
                    return;
            }

            // Anything else concerns the one connection that was to be accepted: it has gone again.
        }
    }

    private void Welcome(DirectListener listener, int descriptor)
    {
        // The system gives out the lowest number that is free, so a high one says how many are in use.
        bool isScarce = descriptor >= _scarceFrom;
        var visitor = new Undecided(listener, descriptor, isScarce, _time.GetTimestamp());
        if (Judge(visitor) is not Visitor.Unknown and Visitor verdict)
        {
            Settle(visitor, verdict);
            return;
        }

        lock (_gate)
        {
            visitor.Tag = _watched.Add(visitor);
        }

        // Edge-triggered: told of each arrival once, although what has arrived stays unread.
        _set.TryAdd(descriptor, EpollSet.Readable | EpollSet.PeerClosed | EpollSet.EdgeTriggered, visitor.Tag);
        (isScarce ? _scarce : _undecided).Enqueue(visitor);
    }

    private void Look(Undecided visitor)
    {
        if (Judge(visitor) is not Visitor.Unknown and Visitor verdict)
        {
            Settle(visitor, verdict);
        }
    }

    private Visitor Judge(Undecided visitor)
    {
        int count = Libc.Peek(visitor.Descriptor, _peek);
        if (count < 0 && Libc.Errno is Libc.WouldBlock or Libc.Interrupted)
        {
            return Visitor.Unknown;
        }

        // An end of the stream, or an error, is Kestrel's to tell: it counts and logs them.
        return count <= 0 ? Visitor.Other : _firstBytes.Judge(_peek.AsSpan(0, count));
    }

    /// <summary>Ends the wait of those who have not said whom they are for in time.</summary>
    private void GiveUp(Queue<Undecided> queue, TimeSpan patience)
    {
        while (queue.TryPeek(out Undecided? oldest) && (oldest.IsSettled || _time.GetElapsedTime(oldest.Since) >= patience))
        {
            queue.Dequeue();
            if (!oldest.IsSettled)
            {
                Settle(oldest, Visitor.Unknown);
            }
        }
    }

    /// <summary>Sends a connection where it belongs.</summary>
    private void Settle(Undecided visitor, Visitor verdict)
    {
        visitor.IsSettled = true;
        if (visitor.Tag != 0)
        {
            // Before anybody else may register or close the descriptor.
            _set.Remove(visitor.Descriptor);
            Forget(visitor.Tag);
        }

        if (visitor.IsScarce && verdict != Visitor.Other)
        {
            _stats.Shed++;
            Libc.ResetOnClose(visitor.Descriptor);
            _ = Libc.Close(visitor.Descriptor);
        }
        else
        {
            visitor.Listener.Deliver(visitor.Descriptor, verdict);
        }
    }

    private void PauseAccepting(DirectListener listener)
    {
        _stats.AcceptPauses++;
        long now = _time.GetTimestamp();
        if (_lastPauseLogged == 0 || _time.GetElapsedTime(_lastPauseLogged, now) > TimeSpan.FromSeconds(10))
        {
            _lastPauseLogged = now;
            _log.AcceptPaused(listener.EndPoint, Libc.MaxDescriptors, _stats.Shed);
        }

        _set.Modify(listener.Descriptor, 0, listener.Tag);
        _paused.Add(listener);
        _pausedSince = now;
    }

    private void Resume()
    {
        if (_paused.Count > 0 && _time.GetElapsedTime(_pausedSince) >= Pause)
        {
            foreach (DirectListener listener in _paused)
            {
                if (Find(listener.Tag) is not null)
                {
                    _set.Modify(listener.Descriptor, EpollSet.Readable, listener.Tag);
                }
            }

            _paused.Clear();
        }
    }

    private int Timeout() => _paused.Count > 0 || _scarce.Count > 0 ? 20 : _undecided.Count > 0 ? 100 : -1;

    /// <summary>Finds what a tag stands for; silences the alarm, which is only rung to end the thread.</summary>
    private object? Find(ulong tag)
    {
        if (tag == EpollSet.AlarmTag)
        {
            _set.ClearAlarm();
            return null;
        }

        lock (_gate)
        {
            return _watched.Find(tag);
        }
    }

    private void Forget(ulong tag)
    {
        lock (_gate)
        {
            _watched.Remove(tag);
        }
    }

    /// <summary>A connection of which it is not known yet whom it is for.</summary>
    private sealed class Undecided(DirectListener listener, int descriptor, bool isScarce, long since)
    {
        public DirectListener Listener { get; } = listener;

        public int Descriptor { get; } = descriptor;

        /// <summary>Whether it was accepted with few descriptors left.</summary>
        public bool IsScarce { get; } = isScarce;

        public long Since { get; } = since;

        public ulong Tag { get; set; }

        public bool IsSettled { get; set; }
    }
}
