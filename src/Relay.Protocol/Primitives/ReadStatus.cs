namespace Relay.Protocol.Primitives;

/// <summary>How reading a frame's body went. Anything but <see cref="Ok"/> closes the connection with 1007. protocol-spec.md
/// §3.4.</summary>
public enum ReadStatus : byte
{
    /// <summary>The body is well formed.</summary>
    Ok,

    /// <summary>A field runs past the end of the body.</summary>
    Truncated,

    /// <summary>Bytes are left after the last field.</summary>
    TrailingBytes,

    /// <summary>A count promises more items than the bytes that are left could hold.</summary>
    CountTooLarge,

    /// <summary>A variable-length integer is longer than it may be, or not in its shortest form.</summary>
    BadInteger,

    /// <summary>Text is not UTF-8.</summary>
    BadText,

    /// <summary>A field has a value that the grammar does not allow.</summary>
    BadValue,
}
