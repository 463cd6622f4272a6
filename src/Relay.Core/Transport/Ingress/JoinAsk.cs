using Relay.Protocol.Frames;

namespace Relay.Core.Transport.Ingress;

/// <summary>A Join or ChangeRoom as it was read, before the embedder has authorised it.</summary>
internal sealed record JoinAsk(bool IsChange, ulong Sequence, string RoomName, byte[] Ticket, ulong Epoch, ulong Cursor)
{
    public FrameType Type => IsChange ? FrameType.ChangeRoom : FrameType.Join;
}
