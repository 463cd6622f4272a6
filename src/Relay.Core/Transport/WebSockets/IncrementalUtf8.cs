using System.Text.Unicode;

namespace Relay.Core.Transport.WebSockets;

/// <summary>
/// Tells whether bytes that come in pieces are UTF-8 (RFC 3629), as soon as it can be told: pieces may end within a code point, and a
/// byte that cannot follow is refused when it comes, not when its code point should have ended. The bulk is left to the vectorized check
/// of the runtime; only what straddles two pieces is looked at byte by byte.
/// </summary>
internal struct IncrementalUtf8
{
    private byte _missing;
    private byte _low;
    private byte _high;

    /// <summary>Whether what has come so far ends with a whole code point.</summary>
    public readonly bool IsComplete => _missing == 0;

    /// <summary>Takes the next bytes.</summary>
    /// <returns>False if what has come so far is the beginning of no UTF-8. Nothing may be appended then.</returns>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        int read = 0;
        while (_missing > 0 && read < bytes.Length)
        {
            if (!Step(bytes[read++]))
            {
                return false;
            }
        }

        bytes = bytes[read..];
        int whole = bytes.Length - BegunAtEnd(bytes);
        if (!Utf8.IsValid(bytes[..whole]))
        {
            return false;
        }

        foreach (byte next in bytes[whole..])
        {
            if (!Step(next))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many bytes at the end belong to a code point that has more.</summary>
    private static int BegunAtEnd(ReadOnlySpan<byte> bytes)
    {
        for (int count = 1; count <= Math.Min(3, bytes.Length); count++)
        {
            byte lead = bytes[^count];
            if (lead is < 0x80 or >= 0xC0)
            {
                int size = lead switch { < 0xC0 => 1, < 0xE0 => 2, < 0xF0 => 3, _ => 4 };
                return size > count ? count : 0;
            }
        }

        return 0;
    }

    private bool Step(byte next)
    {
        if (_missing > 0)
        {
            bool follows = next >= _low && next <= _high;
            (_missing, _low, _high) = ((byte)(_missing - 1), 0x80, 0xBF);
            return follows;
        }

        // The second byte's range keeps out overlong forms (E0, F0), surrogates (ED) and what lies beyond U+10FFFF (F4).
        (int missing, byte low, byte high) = next switch
        {
            < 0x80 => (0, (byte)0x80, (byte)0xBF),
            < 0xC2 => (-1, (byte)0, (byte)0),
            < 0xE0 => (1, (byte)0x80, (byte)0xBF),
            0xE0 => (2, (byte)0xA0, (byte)0xBF),
            0xED => (2, (byte)0x80, (byte)0x9F),
            < 0xF0 => (2, (byte)0x80, (byte)0xBF),
            0xF0 => (3, (byte)0x90, (byte)0xBF),
            < 0xF4 => (3, (byte)0x80, (byte)0xBF),
            0xF4 => (3, (byte)0x80, (byte)0x8F),
            _ => (-1, (byte)0, (byte)0),
        };
        (_missing, _low, _high) = ((byte)Math.Max(missing, 0), low, high);
        return missing >= 0;
    }
}
