namespace Relay.Protocol;

/// <summary>Names for <see cref="CloseCode"/>: the snake_case ones of protocol-spec.md §9, for logs and metric tags.</summary>
public static class CloseCodes
{
    /// <summary>The name of a code as protocol-spec.md §9 has it; <c>unknown</c> for a number that is not in the table.</summary>
    /// <param name="code">The code.</param>
    public static string Name(CloseCode code) => code switch
    {
        CloseCode.None => "none",
        CloseCode.Normal => "normal",
        CloseCode.GoingAway => "going_away",
        CloseCode.ProtocolError => "protocol_error",
        CloseCode.UnsupportedData => "unsupported_data",
        CloseCode.Abnormal => "abnormal",
        CloseCode.InvalidPayload => "invalid_payload",
        CloseCode.MessageTooBig => "message_too_big",
        CloseCode.InternalError => "internal_error",
        CloseCode.ServiceRestart => "service_restart",
        CloseCode.TryAgainLater => "try_again_later",
        CloseCode.BadRoomName => "bad_room_name",
        CloseCode.Unauthorized => "unauthorized",
        CloseCode.Forbidden => "forbidden",
        CloseCode.NotFound => "not_found",
        CloseCode.UnknownFrameType => "unknown_frame_type",
        CloseCode.UnsupportedVersion => "unsupported_version",
        CloseCode.Timeout => "timeout",
        CloseCode.AlreadyInRoom => "already_in_room",
        CloseCode.NotInRoom => "not_in_room",
        CloseCode.PayloadTooLarge => "payload_too_large",
        CloseCode.BadValue => "bad_value",
        CloseCode.NotOwner => "not_owner",
        CloseCode.OutOfBounds => "out_of_bounds",
        CloseCode.BadSequence => "bad_sequence",
        CloseCode.RateLimited => "rate_limited",
        CloseCode.RoomFull => "room_full",
        CloseCode.TooManyRooms => "too_many_rooms",
        CloseCode.HeartbeatTimeout => "heartbeat_timeout",
        CloseCode.FrameDeadline => "frame_deadline",
        CloseCode.SlowReceiver => "slow_receiver",
        CloseCode.HelloTimeout => "hello_timeout",
        CloseCode.BadPreface => "bad_preface",
        CloseCode.TakenUpAgain => "taken_up_again",
        CloseCode.CredentialsExpired => "credentials_expired",
        CloseCode.NameTaken => "name_taken",
        CloseCode.Conflict => "conflict",
        CloseCode.TooDeep => "too_deep",
        CloseCode.Cycle => "cycle",
        CloseCode.Locked => "locked",
        CloseCode.QuotaExceeded => "quota_exceeded",
        CloseCode.Kicked => "kicked",
        CloseCode.Banned => "banned",
        CloseCode.RoomClosed => "room_closed",
        CloseCode.Replaced => "replaced",
        CloseCode.AlreadyPresent => "already_present",
        CloseCode.Muted => "muted",
        CloseCode.InLobby => "in_lobby",
        CloseCode.StoreUnavailable => "store_unavailable",
        _ => "unknown",
    };

    /// <summary>Whether a client should try again by itself, after a delay with jitter. protocol-spec.md §9.</summary>
    /// <param name="code">The code that the connection ended with, or its cause: either may say so.</param>
    public static bool IsRetryable(CloseCode code) => code is
        CloseCode.GoingAway or CloseCode.Abnormal or CloseCode.InternalError or CloseCode.ServiceRestart or
        CloseCode.TryAgainLater or CloseCode.Timeout or CloseCode.RateLimited or CloseCode.HelloTimeout or CloseCode.CredentialsExpired;
}
