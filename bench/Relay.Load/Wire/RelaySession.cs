using System.Text;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Wire;

/// <summary>
/// The protocol from a client's side, as plain as it gets: Hello, Join one room, answer pings; what the room says goes to the methods
/// below. protocol-spec.md §10.
/// </summary>
internal abstract class RelaySession(string room) : FrameSink
{
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _sequence;
    private volatile string? _fault;

    /// <summary>Why the session is over or broken, or <c>null</c>. Set by the first reason.</summary>
    public string? Fault => _fault;

    /// <summary>From Joined.</summary>
    public uint Member { get; private set; }

    /// <summary>From Joined.</summary>
    public uint Slot { get; private set; }

    /// <summary>From Joined.</summary>
    public byte Generation { get; private set; }

    /// <summary>From Joined; <c>null</c> before.</summary>
    public RoomSpace? Space { get; private set; }

    /// <summary>From Joined.</summary>
    public long AgeUnitNanos { get; private set; } = 1;

    public string RoomName => room;

    /// <summary>Whether Join follows Hello without waiting for anything.</summary>
    protected virtual bool JoinsAtOnce => true;

    /// <summary>Whether the session was ended on purpose, so that its end is no fault.</summary>
    protected bool Leaving { get; set; }

    public Task WaitWelcomedAsync(CancellationToken cancellationToken) => _welcomed.Task.WaitAsync(cancellationToken);

    public Task WaitJoinedAsync(CancellationToken cancellationToken) => _joined.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken);

    public override void OnOpen(LoadConnection connection)
    {
        Span<byte> bytes = stackalloc byte[128];
        var writer = new FrameWriter(bytes);
        new Hello { VersionOldest = ProtocolVersion.Oldest, VersionNewest = ProtocolVersion.Newest, AgentUtf8 = "relay-load"u8 }.Write(ref writer);
        connection.TrySend(writer.WrittenSpan, keep: true);
        if (JoinsAtOnce)
        {
            SendJoin(connection);
        }
    }

    /// <summary>Asks to enter the room.</summary>
    public void SendJoin(LoadConnection connection)
    {
        Span<byte> bytes = stackalloc byte[512];
        var writer = new FrameWriter(bytes);
        new Join { Sequence = ++_sequence, RoomUtf8 = Encoding.UTF8.GetBytes(room) }.Write(ref writer);
        connection.TrySend(writer.WrittenSpan, keep: true);
    }

    /// <summary>Asks the server to end: Close 1000.</summary>
    public void SendClose(LoadConnection connection)
    {
        Leaving = true;
        Span<byte> bytes = stackalloc byte[CloseFrame.MaxSize];
        var writer = new FrameWriter(bytes);
        new CloseFrame { Code = CloseCode.Normal }.Write(ref writer);
        connection.TrySend(writer.WrittenSpan, keep: true);
    }

    public override void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = header.Type switch
        {
            FrameType.TransformBatch => OnBatch(body, nowNanos),
            FrameType.Presence => OnPresence(body, nowNanos),
            FrameType.Joined => ReadJoined(connection, body),
            FrameType.Welcome => ReadWelcome(body),
            FrameType.Ping => Pings.Answer(connection, body, nowNanos),
            FrameType.Pong => OnPong(connection, body, nowNanos),
            FrameType.Close => ReadClose(body),
            FrameType.Error => ReadError(body),
            FrameType.GoAway => ReadGoAway(body),
            _ => ReadStatus.Ok,
        };
        if (status != ReadStatus.Ok)
        {
            Fail($"the server sent a malformed {header.Type}: {status}");
        }
    }

    public override void OnClosed(LoadConnection connection, string reason)
    {
        if (!Leaving)
        {
            Fail(reason);
        }
    }

    /// <summary>A batch arrived.</summary>
    protected abstract ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos);

    /// <summary>A presence frame arrived.</summary>
    protected abstract ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos);

    /// <summary>The room was entered.</summary>
    protected virtual void OnJoined(LoadConnection connection)
    {
    }

    /// <summary>The answer to a ping of ours arrived.</summary>
    protected virtual ReadStatus OnPong(LoadConnection connection, ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    /// <summary>The session is over, or broken.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="refused">Whether the server said so.</param>
    protected void Fail(string fault, bool refused = false)
    {
        _fault ??= fault;
        string message = $"room '{room}': {_fault}";
        IOException exception = refused ? new RefusedException(message) : new IOException(message);
        _welcomed.TrySetException(exception);
        _joined.TrySetException(exception);
    }

    private ReadStatus ReadWelcome(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Welcome.TryRead(body, out _);
        if (status == ReadStatus.Ok)
        {
            _welcomed.TrySetResult();
        }

        return status;
    }

    private ReadStatus ReadJoined(LoadConnection connection, ReadOnlySpan<byte> body)
    {
        ReadStatus status = Joined.TryRead(body, out Joined joined);
        if (status == ReadStatus.Ok)
        {
            (Member, Slot, Generation, Space) = (joined.Member, joined.Slot, joined.Generation, joined.Space);
            AgeUnitNanos = Math.Max(1, joined.AgeUnitMicros) * 1000L;
            OnJoined(connection);
            _joined.TrySetResult();
        }

        return status;
    }

    private ReadStatus ReadClose(ReadOnlySpan<byte> body)
    {
        ReadStatus status = CloseFrame.TryRead(body, out CloseFrame close);
        if (status == ReadStatus.Ok && !Leaving)
        {
            Fail(ServerWords.Of(close), refused: true);
        }

        return status;
    }

    private ReadStatus ReadError(ReadOnlySpan<byte> body)
    {
        ReadStatus status = ErrorFrame.TryRead(body, out ErrorFrame error);
        if (status == ReadStatus.Ok)
        {
            Fail(ServerWords.Of(error), refused: true);
        }

        return status;
    }

    private ReadStatus ReadGoAway(ReadOnlySpan<byte> body)
    {
        ReadStatus status = GoAway.TryRead(body, out GoAway goAway);
        if (status == ReadStatus.Ok)
        {
            Fail(ServerWords.Of(goAway), refused: true);
        }

        return status;
    }
}
