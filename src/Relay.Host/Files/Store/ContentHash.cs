using System.Diagnostics.CodeAnalysis;

namespace Relay.Host.Files.Store;

/// <summary>The SHA-256 of a file's content: its address.</summary>
/// <param name="Hex">64 digits and small letters.</param>
internal readonly record struct ContentHash(string Hex)
{
    /// <summary>Characters of it.</summary>
    public const int Length = 64;

    /// <summary>Wraps what was computed.</summary>
    /// <param name="hash">32 bytes.</param>
    public static ContentHash Of(ReadOnlySpan<byte> hash) => new(Convert.ToHexStringLower(hash));

    /// <summary>Reads one that somebody names. What is not exactly one is none: no part of it ever becomes a path.</summary>
    /// <param name="text">What was named.</param>
    /// <param name="hash">The hash.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out ContentHash hash)
    {
        bool isHash = text is { Length: Length } && text.All(char.IsAsciiHexDigitLower);
        hash = isHash ? new ContentHash(text!) : default;
        return isHash;
    }

    /// <summary>Its 32 bytes.</summary>
    public byte[] ToBytes() => Convert.FromHexString(Hex);

    public override string ToString() => Hex;
}
