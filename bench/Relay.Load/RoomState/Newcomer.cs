using Relay.Load.Wire;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>A client that joins to find out how long it takes until it knows all there is: a whole snapshot, and where things
/// stand.</summary>
internal sealed class Newcomer(string room) : RelaySession(room)
{
    private readonly TaskCompletionSource<long> _consistent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _knowsState;

    /// <summary>When it did.</summary>
    public Task<long> Consistent => _consistent.Task;

    /// <summary>Objects that it was told of.</summary>
    public int Objects { get; private set; }

    /// <summary>Attributes that it was told of.</summary>
    public int Attributes { get; private set; }

    public override void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        if (header.Type == FrameType.State)
        {
            ReadState(body);
        }
        else
        {
            base.OnFrame(connection, header, body, nowNanos);
        }

        if (Fault is { } fault)
        {
            _consistent.TrySetException(new IOException(fault));
        }
    }

    public override void OnClosed(LoadConnection connection, string reason)
    {
        base.OnClosed(connection, reason);
        _consistent.TrySetException(new IOException(reason));
    }

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Presence.TryRead(body, out Presence part);
        _knowsState |= status == ReadStatus.Ok && (part.Flags & PresenceFlags.Last) != 0;
        return status;
    }

    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = TransformBatch.TryRead(body, Space!, out _);
        if (status == ReadStatus.Ok && _knowsState)
        {
            _consistent.TrySetResult(nowNanos);
        }

        return status;
    }

    private void ReadState(ReadOnlySpan<byte> body)
    {
        ReadStatus status = State.TryRead(body, out State part);
        if (status != ReadStatus.Ok)
        {
            Fail($"the server sent a malformed State: {status}");
            return;
        }

        _knowsState |= (part.Flags & PresenceFlags.Last) != 0;
        while (part.TryReadEntry(out StateEntry entry))
        {
            Objects += entry.Kind == StateKind.Object ? 1 : 0;
            Attributes += entry.Kind == StateKind.Attribute ? 1 : 0;
        }
    }
}
