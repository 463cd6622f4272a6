namespace Relay.Protocol.Frames;

/// <summary>
/// The type byte of a frame header. Numbers, directions and bodies: protocol-spec.md §4.
/// A set top bit (0x80) means "ignore this frame if you do not know it".
/// </summary>
public enum FrameType : byte
{
    /// <summary>Either direction; empty body; does nothing but count as traffic. §4.1.</summary>
    Nop = 0x00,

    /// <summary>Client → server; the first frame of every connection. §5.1.</summary>
    Hello = 0x01,

    /// <summary>Server → client; answers <see cref="Hello"/>. §5.2.</summary>
    Welcome = 0x02,

    /// <summary>Either direction; the last frame of a connection. §5.3.</summary>
    Close = 0x03,

    /// <summary>Server → client; a refusal that leaves the connection open. §5.4.</summary>
    Error = 0x04,

    /// <summary>Server → client; the server will close soon, and why. §5.5.</summary>
    GoAway = 0x05,

    /// <summary>Either direction; asks for a <see cref="Pong"/>. §5.6.</summary>
    Ping = 0x06,

    /// <summary>Either direction; answers <see cref="Ping"/> with clock readings. §5.6.</summary>
    Pong = 0x07,

    /// <summary>Server → client; what the client was let in by has expired. §5.9.</summary>
    Expiring = 0x08,

    /// <summary>Client → server; fresh credentials. §5.9.</summary>
    Renew = 0x09,

    /// <summary>Client → server; enter a room. §6.1.</summary>
    Join = 0x10,

    /// <summary>Client → server; leave the present room for another in one step. §6.1.</summary>
    ChangeRoom = 0x11,

    /// <summary>Client → server; leave the room, keep the connection. §6.3.</summary>
    Leave = 0x12,

    /// <summary>Server → client; answers <see cref="Join"/> and <see cref="ChangeRoom"/>. §6.2.</summary>
    Joined = 0x13,

    /// <summary>Server → client; the receiver is no longer in a room. §6.3.</summary>
    Left = 0x14,

    /// <summary>Server → client, reliable; who is in the room. §6.4.</summary>
    Presence = 0x15,

    /// <summary>Client → server, reliable; an opaque event for others in the room. §7.1.</summary>
    SendEvent = 0x20,

    /// <summary>Server → client, reliable; somebody's event, sender stamped by the server. §7.2.</summary>
    Event = 0x21,

    /// <summary>Client → server; new transforms of slots that the client owns. §8.3.</summary>
    TransformUpdate = 0x30,

    /// <summary>Server → client; what changed since the receiver last looked. §8.4.</summary>
    TransformBatch = 0x31,

    /// <summary>Client → server, reliable; make an object. §11.3.</summary>
    CreateObject = 0x40,

    /// <summary>Client → server, reliable; change an object or move it in the tree. §11.3.</summary>
    UpdateObject = 0x41,

    /// <summary>Client → server, reliable; remove an object and everything under it. §11.3.</summary>
    RemoveObject = 0x42,

    /// <summary>Client → server, reliable; copy an object and everything under it. §11.3.</summary>
    CloneObject = 0x43,

    /// <summary>Client → server, reliable; take, give, release, lock, unlock. §11.5.</summary>
    Claim = 0x44,

    /// <summary>Client → server, reliable; write an attribute. §11.4.</summary>
    SetAttribute = 0x45,

    /// <summary>Client → server, reliable; moderation. §11.6.</summary>
    Manage = 0x46,

    /// <summary>Server → client, reliable; what changed among objects and attributes. §11.8.</summary>
    State = 0x50,

    /// <summary>Server → client; a numbered message was applied. §11.7.</summary>
    Done = 0x51,
}
