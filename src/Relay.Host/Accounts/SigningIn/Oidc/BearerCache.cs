using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>
/// What came of the last tokens, by their SHA-256, so that a token that is shown with each request costs a hash. Bounded: when it is full,
/// what has expired goes, and if that is nothing, everything.
/// </summary>
internal sealed class BearerCache(TimeProvider time)
{
    /// <summary>The most tokens that are remembered, some 600 bytes each.</summary>
    public const int Most = 4_096;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, Entry> _entries = [];

    /// <summary>The name that a token has here. 128 bits of the hash: nobody finds another token of the same name.</summary>
    public static UInt128 NameOf(string bearer)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(bearer), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>What is remembered of a token, if it still holds.</summary>
    public bool TryFind(UInt128 name, out Entry entry)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(name, out entry!) && time.GetUtcNow() < entry.Until;
        }
    }

    /// <summary>Remembers what came of a token.</summary>
    public void Put(UInt128 name, Entry entry)
    {
        lock (_gate)
        {
            if (_entries.Count >= Most && !_entries.ContainsKey(name))
            {
                MakeRoom();
            }

            _entries[name] = entry;
        }
    }

    private void MakeRoom()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((UInt128 over, _) in _entries.Where(entry => now >= entry.Value.Until).ToArray())
        {
            _entries.Remove(over);
        }

        if (_entries.Count >= Most)
        {
            _entries.Clear();
        }
    }

    /// <summary>What came of a token.</summary>
    /// <param name="Principal">Whose it is; null for one that is not believed.</param>
    /// <param name="Until">Until when that holds.</param>
    /// <param name="Provider">Whose word it is.</param>
    /// <param name="Snapshot">The keys that it goes by; null for an introspected one.</param>
    internal sealed record Entry(ClaimsPrincipal? Principal, DateTimeOffset Until, OidcProvider Provider, ProviderSnapshot? Snapshot);
}
