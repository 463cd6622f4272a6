namespace Relay.Protocol;

/// <summary>
/// Why a connection ended or a message was refused: one numbered table for the wire, the logs and the metric tags
/// (protocol-spec.md §9). Numbers below 4000 are those of RFC 6455 §7.4.1 with their meaning there.
/// </summary>
public enum CloseCode : ushort
{
    /// <summary>No code: used where a cause is optional.</summary>
    None = 0,

    /// <summary>The peer is done.</summary>
    Normal = 1000,

    /// <summary>The server is draining.</summary>
    GoingAway = 1001,

    /// <summary>The peer broke the framing, the order of frames, or speaks no common version.</summary>
    ProtocolError = 1002,

    /// <summary>A WebSocket text message where only binary ones are spoken.</summary>
    UnsupportedData = 1003,

    /// <summary>The connection ended without a Close: a reason in Presence, logs and metrics, never sent as a close code.</summary>
    Abnormal = 1006,

    /// <summary>A frame's body does not follow its grammar.</summary>
    InvalidPayload = 1007,

    /// <summary>A frame or message is larger than the limit in force.</summary>
    MessageTooBig = 1009,

    /// <summary>The server failed; it is not the peer's fault.</summary>
    InternalError = 1011,

    /// <summary>The server restarts; come back soon.</summary>
    ServiceRestart = 1012,

    /// <summary>The server has no room for another connection now.</summary>
    TryAgainLater = 1013,

    /// <summary>A room's name is empty, too long, or holds characters that are not allowed.</summary>
    BadRoomName = 4400,

    /// <summary>The credentials were refused, or no Hello came in time.</summary>
    Unauthorized = 4401,

    /// <summary>The identity is known but may not do this.</summary>
    Forbidden = 4403,

    /// <summary>No such room, or no such member in the room.</summary>
    NotFound = 4404,

    /// <summary>The frame's type is unknown here and not marked optional.</summary>
    UnknownFrameType = 4405,

    /// <summary>Cause of 1002: no protocol version in common.</summary>
    UnsupportedVersion = 4406,

    /// <summary>The peer took too long; the cause says at what.</summary>
    Timeout = 4408,

    /// <summary>The message does not fit the connection's state: already in a room.</summary>
    AlreadyInRoom = 4409,

    /// <summary>The message does not fit the connection's state: not in a room.</summary>
    NotInRoom = 4410,

    /// <summary>Another object of the room has that name.</summary>
    NameTaken = 4411,

    /// <summary>The attribute has another version than expected, or the object another owner; value is the present one.</summary>
    Conflict = 4412,

    /// <summary>An event's payload is larger than the limit in force.</summary>
    PayloadTooLarge = 4413,

    /// <summary>The tree or the value has too many levels.</summary>
    TooDeep = 4414,

    /// <summary>The object would be under itself.</summary>
    Cycle = 4415,

    /// <summary>Another member holds the lock; value is its id.</summary>
    Locked = 4421,

    /// <summary>A value is not a number, or outside what its field allows.</summary>
    BadValue = 4422,

    /// <summary>The sender does not own the slot.</summary>
    NotOwner = 4423,

    /// <summary>A position lies outside the room's bounds.</summary>
    OutOfBounds = 4424,

    /// <summary>A reliable message's sequence is not the one expected next.</summary>
    BadSequence = 4425,

    /// <summary>More frames than the limit in force.</summary>
    RateLimited = 4429,

    /// <summary>The room is at its capacity.</summary>
    RoomFull = 4430,

    /// <summary>The server is at its limit of rooms.</summary>
    TooManyRooms = 4431,

    /// <summary>More objects or attributes than the limit.</summary>
    QuotaExceeded = 4432,

    /// <summary>Taken out of the room by a moderator.</summary>
    Kicked = 4433,

    /// <summary>Banned from the room.</summary>
    Banned = 4434,

    /// <summary>The room has been closed.</summary>
    RoomClosed = 4435,

    /// <summary>The same user has come in over another connection.</summary>
    Replaced = 4436,

    /// <summary>The same user is in the room over another connection.</summary>
    AlreadyPresent = 4437,

    /// <summary>The sender has been muted.</summary>
    Muted = 4438,

    /// <summary>The sender waits in the lobby.</summary>
    InLobby = 4439,

    /// <summary>Cause of 4408: nothing arrived for the idle timeout.</summary>
    HeartbeatTimeout = 4451,

    /// <summary>Cause of 4408: a frame was begun and not finished in time.</summary>
    FrameDeadline = 4452,

    /// <summary>Cause of 4408: the peer did not read what was sent to it in time.</summary>
    SlowReceiver = 4453,

    /// <summary>Cause of 4401: no Hello in time.</summary>
    HelloTimeout = 4454,

    /// <summary>The first bytes on raw TCP are not the preface: logs and metrics only, since such a peer gets no answer.</summary>
    BadPreface = 4455,

    /// <summary>Cause of 4408: the session goes on over a newer connection.</summary>
    TakenUpAgain = 4456,

    /// <summary>Cause of 4401: what the connection was let in by has expired, and nothing fresh came in time. The session waits for its
    /// client.</summary>
    CredentialsExpired = 4457,

    /// <summary>What had to be stored could not be; nothing has changed.</summary>
    StoreUnavailable = 4500,
}
