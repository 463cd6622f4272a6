using System.Text;

namespace Relay.Core.Rooms;

/// <summary>Text for a <c>string8</c>, cut at a character so that it fits. Allocates: for refusals and closes, which are limited in
/// rate.</summary>
internal static class ShortText
{
    /// <summary>Encodes as much of <paramref name="text"/> as fits 255 bytes.</summary>
    public static ReadOnlySpan<byte> Encode(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int length = Math.Min(bytes.Length, byte.MaxValue);
        while (length < bytes.Length && (bytes[length] & 0xC0) == 0x80)
        {
            // In the middle of a character: leave it out.
            length--;
        }

        return bytes.AsSpan(0, length);
    }
}
