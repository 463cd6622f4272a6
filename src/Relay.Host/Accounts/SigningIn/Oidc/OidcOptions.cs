using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>An OpenID Connect provider, section <c>Relay:Accounts:Oidc:N</c>. Read once, at start.</summary>
internal sealed class OidcOptions
{
    /// <summary>What it is called in paths (<c>/api/v1/auth/oidc/NAME/start</c>): 1 to 32 small letters, digits and <c>-</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The issuer, character by character as its own documents name it (OpenID Connect Discovery §4.3).</summary>
    public string Authority { get; set; } = "";

    /// <summary>What Relay is called there. Default null: people cannot sign in, only bearer tokens are taken.</summary>
    public string? ClientId { get; set; }

    /// <summary>Its secret there. Default null: a public client, protected by PKCE alone.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>What is asked for, with spaces between. Default <c>openid profile</c>. Must have <c>openid</c>.</summary>
    public string Scopes { get; set; } = "openid profile";

    /// <summary>The <c>aud</c> that a bearer token must have: what the provider calls this server as a resource. Default null: no JWT is
    /// taken as a bearer. Must not be <see cref="ClientId"/>, since an id_token would then open the door.</summary>
    public string? Audience { get; set; }

    /// <summary>Allowed signatures. Default <c>RS256</c> and <c>ES256</c>, which is also all there is to choose from.</summary>
    public List<string> Algorithms { get; set; } = [];

    /// <summary>Whether tokens that are no JWTs are shown to the provider (RFC 7662). Default false. At one provider at most.</summary>
    public bool Introspection { get; set; }

    /// <summary>Where to show them, for a provider that does not publish it (Ory Hydra has it on its admin port). Default null: as the
    /// discovery document says.</summary>
    public string? IntrospectionEndpoint { get; set; }

    /// <summary>Whether everything of the provider must be https. Default true; plain http is for a provider on this machine.</summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>The keys are fetched at most once in so long, whatever comes. Default 60 s. Range 1 s to 1 hour.</summary>
    public TimeSpan KeyInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How old the keys may become before they are fetched anew, although nobody has missed one: so a withdrawn key goes. Default
    /// 10 minutes. Range <see cref="KeyInterval"/> to 24 hours.</summary>
    public TimeSpan KeyRefresh { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the keys serve while the provider is down; then its tokens are answered with 503. Default 24 hours. Range
    /// <see cref="KeyRefresh"/> to 7 days.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long the provider may take for an answer. Default 5 s. Range 100 ms to 30 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it is believed what the provider said of a token that is no JWT; never beyond the token's end. So long a token may
    /// be used after it was revoked. Default 30 s. Range 0 to 5 minutes.</summary>
    public TimeSpan IntrospectionLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The allowed signatures, read.</summary>
    public IReadOnlySet<JwtAlgorithm> AllowedAlgorithms =>
        Algorithms.Count == 0
            ? new HashSet<JwtAlgorithm>(Enum.GetValues<JwtAlgorithm>())
            : Algorithms.Select(Enum.Parse<JwtAlgorithm>).ToHashSet();

    /// <summary>Whether an address of the provider may be used.</summary>
    /// <param name="address">The address.</param>
    public bool MayUse(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0 &&
        (uri.Scheme == Uri.UriSchemeHttps || (!RequireHttps && uri.Scheme == Uri.UriSchemeHttp));

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    /// <param name="section">Where the options stand, for the line.</param>
    public IEnumerable<string> Validate(string section)
    {
        if (Name.Length is 0 or > 32 || !Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            yield return $"{section}:Name must be 1 to 32 of a-z, 0-9 and -; it is \"{Name}\".";
        }

        string scheme = RequireHttps ? "https" : "http or https";
        if (!MayUse(Authority) || Authority.Contains('?', StringComparison.Ordinal) || Authority.Length > 200)
        {
            yield return $"{section}:Authority must be an {scheme} URL of at most 200 characters without ? and #; it is \"{Authority}\".";
        }

        if (IntrospectionEndpoint is not null && !MayUse(IntrospectionEndpoint))
        {
            yield return $"{section}:IntrospectionEndpoint must be an {scheme} URL; it is \"{IntrospectionEndpoint}\".";
        }

        if (!Scopes.Split(' ').Contains("openid", StringComparer.Ordinal))
        {
            yield return $"{section}:Scopes must have openid; it is \"{Scopes}\".";
        }

        if (ClientId is null && Audience is null && !Introspection)
        {
            yield return $"{section} lets nobody in: set ClientId (people), Audience (JWTs) or Introspection.";
        }

        if (Audience is not null && Audience == ClientId)
        {
            yield return $"{section}:Audience must not be the ClientId, since an id_token would be taken for an access token.";
        }

        foreach (string algorithm in Algorithms.Where(name => !Enum.GetNames<JwtAlgorithm>().Contains(name, StringComparer.Ordinal)))
        {
            yield return $"{section}:Algorithms may be RS256 and ES256; one is \"{algorithm}\".";
        }

        foreach ((string name, TimeSpan value, TimeSpan least, TimeSpan most) in new[]
        {
            (nameof(KeyInterval), KeyInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            (nameof(KeyRefresh), KeyRefresh, KeyInterval, TimeSpan.FromHours(24)),
            (nameof(KeyLifetime), KeyLifetime, KeyRefresh, TimeSpan.FromDays(7)),
            (nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
            (nameof(IntrospectionLifetime), IntrospectionLifetime, TimeSpan.Zero, TimeSpan.FromMinutes(5)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{section}:{name} must be {least} to {most}; it is {value}.";
            }
        }
    }
}
