namespace Relay.Protocol.MessagePack;

/// <summary>How reading, checking or changing MessagePack went. Nothing here throws on bytes, whatever they are.</summary>
public enum MessagePackStatus : byte
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>The input ends before the value does, or a count or length promises more than the bytes that are left could hold.</summary>
    Truncated,

    /// <summary>A value of another type stands here. A reader has not moved: another type may be tried.</summary>
    WrongType,

    /// <summary>An integer does not fit the type that was asked for, or a path has no keys.</summary>
    OutOfRange,

    /// <summary>The byte 0xC1 ("never used"), or a timestamp whose length is not 4, 8 or 12 or that has above 999,999,999
    /// nanoseconds.</summary>
    Malformed,

    /// <summary>A str is not UTF-8.</summary>
    BadText,

    /// <summary>A key of a map is not a str, where only those are allowed.</summary>
    KeyNotText,

    /// <summary>Arrays and maps are nested deeper than allowed.</summary>
    TooDeep,

    /// <summary>The input has more bytes than allowed.</summary>
    TooLarge,

    /// <summary>There are more values, keys and containers counted, than allowed.</summary>
    TooMany,

    /// <summary>Bytes are left behind the value.</summary>
    TrailingBytes,

    /// <summary>The destination is too short.</summary>
    NoRoom,
}
