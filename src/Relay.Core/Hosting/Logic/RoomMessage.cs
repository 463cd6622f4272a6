using Relay.Core.Rooms;
using Relay.Protocol.Messages;

namespace Relay.Core.Hosting;

/// <summary>An event that a member sends and that has not gone out yet.</summary>
public sealed class RoomMessage
{
    internal RoomMessage(RoomMember sender, in Command command)
    {
        Sender = sender;
        Kind = command.EventKind;
        Payload = command.Payload!.Frames.ToArray();
        Audience = command.Audience;
        Member = command.Member;
        Roles = command.Roles;
        Radius = command.Radius;
    }

    /// <summary>Who sends it, as they were when its turn came.</summary>
    public RoomMember Sender { get; }

    /// <summary>What the payload is: from 1,024 up the application's kind, below it a <see cref="SignalKind"/>.</summary>
    public uint Kind { get; }

    /// <summary>The payload, a copy of the handler's own.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>Who is to get it.</summary>
    public EventAudience Audience { get; }

    /// <summary>With <see cref="EventAudience.Member"/>: the member's id; otherwise 0.</summary>
    public uint Member { get; }

    /// <summary>With <see cref="EventAudience.Roles"/>: a mask, bit n for the n-th role of the room; otherwise 0.</summary>
    public uint Roles { get; }

    /// <summary>With <see cref="EventAudience.Nearby"/>: metres; otherwise 0.</summary>
    public float Radius { get; }
}
