using System.Buffers.Binary;

namespace Relay.Protocol.MessagePack;

/// <summary>A point in time as the MessagePack specification's timestamp extension (type −1) has it.</summary>
public readonly record struct MessagePackTimestamp
{
    /// <summary>The extension type of timestamps.</summary>
    public const sbyte ExtensionType = -1;

    /// <summary>The most nanoseconds that the specification allows.</summary>
    public const uint MaxNanoseconds = 999_999_999;

    /// <summary>Creates a timestamp.</summary>
    /// <param name="seconds">Seconds since 1970-01-01T00:00:00Z without leap seconds; any value.</param>
    /// <param name="nanoseconds">Nanoseconds after that second, 0 to 999,999,999, also before 1970.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are more nanoseconds than that.</exception>
    public MessagePackTimestamp(long seconds, uint nanoseconds)
    {
        if (nanoseconds > MaxNanoseconds)
        {
            throw new ArgumentOutOfRangeException(nameof(nanoseconds), nanoseconds, "A timestamp has at most 999,999,999 nanoseconds.");
        }

        Seconds = seconds;
        Nanoseconds = nanoseconds;
    }

    /// <summary>Seconds since 1970-01-01T00:00:00Z without leap seconds; negative before it.</summary>
    public long Seconds { get; }

    /// <summary>Nanoseconds after <see cref="Seconds"/>, 0 to 999,999,999.</summary>
    public uint Nanoseconds { get; }

    /// <summary>Reads the data of the extension: timestamp 32, timestamp 64 or timestamp 96, told apart by length.</summary>
    /// <param name="data">The data of an extension of type −1.</param>
    /// <param name="timestamp">The timestamp when the answer is true.</param>
    /// <returns>Whether the length is 4, 8 or 12 bytes and the nanoseconds are in range.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> data, out MessagePackTimestamp timestamp)
    {
        long seconds;
        uint nanoseconds;
        switch (data.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                nanoseconds = 0;
                break;
            case 8:
                // 30 bits of nanoseconds above 34 bits of seconds.
                ulong packed = BinaryPrimitives.ReadUInt64BigEndian(data);
                seconds = (long)(packed & 0x3_FFFF_FFFF);
                nanoseconds = (uint)(packed >> 34);
                break;
            case 12:
                nanoseconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                seconds = BinaryPrimitives.ReadInt64BigEndian(data[4..]);
                break;
            default:
                timestamp = default;
                return false;
        }

        bool valid = nanoseconds <= MaxNanoseconds;
        timestamp = valid ? new MessagePackTimestamp(seconds, nanoseconds) : default;
        return valid;
    }
}
