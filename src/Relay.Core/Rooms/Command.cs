using System.Runtime.InteropServices;
using Relay.Core.Rooms.Stores;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms;

/// <summary>What a road asks a shard to do for a connection. Transforms do not come this way: see <see cref="TransformMailbox"/>.</summary>
internal enum CommandKind : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Join or ChangeRoom, authorised: <see cref="Command.Join"/>.</summary>
    Join,

    /// <summary>Leave the room.</summary>
    Leave,

    /// <summary>Publish an event: <see cref="Command.Payload"/>.</summary>
    SendEvent,

    /// <summary>Change the room's state: <see cref="Command.Payload"/> is the body of a <see cref="Command.Type"/> frame.</summary>
    State,

    /// <summary>Moderation: <see cref="Command.Payload"/> is the body of a Manage frame.</summary>
    Manage,

    /// <summary>Answer a ping.</summary>
    Pong,

    /// <summary>What the client is let in by has been renewed.</summary>
    Renew,

    /// <summary>Tell the client that a message was refused: <see cref="Command.Error"/>.</summary>
    Refuse,

    /// <summary>Close the connection: <see cref="Command.Close"/>.</summary>
    Close,

    /// <summary>The connection has ended: <see cref="Command.Close"/> says how.</summary>
    Gone,
}

/// <summary>One command; which fields count depends on <see cref="Kind"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct Command(CommandKind Kind)
{
    /// <summary>The message's number among the client's numbered messages.</summary>
    public ulong Sequence { get; init; }

    /// <summary>State: the frame's type.</summary>
    public FrameType Type { get; init; }

    /// <summary>Pong: the ping's stamp.</summary>
    public ulong Stamp { get; init; }

    /// <summary>Pong: when the ping arrived, in microseconds. Renew: when the fresh credentials expire, 0 for never.</summary>
    public long ReceivedMicros { get; init; }

    /// <summary>SendEvent: to whom.</summary>
    public EventAudience Audience { get; init; }

    /// <summary>SendEvent: the member, if it is to one.</summary>
    public uint Member { get; init; }

    /// <summary>SendEvent: the roles, if it is to those.</summary>
    public uint Roles { get; init; }

    /// <summary>SendEvent: metres, if it is to those nearby.</summary>
    public float Radius { get; init; }

    /// <summary>SendEvent: the application's kind, or the protocol's.</summary>
    public uint EventKind { get; init; }

    /// <summary>SendEvent, State, Manage: the payload as the buffer's frames; the command holds one reference.</summary>
    public SharedBuffer? Payload { get; init; }

    /// <summary>Join: what is asked for.</summary>
    public JoinRequest? Join { get; init; }

    /// <summary>Close and Gone: why.</summary>
    public CloseReason? Close { get; init; }

    /// <summary>Refuse: what to say.</summary>
    public Refusal Error { get; init; }
}

/// <summary>A Join or ChangeRoom that the road has read and that the embedder has authorised.</summary>
/// <param name="Sequence">The message's number.</param>
/// <param name="IsChange">Whether it was ChangeRoom.</param>
/// <param name="RoomName">The room.</param>
/// <param name="Options">The options that the room gets if this join opens it.</param>
/// <param name="Epoch">The epoch that the client knew, or 0.</param>
/// <param name="Cursor">The client's cursor in that epoch.</param>
internal sealed record JoinRequest(ulong Sequence, bool IsChange, string RoomName, RoomOptions Options, ulong Epoch = 0, ulong Cursor = 0)
{
    public FrameType Type => IsChange ? FrameType.ChangeRoom : FrameType.Join;

    /// <summary>Who asks.</summary>
    public Persona Who { get; init; } = Persona.Nobody;

    /// <summary>The role that the authorizer gives; null for none.</summary>
    public string? Role { get; init; }

    /// <summary>The role that is stored for them, which counts if the authorizer gives none; null for none.</summary>
    public string? StoredRole { get; init; }

    /// <summary>What is stored of them in the room, once it is known; null if nobody had to ask.</summary>
    public StoredVisitor? Visitor { get; set; }

    /// <summary>What the store of bans says.</summary>
    public RoomAdmission Admission { get; init; }

    /// <summary>The embedder's say that the room gets if this join opens it; null for none.</summary>
    public OpenLogic? Logic { get; init; }
}

/// <summary>Who a connection is, beyond its name.</summary>
/// <param name="UserId">The user's id; null for one whom nobody knows.</param>
/// <param name="Subject">What bans go by.</param>
internal sealed record Persona(string? UserId, string Subject)
{
    public static Persona Nobody { get; } = new(null, "");
}

/// <summary>Where a session's connection comes from, in the words of logs and metrics.</summary>
internal sealed record ConnectionSource(string Transport, string Road, string Remote)
{
    public static ConnectionSource Unknown { get; } = new("", "", "");

    /// <summary>Whether TLS is below.</summary>
    public bool IsEncrypted { get; init; }
}

/// <summary>The fields of an Error frame. protocol-spec.md §5.4.</summary>
internal readonly record struct Refusal(FrameType Type, ulong Sequence, CloseCode Code, string Text, double Limit = 0, double Value = 0);
