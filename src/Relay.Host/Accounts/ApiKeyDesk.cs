using System.Collections.Concurrent;
using System.Net;
using System.Security.Claims;

namespace Relay.Host.Accounts;

/// <summary>API keys, all in memory: checking one costs a hash and no query.</summary>
internal sealed class ApiKeyDesk(
    IApiKeyStore store, Revocations revocations, InstallationSecret secret, AccountsOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, ApiKey> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _used = new(StringComparer.Ordinal);

    /// <summary>All keys, the oldest first.</summary>
    public IReadOnlyList<ApiKey> All => [.. _keys.Values.OrderBy(key => key.Created)];

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads all keys.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (ApiKey key in await store.AllAsync(cancellationToken).ConfigureAwait(false))
        {
            _keys[key.Id] = key;
        }
    }

    /// <summary>Says who shows a key.</summary>
    /// <param name="text">What was shown.</param>
    /// <returns>Null if it is not good, whatever the reason.</returns>
    public ClaimsPrincipal? Check(string text)
    {
        if (!ApiKey.TryRead(text, out string id, out string shown))
        {
            return null;
        }

        bool isKnown = _keys.TryGetValue(id, out ApiKey? key);
        bool isRight = Secrets.Same(Secrets.HashOf(shown), isKnown ? key!.Hash : new string('A', Secrets.SecretLength));
        if (!isKnown || !isRight || Now >= key!.Expires || revocations.IsRevoked(key.Account, null))
        {
            return null;
        }

        _used[id] = Now;
        DateTimeOffset? expires = key.Expires is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
        return RelayClaims.PrincipalOf(key.Account, null, key.Name, AccountKind.Server.Word(), key.Scopes, expires);
    }

    /// <summary>Makes a key.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="scopes">What it may do.</param>
    /// <param name="lifetime">How long; null for ever.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The key, and its text, which nobody can tell again; null when there are as many as may be.</returns>
    public async Task<(ApiKey Key, string Text)?> CreateAsync(
        string actor, string name, string scopes, TimeSpan? lifetime, IPAddress? address, CancellationToken cancellationToken)
    {
        if (_keys.Count >= options.MaxApiKeys)
        {
            return null;
        }

        string own = Secrets.NewSecret();
        long now = Now;
        var account = new Account(Secrets.NewId(), AccountKind.Server, name, "{}", IsAdmin: false, IsDisabled: false, now, now, 1);
        var key = new ApiKey(
            Secrets.NewId(), account.Id, name, scopes, Secrets.HashOf(own), now,
            lifetime is { } time ? now + (long)time.TotalMilliseconds : null, null);
        await store.CreateAsync(key, account, Audit(actor, "api-key-created", key.Id, scopes, address), cancellationToken)
            .ConfigureAwait(false);
        _keys[key.Id] = key;
        return (key, ApiKey.Reveal(key.Id, own));
    }

    /// <summary>Removes a key: it is worthless at once, and whoever is connected by it is taken off.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The key.</param>
    /// <param name="address">Where from, for the audit log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if there is no such key.</returns>
    public async Task<bool> RemoveAsync(string actor, string id, IPAddress? address, CancellationToken cancellationToken)
    {
        if (!await store.RemoveAsync(id, Audit(actor, "api-key-removed", id, "", address), cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (_keys.TryRemove(id, out ApiKey? key))
        {
            revocations.AccountDisabled(key.Account);
        }

        return true;
    }

    /// <summary>Stores when keys were last used: once for many uses.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task TouchAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, long> used = [];
        foreach (string id in _used.Keys)
        {
            if (_used.TryRemove(id, out long at) && _keys.TryGetValue(id, out ApiKey? key))
            {
                used[id] = at;
                _keys.TryUpdate(id, key with { LastUsed = at }, key);
            }
        }

        if (used.Count > 0)
        {
            await store.TouchAsync(used, cancellationToken).ConfigureAwait(false);
        }
    }

    private AuditEntry Audit(string actor, string action, string target, string detail, IPAddress? address) =>
        new(Now, actor, action, target, detail, address is null ? null : secret.Hash("address", address.ToString()));
}
