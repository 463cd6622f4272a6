using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>
/// A client's session after its Hello, as the shard that owns it sees it. Its connection may break and another take its place
/// (<see cref="Resumption"/>): then only <see cref="Outlet"/> and the road behind it change. The road's reading thread touches only what
/// stands under "from the road"; everything else belongs to the shard.
/// </summary>
internal sealed class Connection : ILinked<Connection>
{
    /// <summary>The most bytes of replies (Welcome, Joined, Error, Pong) that wait for a receiver that does not read; beyond it the
    /// connection is closed.</summary>
    public const int MaxReplyBytes = 16 * 1024;

    private readonly SharedBufferPool _pool;
    private SharedBuffer? _replies;
    private int _replyBytes;
    private Seat? _seat;
    private ObjectMailbox? _objects;
    private SessionPast? _past;
    private Shard _shard;
    private long _lastInbound;
    private long _partialSince;
    private int _inLane;
    private int _roadWaits;
    private CloseReason? _closing;

    public Connection(Shard shard, Outlet outlet, byte[] nameUtf8, SharedBufferPool pool, long now)
    {
        _shard = shard;
        _pool = pool;
        Outlet = outlet;
        NameUtf8 = nameUtf8;
        Opened = now;
        _lastInbound = now;
    }

    /// <summary>The name that others see, as the server knows it.</summary>
    public byte[] NameUtf8 { get; }

    /// <summary>When it was let in, or came back, in microseconds.</summary>
    public long Opened { get; set; }

    /// <summary>When its client asked to be let in, in microseconds: what is decided about sessions after that holds for it.</summary>
    public long Asked { get; init; }

    /// <summary>Names the connection in logs.</summary>
    public Guid Session { get; init; }

    /// <summary>Who it is.</summary>
    public Persona Who { get; init; } = Persona.Nobody;

    /// <summary>What bans go by.</summary>
    public string Subject => Who.Subject;

    /// <summary>What others' blocks go by: the user, or else this session.</summary>
    public string Person => Who.UserId is { } user ? "user:" + user : "session:" + Session;

    /// <summary>Over what, and from where, its client is connected, or was last.</summary>
    public ConnectionSource Source { get; set; } = ConnectionSource.Unknown;

    /// <summary>What the embedder wants to find again at a join.</summary>
    public object? Identity { get; set; }

    // ---- from the road -------------------------------------------------------------------------------------------

    /// <summary>The newest transform that the shard has not fetched.</summary>
    public TransformMailbox Transforms { get; } = new();

    /// <summary>The newest transforms of objects that the shard has not fetched; null until it moves one. Written by the road.</summary>
    public ObjectMailbox? Objects
    {
        get => Volatile.Read(ref _objects);
        set => Volatile.Write(ref _objects, value);
    }

    /// <summary>Commands that the shard has not handled.</summary>
    public CommandQueue Commands { get; } = new();

    /// <summary>Where the connection sits; null outside a room. Written by the shard, read by the road.</summary>
    public Seat? Seat
    {
        get => Volatile.Read(ref _seat);
        set => Volatile.Write(ref _seat, value);
    }

    /// <summary>When the last bytes arrived, in microseconds. Written by the road.</summary>
    public long LastInbound
    {
        get => Volatile.Read(ref _lastInbound);
        set => Volatile.Write(ref _lastInbound, value);
    }

    /// <summary>Since when a frame has been begun and not finished; 0 if none is. Written by the road.</summary>
    public long PartialSince
    {
        get => Volatile.Read(ref _partialSince);
        set => Volatile.Write(ref _partialSince, value);
    }

    /// <summary>The last of the client's numbered messages that was read; each is read once. Written by the road.</summary>
    public ulong LastSequence { get; set; }

    /// <summary>What the client must show to come back.</summary>
    public SessionSecret Secret { get; set; }

    /// <summary>Something has arrived on the present connection, so its Welcome has: what was shown to get it is worthless now.</summary>
    public void ConfirmSecret()
    {
        if (_past is { FormerSecret: not null } past)
        {
            past.FormerSecret = null;
        }
    }

    /// <summary>Called from the shard's thread when a queue that the road had found full has room again.</summary>
    public Action? RoomInQueue { get; set; }

    /// <summary>The road found the queue full and wants <see cref="RoomInQueue"/>.</summary>
    /// <returns>False when there is room by now: write again instead of waiting.</returns>
    public bool BeginWaitForRoom()
    {
        Interlocked.Exchange(ref _roadWaits, 1);
        return !Commands.HasRoom || Interlocked.Exchange(ref _roadWaits, 0) == 0;
    }

    /// <summary>The shard that owns the connection now.</summary>
    public Shard Shard
    {
        get => Volatile.Read(ref _shard);
        set => Volatile.Write(ref _shard, value);
    }

    /// <summary>Queues a command and calls the shard's attention.</summary>
    /// <returns>False when the queue is full: stop reading until <see cref="RoomInQueue"/>.</returns>
    public bool Post(in Command command)
    {
        bool queued = Commands.TryWrite(command);
        Attend();
        return queued;
    }

    /// <summary>Calls the shard's attention to this connection: once, however often it is called before the shard looks.</summary>
    public void Attend()
    {
        if (Interlocked.Exchange(ref _inLane, 1) == 0)
        {
            Shard.Lane.Push(this);
        }
    }

    /// <summary>The next connection in the lane's list.</summary>
    public Connection? Next { get; set; }

    // ---- the shard's ---------------------------------------------------------------------------------------------

    /// <summary>The way out.</summary>
    public Outlet Outlet { get; private set; }

    /// <summary>Whether the session has no connection now.</summary>
    public bool IsAway => ReferenceEquals(Outlet, AbsentOutlet.Instance);

