using System.Buffers.Text;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Serving;

/// <summary>The header <c>File-Token</c>: what a file is sealed with that the server cannot open by itself. 16 to 64 bytes in
/// base64url.</summary>
internal static class FileToken
{
    /// <summary>The header.</summary>
    public const string Header = "File-Token";

    /// <summary>What to say of one that is malformed.</summary>
    public const string Wanted = "File-Token takes 16 to 64 bytes in base64url, once.";

    private const int MaxLength = 64, MaxText = 88;

    /// <summary>Reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="token">The token; null if there is no such header.</param>
    /// <returns>False if it is malformed.</returns>
    public static bool TryRead(HttpRequest request, out FileSecret? token)
    {
        token = null;
        if (request.Headers[Header] is not { Count: > 0 } header)
        {
            return true;
        }

        if (header is not [{ Length: <= MaxText } text] || !Base64Url.IsValid(text, out int length)
            || length is < FileSecret.MinTokenLength or > MaxLength)
        {
            return false;
        }

        token = FileSecret.Token(Base64Url.DecodeFromChars(text));
        return true;
    }
}
