using System.Security.Cryptography;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>
/// A provider and what is known of it. Its documents are fetched when they are first wanted and cached: fetched at most once in
/// <see cref="OidcOptions.KeyInterval"/>, one at a time, however many ask and whatever they show.
/// </summary>
internal sealed class OidcProvider : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly JwtKey _decoy = JwtKey.Own(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    private volatile ProviderSnapshot? _snapshot;
    private Task<ProviderSnapshot?>? _fetch;
    private long _fetchedAt;

    public OidcProvider(OidcOptions options, TimeProvider time, ILogger log)
    {
        Options = options;
        _time = time;
        _log = log;
        Http = new ProviderHttp(options);
    }

    /// <summary>What it is set to.</summary>
    public OidcOptions Options { get; }

    /// <summary>Requests to it.</summary>
    public ProviderHttp Http { get; }

    /// <summary>What identities of it are called: <c>oidc:</c> and the issuer.</summary>
    public string IdentityProvider => "oidc:" + Options.Authority;

    /// <summary>What the provider published, as far as it may still be gone by.</summary>
    /// <returns>Null when it does not answer and nothing is cached: say 503.</returns>
    public async ValueTask<ProviderSnapshot?> CurrentAsync(CancellationToken cancellationToken)
    {
        ProviderSnapshot? known = _snapshot;
        TimeSpan age = known is null ? TimeSpan.MaxValue : _time.GetElapsedTime(known.At);
        if (age < Options.KeyRefresh)
        {
            return known;
        }

        Task<ProviderSnapshot?> fetch = Fetch();
        return age < Options.KeyLifetime ? known : await fetch.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks a token. A key that is not known is looked for at the provider, unless that was done a moment ago.</summary>
    /// <param name="token">The token; null for one that could not be read.</param>
    /// <param name="policy">What it must say.</param>
    /// <param name="gate">Bounds how many signatures are worked on at once.</param>
    /// <param name="cancellationToken">The asker has gone.</param>
    /// <returns>The verdict and the keys that it goes by; no keys when it cannot be said now: the provider does not answer.</returns>
    public async ValueTask<(JwtVerdict Verdict, ProviderSnapshot? Snapshot)> CheckAsync(
        JwtToken? token, JwtPolicy policy, CryptoGate gate, CancellationToken cancellationToken)
    {
        ProviderSnapshot? snapshot = await CurrentAsync(cancellationToken).ConfigureAwait(false);
        JwtKey? key = token is null ? null : snapshot?.KeyFor(token);
        if (snapshot is not null && token is not null && key is null &&
            policy.Algorithms.Any(algorithm => algorithm.ToString() == token.Algorithm))
        {
            snapshot = await Fetch().WaitAsync(cancellationToken).ConfigureAwait(false);
            key = snapshot?.KeyFor(token);
        }

        if (snapshot is null)
        {
            return (JwtVerdict.UnknownKey, null);
        }

        using CryptoGate.Place? place = await gate.EnterAsync(cancellationToken).ConfigureAwait(false);
        return place is null ? (JwtVerdict.UnknownKey, null) : (policy.Check(token, key, _decoy, _time.GetUtcNow()), snapshot);
    }

    /// <summary>Whether these still are the keys that are gone by, or younger ones have taken their place.</summary>
    public bool IsCurrent(ProviderSnapshot snapshot) =>
        ReferenceEquals(_snapshot, snapshot) && _time.GetElapsedTime(snapshot.At) < Options.KeyLifetime;

    public void Dispose()
    {
        Http.Dispose();
        _decoy.Dispose();
    }

    /// <summary>Fetches what the provider publishes; or, where that is being done or was done within the interval, what came of
    /// it.</summary>
    private Task<ProviderSnapshot?> Fetch()
    {
        lock (_gate)
        {
            if (_fetch is null || (_fetch.IsCompleted && _time.GetElapsedTime(_fetchedAt) >= Options.KeyInterval))
            {
                _fetchedAt = _time.GetTimestamp();
                _fetch = Task.Run(FetchAsync);
            }

            return _fetch;
        }
    }

    private async Task<ProviderSnapshot?> FetchAsync()
    {
        try
        {
            // The old keys are left to the collector: somebody may be checking with them.
            ProviderSnapshot fetched = await ProviderSnapshot.FetchAsync(Http, Options, _time).ConfigureAwait(false);
            _snapshot = fetched;
            _log.KeysFetched(Options.Name);
            return fetched;
        }
        catch (ProviderException e)
        {
            _log.ProviderUnavailable(Options.Name, e.Message);
            return null;
        }
    }
}