    /// <summary>What it keeps beyond its connection.</summary>
    public SessionPast Past => _past ??= new SessionPast();

    /// <summary>Who wants to take it up again and must wait a moment.</summary>
    public ResumeRequest? Returning => _past?.Returning;

    /// <summary>The place in a room; null outside one.</summary>
    public Member? Member { get; set; }

    /// <summary>Where the shard's list of connections has this one.</summary>
    public int IndexInShard { get; set; } = -1;

    /// <summary>While a join is decided by another shard, a ban is stored or the room's logic decides: later commands wait, so that answers
    /// keep their order.</summary>
    public bool IsMoving { get; set; }

    /// <summary>The answers that wait for something to be stored; null if there never were any.</summary>
    public OwedAnswers? Owed { get; set; }

    /// <summary>Whether the next command's turn has come. What answers other than by Done or Error, or changes the room, waits until all
    /// answers before it have been told.</summary>
    public bool MayHandleNext => !IsMoving && (Owed is not { Count: > 0 } owed ||
        (owed.Count < OwedAnswers.Most && Commands.NextKind is not (CommandKind.Join or CommandKind.Leave or CommandKind.Manage)));

    /// <summary>The message that the room's logic decides on; null for none.</summary>
    public Decision? Decision { get; set; }

    /// <summary>Whether the shard has this connection on its list of those with replies to send.</summary>
    public bool IsOnReplyList { get; set; }

    /// <summary>Since when the outlet has been found unready; 0 if it is not.</summary>
    public long BlockedSince { get; set; }

    /// <summary>When what it was let in by expires, in microseconds; 0 for never.</summary>
    public long Expires { get; private set; }

    /// <summary>Whether the client has been told that it expires.</summary>
    public bool IsToldOfExpiry { get; set; }

    /// <summary>When the server last sent a Ping of its own accord.</summary>
    public long LastPing { get; set; }

    /// <summary>Why the connection is being closed; null while it is not. The first reason wins.</summary>
    public CloseReason? Closing => Volatile.Read(ref _closing);

    /// <summary>Whether the session ends with the connection that is being closed: what the client still asks for is not done.</summary>
    public bool IsOver => Closing is { EndsSession: true };

    /// <summary>When closing began, in microseconds.</summary>
    public long ClosingSince { get; private set; }

    /// <summary>Bytes of replies that wait.</summary>
    public int ReplyBytes => _replyBytes;

    /// <summary>The shard has taken this connection off the lane; from now on it can be put there again.</summary>
    public void TakenFromLane() => Interlocked.Exchange(ref _inLane, 0);

    /// <summary>Tells a waiting road that its queue has room.</summary>
    public void TellRoomInQueue()
    {
        if (Interlocked.Exchange(ref _roadWaits, 0) == 1)
        {
            RoomInQueue?.Invoke();
        }
    }

    /// <summary>Sets the reason for closing, unless there is one.</summary>
    public bool TryBeginClosing(CloseReason reason, long now)
    {
        if (_closing is not null)
        {
            return false;
        }

        Volatile.Write(ref _closing, reason);
        ClosingSince = now;
        return true;
    }

    /// <summary>A connection that is being closed takes its session with it after all.</summary>
    public void EndSession(CloseReason reason) => Volatile.Write(ref _closing, reason);

    /// <summary>Sets when what it was let in by expires.</summary>
    /// <param name="micros">Microseconds; 0 for never.</param>
    public void ExpireAt(long micros)
    {
        Expires = micros;
        IsToldOfExpiry = false;
    }

    /// <summary>The connection is gone, the session stays.</summary>
    public void Suspend(long now)
    {
        DropReplies();
        Outlet.Left();
        Outlet.Released();
        Outlet = AbsentOutlet.Instance;
        RoomInQueue = null;
        Past.AwaySince = now;
        Volatile.Write(ref _closing, null);
    }

    /// <summary>There is another connection.</summary>
    public void Resume(Outlet outlet, long now)
    {
        Outlet = outlet;
        Opened = now;
        LastInbound = now;
        LastPing = 0;
        BlockedSince = 0;
        PartialSince = 0;
    }

    /// <summary>Gives room for a reply of up to <paramref name="maxSize"/> bytes; <see cref="EndReply"/> says how many it became.</summary>
    /// <returns>Empty when too many replies wait: the receiver does not read them.</returns>
    public Span<byte> BeginReply(int maxSize)
    {
        if (_replyBytes + maxSize > MaxReplyBytes)
        {
            return default;
        }

        if (_replies is null)
        {
            _replies = _pool.Rent(maxSize);
        }
        else if (_replies.Capacity - _replyBytes < maxSize)
        {
            SharedBuffer larger = _pool.Rent(Math.Max(_replyBytes + maxSize, 2 * _replies.Capacity));
            _replies.Writable[.._replyBytes].CopyTo(larger.Writable);
            _replies.Release();
            _replies = larger;
        }

        return _replies.Writable[_replyBytes..];
    }

    /// <summary>Ends a reply.</summary>
    /// <param name="size">Its bytes.</param>
    public void EndReply(int size) => _replyBytes += size;

    /// <summary>Hands the waiting replies to the outlet. Only when it is ready.</summary>
    /// <returns>Whether there were any.</returns>
    public bool WriteReplies()
    {
        if (_replies is null)
        {
            return false;
        }

        _replies.Seal(_replyBytes);
        Outlet.Write(_replies);
        DropReplies();
        return true;
    }

    /// <summary>Forgets the waiting replies.</summary>
    public void DropReplies()
    {
        _replies?.Release();
        _replies = null;
        _replyBytes = 0;
    }
}
