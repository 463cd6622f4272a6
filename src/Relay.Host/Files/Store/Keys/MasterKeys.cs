using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Store.Keys;

/// <summary>The installation's master keys: one that new files are sealed with, and older ones.</summary>
/// <param name="keys">At least one, of which the last is the active one.</param>
internal sealed class MasterKeys(IReadOnlyList<MasterKey> keys)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<MasterKey> All => keys;

    /// <summary>The one for new files.</summary>
    public MasterKey Active => keys[^1];

    /// <summary>Finds a key.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>Null if it is not at hand.</returns>
    public FileSecret? Find(ReadOnlySpan<byte> id)
    {
        foreach (MasterKey key in keys)
        {
            if (key.Secret.Id.SequenceEqual(id))
            {
                return key.Secret;
            }
        }

        return null;
    }
}
