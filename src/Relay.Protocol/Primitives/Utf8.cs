#if !NET
using System.Text;
#endif

namespace Relay.Protocol.Primitives;

/// <summary>Whether bytes are UTF-8 (RFC 3629), without making a string of them.</summary>
internal static class Utf8
{
#if NET
    public static bool IsValid(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);
#else
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
#endif
}
