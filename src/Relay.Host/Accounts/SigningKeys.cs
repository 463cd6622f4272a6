using System.Security.Cryptography;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts;

/// <summary>The keys that this server signs with: the newest signs, all are believed, so that a new key can be put beside the old one and
/// the old one be taken away when its last token has expired.</summary>
internal sealed class SigningKeys : IDisposable
{
    private readonly Dictionary<string, JwtKey> _byId;

    /// <summary>Takes keys.</summary>
    /// <param name="keys">At least one, the newest last.</param>
    public SigningKeys(IReadOnlyList<JwtKey> keys)
    {
        All = keys;
        Current = keys[^1];
        _byId = keys.ToDictionary(key => key.Id, StringComparer.Ordinal);
    }

    /// <summary>All, the oldest first.</summary>
    public IReadOnlyList<JwtKey> All { get; }

    /// <summary>The one that signs.</summary>
    public JwtKey Current { get; }

    /// <summary>A key for as long as the process runs.</summary>
    public static SigningKeys ForThisProcess() => new([JwtKey.Own(ECDsa.Create(ECCurve.NamedCurves.nistP256))]);

    /// <summary>Finds a key among those that there are. A name is nothing but a name: no path, no query.</summary>
    /// <param name="id">The name that a token gives; null if it gives none.</param>
    public JwtKey? Find(string? id) => id is not null && _byId.TryGetValue(id, out JwtKey? key) ? key : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (JwtKey key in All)
        {
            key.Dispose();
        }
    }
}
