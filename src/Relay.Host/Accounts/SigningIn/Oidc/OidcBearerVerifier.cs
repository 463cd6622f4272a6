using System.Security.Claims;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>
/// Believes providers' own access tokens: JWTs by their signature, others by asking. A token that was believed once costs a hash from then
/// on, until it expires, the provider's keys change, or its account is disabled.
/// </summary>
internal sealed class OidcBearerVerifier : IBearerVerifier, IDisposable
{
    /// <summary>So long it is gone by what an account was called; and so long a token whose issuer withdrew it without changing keys is
    /// good.</summary>
    private static readonly TimeSpan MostCached = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan RefusalCached = TimeSpan.FromSeconds(10);

    private readonly (OidcProvider Provider, JwtPolicy Policy)[] _signed;
    private readonly (OidcProvider Provider, Introspection Desk)? _asked;
    private readonly AccountDesk _accounts;
    private readonly Revocations _revocations;
    private readonly CryptoGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly BearerCache _cache;

    public OidcBearerVerifier(
        OidcProviders providers, AccountDesk accounts, Revocations revocations, CryptoGate gate, AccountsOptions options, TimeProvider time,
        ILogger<OidcBearerVerifier> log)
    {
        (_accounts, _revocations, _gate, _time, _log, _cache) = (accounts, revocations, gate, time, log, new BearerCache(time));
        _signed = [.. providers.All
            .Where(provider => provider.Options.Audience is not null)
            .Select(provider => (provider, PolicyOf(provider.Options, options)))];
        _asked = providers.All.FirstOrDefault(provider => provider.Options.Introspection) is { } one
            ? (one, new Introspection(one, time))
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask<BearerAnswer> VerifyAsync(string bearer, CancellationToken cancellationToken)
    {
        if (bearer.Length > JwtToken.MaxLength)
        {
            return BearerAnswer.Refused;
        }

        UInt128 name = BearerCache.NameOf(bearer);
        if (_cache.TryFind(name, out BearerCache.Entry known) && (known.Snapshot is null || known.Provider.IsCurrent(known.Snapshot)))
        {
            return Answer(known.Principal);
        }

        if (!JwtToken.LooksLikeOne(bearer))
        {
            return _asked is { } asked
                ? await AskAsync(asked.Provider, asked.Desk, bearer, name, cancellationToken).ConfigureAwait(false)
                : BearerAnswer.NotMine;
        }

        // Which provider it is about nobody has proven yet: it only says by whose keys it is to be judged.
        JwtToken? token = JwtToken.Read(bearer);
        string? issuer = token?.Text("iss");
        foreach ((OidcProvider provider, JwtPolicy policy) in _signed)
        {
            if (provider.Options.Authority == issuer)
            {
                return await CheckAsync(provider, policy, token!, name, cancellationToken).ConfigureAwait(false);
            }
        }

        return BearerAnswer.NotMine;
    }

    public void Dispose() => _asked?.Desk.Dispose();

    private static JwtPolicy PolicyOf(OidcOptions provider, AccountsOptions options) => new()
    {
        Algorithms = provider.AllowedAlgorithms,
        Issuer = provider.Authority,
        Audience = provider.Audience,
        Skew = options.ClockSkew,
        NeedsIssuedAt = false,
    };

    private async ValueTask<BearerAnswer> CheckAsync(
        OidcProvider provider, JwtPolicy policy, JwtToken token, UInt128 name, CancellationToken cancellationToken)
    {
        (JwtVerdict verdict, ProviderSnapshot? snapshot) = await provider.CheckAsync(token, policy, _gate, cancellationToken)
            .ConfigureAwait(false);
        if (snapshot is null)
        {
            return BearerAnswer.Unavailable;
        }

        if (verdict != JwtVerdict.Ok)
        {
            _log.TokenRefused(provider.Options.Name, verdict);
            return BearerAnswer.Refused;
        }

        DateTimeOffset expires = DateTimeOffset.FromUnixTimeMilliseconds((long)(token.Time("exp")!.Value * 1000));
        string? called = token.Text("name") ?? token.Text("preferred_username");
        ClaimsPrincipal? principal = await PrincipalAsync(provider, token.Text("sub")!, called, expires, cancellationToken)
            .ConfigureAwait(false);
        _cache.Put(name, new BearerCache.Entry(principal, Earlier(expires, _time.GetUtcNow() + MostCached), provider, snapshot));
        return Answer(principal);
    }

    private async ValueTask<BearerAnswer> AskAsync(
        OidcProvider provider, Introspection desk, string bearer, UInt128 name, CancellationToken cancellationToken)
    {
        try
        {
            IntrospectedToken? token = await desk.AskAsync(bearer, cancellationToken).ConfigureAwait(false);
            ClaimsPrincipal? principal = token is null ? null
                : await PrincipalAsync(provider, token.Subject, token.Name, token.Expires, cancellationToken).ConfigureAwait(false);
            DateTimeOffset now = _time.GetUtcNow();
            TimeSpan lifetime = provider.Options.IntrospectionLifetime;
            DateTimeOffset until = now + (principal is null && lifetime > RefusalCached ? RefusalCached : lifetime);
            _cache.Put(name, new BearerCache.Entry(principal, token is null ? until : Earlier(until, token.Expires), provider, null));
            return Answer(principal);
        }
        catch (ProviderException e)
        {
            _log.ProviderUnavailable(provider.Options.Name, e.Message);
            return BearerAnswer.Unavailable;
        }
    }

    private async Task<ClaimsPrincipal?> PrincipalAsync(
        OidcProvider provider, string subject, string? called, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        if (OidcIdentity.Of(provider, subject, called) is not { } identity)
        {
            return null;
        }

        Account account = await _accounts.FindOrCreateAsync(identity, cancellationToken).ConfigureAwait(false);
        return account.IsDisabled
            ? null
            : RelayClaims.PrincipalOf(account, null, null, expires == DateTimeOffset.MaxValue ? null : expires);
    }

    private BearerAnswer Answer(ClaimsPrincipal? principal) =>
        principal?.AccountId() is { } account && !_revocations.IsRevoked(account, null)
            ? BearerAnswer.Accepted(principal)
            : BearerAnswer.Refused;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
