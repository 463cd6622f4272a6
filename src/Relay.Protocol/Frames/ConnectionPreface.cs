namespace Relay.Protocol.Frames;

/// <summary>What the first bytes of a raw TCP connection are.</summary>
public enum PrefaceStatus
{
    /// <summary>All eight bytes of the preface are there.</summary>
    Match,

    /// <summary>What is there agrees with the preface so far.</summary>
    NeedMore,

    /// <summary>Not a relay client (HTTP, TLS, a port scanner): close without an answer.</summary>
    Mismatch,
}

/// <summary>
/// The eight bytes that a client sends first on raw TCP: <c>F1 52 45 4C 41 59 0D 0A</c> (0xF1, "RELAY", CR, LF).
/// The first byte is neither ASCII nor a TLS record type, so HTTP and TLS are turned away at once; the CR LF shows up
/// transports that rewrite line ends. protocol-spec.md §2.1.
/// </summary>
public static class ConnectionPreface
{
    /// <summary>Bytes in the preface: 8.</summary>
    public const int Size = 8;

    /// <summary>The preface itself.</summary>
    public static ReadOnlySpan<byte> Bytes => [0xF1, (byte)'R', (byte)'E', (byte)'L', (byte)'A', (byte)'Y', (byte)'\r', (byte)'\n'];

    /// <summary>Compares the first bytes of a connection with the preface.</summary>
    /// <param name="input">What has arrived so far.</param>
    public static PrefaceStatus Check(ReadOnlySpan<byte> input)
    {
        int known = Math.Min(input.Length, Size);
        if (!input[..known].SequenceEqual(Bytes[..known]))
        {
            return PrefaceStatus.Mismatch;
        }

        return known == Size ? PrefaceStatus.Match : PrefaceStatus.NeedMore;
    }
}
