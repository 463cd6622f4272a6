using System.Buffers;
using System.Buffers.Text;

namespace Relay.Host.Accounts.Jwt;

/// <summary>base64url as RFC 7515 §2 wants it: no padding, no white space, nothing left over. A text has one way to be written, so that a
/// token cannot be changed and stay the same.</summary>
internal static class StrictBase64Url
{
    /// <summary>Decodes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">Its bytes; empty if it is malformed.</param>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length % 4 == 1)
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        byte[] decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, decoded, out _, out int written) != OperationStatus.Done)
        {
            return false;
        }

        // Bits beyond the last byte must be zero.
        if (!Base64Url.EncodeToString(decoded.AsSpan(0, written)).AsSpan().SequenceEqual(text))
        {
            return false;
        }

        bytes = decoded[..written];
        return true;
    }
}
