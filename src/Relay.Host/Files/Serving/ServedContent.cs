using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Serving;

/// <summary>What is sent to somebody who may have it: a file, or what was made of one.</summary>
/// <param name="Hash">The content's hash.</param>
/// <param name="Token">What it is sealed with; null for a master key.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Name">What it is called when it is saved.</param>
/// <param name="IsPublic">Whether anybody may have it.</param>
/// <param name="Until">Until when, if its address is signed.</param>
internal sealed record ServedContent(
    ContentHash Hash, FileSecret? Token, string MediaType, string Name, bool IsPublic, DateTimeOffset? Until)
{
    /// <summary>Its entity tag. What has this hash never changes, so it is a strong one.</summary>
    public string Tag => $"\"{Hash}\"";
}
