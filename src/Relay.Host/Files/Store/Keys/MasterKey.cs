using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Store.Keys;

/// <summary>A master key and where it came from.</summary>
/// <param name="Secret">The key.</param>
/// <param name="Origin">For people: the file, or the setting. One word.</param>
internal sealed record MasterKey(FileSecret Secret, string Origin)
{
    /// <summary>Reads a key.</summary>
    /// <param name="text">32 bytes in base64, as from <c>openssl rand -base64 32</c>.</param>
    /// <param name="origin">Where it came from.</param>
    /// <returns>Null if it is none.</returns>
    public static MasterKey? Parse(string text, string origin)
    {
        Span<byte> key = stackalloc byte[FileSecret.MasterLength];
        string trimmed = text.Trim();

        // 44 characters are 31 to 33 bytes; more would not fit.
        return trimmed.Length == 44 && Convert.TryFromBase64String(trimmed, key, out int length) && length == key.Length
            ? new MasterKey(FileSecret.Master(key), origin)
            : null;
    }
}
