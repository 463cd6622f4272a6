using Relay.Load.RoomState;
using Relay.Load.Wire;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Load.Tests;

/// <summary>Does something to one change or event on its way to one client, and hands everything else on.</summary>
internal abstract class OneFault : FrameSeam
{
    /// <summary>The client, and which of its changes and events: some way into the run.</summary>
    private const int Victim = 1;

    private const int Which = 12;

    private int _seen;

    public bool Happened { get; private set; }

    public override void Pass(StateClient client, LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        bool isChange = client.Index == Victim && header.Type is FrameType.State or FrameType.Event &&
            (header.Type == FrameType.Event || (body[0] & (byte)PresenceFlags.Snapshot) == 0);
        if (isChange && client.Index == Victim && ++_seen == Which)
        {
            Happened = true;
            Do(client, connection, header, body, nowNanos);
        }
        else
        {
            client.Take(connection, header, body, nowNanos);
            if (isChange)
            {
                AfterNext(client, connection, nowNanos);
            }
        }
    }

    protected abstract void Do(StateClient client, LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos);

    protected virtual void AfterNext(StateClient client, LoadConnection connection, long nowNanos)
    {
    }
}

internal sealed class Loss : OneFault
{
    protected override void Do(StateClient client, LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
    }
}

internal sealed class Duplicate : OneFault
{
    protected override void Do(StateClient client, LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        client.Take(connection, header, body, nowNanos);
        client.Take(connection, header, body, nowNanos);
    }
}

internal sealed class Swap : OneFault
{
    private (FrameHeader Header, byte[] Body)? _held;

    protected override void Do(StateClient client, LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos) =>
        _held = (header, body.ToArray());

    protected override void AfterNext(StateClient client, LoadConnection connection, long nowNanos)
    {
        if (_held is { } held)
        {
            _held = null;
            client.Take(connection, held.Header, held.Body, nowNanos);
        }
    }
}

internal sealed class OtherValue : OneFault
{
    protected override void Do(StateClient client, LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        byte[] other = body.ToArray();
        other[^1] ^= 1;
        client.Take(connection, header, other, nowNanos);
    }
}
