using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files;

/// <summary>What somebody says of a file that they are about to send.</summary>
/// <param name="Account">Whose it is to be.</param>
/// <param name="Quota">What that account may have, in bytes.</param>
/// <param name="Name">What it is to be called: <see cref="FileNames.Clean"/>.</param>
/// <param name="Visibility">Who may see it.</param>
/// <param name="Room">Whose members may see it, if it is a room's.</param>
/// <param name="Length">Bytes that are announced; null for no word about it.</param>
/// <param name="Token">What to seal it with; null for the master key.</param>
internal sealed record NewFile(
    string Account, long Quota, string Name, FileVisibility Visibility, string? Room, long? Length, FileSecret? Token);
