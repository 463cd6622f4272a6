using Relay.Protocol.Frames;

namespace Relay.Core.Transport.Ingress;

/// <summary>A message as it was read, on which the embedder has yet to decide.</summary>
/// <param name="Sequence">The message's number.</param>
internal abstract record PendingAsk(ulong Sequence);

/// <summary>A Join or ChangeRoom.</summary>
internal sealed record JoinAsk(
    bool IsChange, ulong Sequence, string RoomName, byte[] Ticket, ulong Epoch, ulong Cursor) : PendingAsk(Sequence)
{
    public FrameType Type => IsChange ? FrameType.ChangeRoom : FrameType.Join;
}

/// <summary>A Renew.</summary>
internal sealed record RenewAsk(ulong Sequence, byte[] Credentials) : PendingAsk(Sequence)
{
    /// <summary>Never what it shows.</summary>
    public override string ToString() => "Renew " + Sequence;
}
