using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>
/// Signs people in at a provider: authorization code with PKCE (RFC 7636, S256), one-time state and nonce, bound to the browser that began
/// by a secret that only its cookie has. RFC 9700 and OpenID Connect Core §3.1.
/// </summary>
internal sealed class OidcFlow(IOneTimeStore secrets, CryptoGate gate, AccountsOptions accounts, ILogger<OidcFlow> log)
{
    /// <summary>How long somebody may take at the provider.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const string Purpose = "oidc";

    /// <summary>Begins.</summary>
    /// <param name="provider">Where.</param>
    /// <param name="redirectUri">Where the provider is to send the browser back to.</param>
    /// <param name="returnTo">The page to go to in the end, on this server.</param>
    /// <param name="browser">The secret in the browser's cookie.</param>
    /// <param name="linkTo">The account to add the identity to; null to sign in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Where to send the browser; null when it cannot be begun now: say 503.</returns>
    public async Task<string?> BeginAsync(
        OidcProvider provider, string redirectUri, string returnTo, string browser, string? linkTo, CancellationToken cancellationToken)
    {
        ProviderSnapshot? snapshot = await provider.CurrentAsync(cancellationToken).ConfigureAwait(false);
        if (snapshot?.AuthorizationEndpoint is not { } endpoint || !provider.Options.MayUse(endpoint))
        {
            return null;
        }

        string state = Secrets.NewSecret();
        var attempt = new OidcAttempt(
            provider.Options.Name, Secrets.NewSecret(), Secrets.NewSecret(), HashOf(browser), redirectUri, returnTo, linkTo);
        string payload = JsonSerializer.Serialize(attempt, SignInJson.Default.OidcAttempt);
        if (!await secrets.PutAsync(Purpose, state, payload, Lifetime, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = provider.Options.ClientId,
            ["redirect_uri"] = redirectUri,
            ["scope"] = provider.Options.Scopes,
            ["state"] = state,
            ["nonce"] = attempt.Nonce,
            ["code_challenge"] = HashOf(attempt.Verifier),
            ["code_challenge_method"] = "S256",
        };
        return Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString(endpoint, query);
    }

    /// <summary>Takes up what was begun, once: whoever comes back a second time, in another browser, at another provider's address, or
    /// late, has nothing to take up.</summary>
    /// <param name="provider">Whose address the browser came back to.</param>
    /// <param name="answer">What the provider sent along.</param>
    /// <param name="browser">The secret in the browser's cookie; null if it has none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<OidcAttempt?> TakeUpAsync(
        OidcProvider provider, OidcAnswer answer, string? browser, CancellationToken cancellationToken)
    {
        string? payload = answer.State is { Length: Secrets.SecretLength } state && browser is not null
            ? await secrets.TakeAsync(Purpose, state, cancellationToken).ConfigureAwait(false)
            : null;
        OidcAttempt? attempt = payload is null ? null : JsonSerializer.Deserialize(payload, SignInJson.Default.OidcAttempt);
        return attempt is not null && attempt.Provider == provider.Options.Name && attempt.Browser == HashOf(browser!) ? attempt : null;
    }

    /// <summary>Exchanges the code for an id_token and checks it.</summary>
    /// <returns>Who it is; null when that is not proven.</returns>
    /// <exception cref="ProviderException">It cannot be said now: the provider does not answer.</exception>
    public async Task<ExternalIdentity?> FinishAsync(
        OidcProvider provider, OidcAttempt attempt, OidcAnswer answer, CancellationToken cancellationToken)
    {
        ProviderSnapshot snapshot = await provider.CurrentAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new ProviderException("its keys are not known");

        // RFC 9207 §2.4: a provider that names itself must do so each time, and be the one that was asked.
        bool isFromIt = answer.Issuer is null ? !snapshot.NamesItself : answer.Issuer == provider.Options.Authority;
        if (!isFromIt || answer.Code is not { Length: > 0 } code || snapshot.TokenEndpoint is not { } endpoint)
        {
            return null;
        }

        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = attempt.RedirectUri,
            ["code_verifier"] = attempt.Verifier,
        };
        (int status, JsonElement tokens) = await provider.Http.PostAsync(endpoint, form, cancellationToken).ConfigureAwait(false);
        if (status != StatusCodes.Status200OK)
        {
            log.CodeRefused(provider.Options.Name, status);
            return status < StatusCodes.Status500InternalServerError ? null : throw new ProviderException($"{endpoint} answers {status}");
        }

        string? idToken = tokens.TryGetProperty("id_token", out JsonElement value) ? JsonText.Of(value) : null;
        return idToken is null ? null : await CheckAsync(provider, attempt, idToken, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ExternalIdentity?> CheckAsync(
        OidcProvider provider, OidcAttempt attempt, string idToken, CancellationToken cancellationToken)
    {
        var policy = new JwtPolicy
        {
            Algorithms = provider.Options.AllowedAlgorithms,
            Issuer = provider.Options.Authority,
            Audience = provider.Options.ClientId,
            Skew = accounts.ClockSkew,
        };
        JwtToken? token = JwtToken.Read(idToken);
        (JwtVerdict verdict, ProviderSnapshot? snapshot) = await provider.CheckAsync(token, policy, gate, cancellationToken)
            .ConfigureAwait(false);
        if (snapshot is null)
        {
            throw new ProviderException("its keys cannot be fetched");
        }

        if (verdict != JwtVerdict.Ok || token!.Text("nonce") != attempt.Nonce || !IsAuthorizedParty(token, provider.Options.ClientId!))
        {
            log.TokenRefused(provider.Options.Name, verdict);
            return null;
        }

        return OidcIdentity.Of(provider, token.Text("sub")!, token.Text("name") ?? token.Text("preferred_username"));
    }

    /// <summary>OpenID Connect Core §3.1.3.7: a token for several names whom it was made for, and that must be us.</summary>
    private static bool IsAuthorizedParty(JwtToken token, string client) => token.Claims.TryGetProperty("azp", out JsonElement party)
        ? JsonText.Of(party) == client
        : token.Claims.GetProperty("aud") is not { ValueKind: JsonValueKind.Array } audience || audience.GetArrayLength() == 1;

    /// <summary>What is kept of the secret in a cookie; and the code challenge of a verifier (RFC 7636 §4.2).</summary>
    public static string HashOf(string secret) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));
}

/// <summary>What was begun, as it is kept under the hash of its state.</summary>
/// <param name="Provider">Where, by its name.</param>
/// <param name="Nonce">What the id_token must say.</param>
/// <param name="Verifier">The code verifier of PKCE.</param>
/// <param name="Browser">The hash of the secret in the browser's cookie.</param>
/// <param name="RedirectUri">What the provider was given.</param>
/// <param name="ReturnTo">The page to go to in the end.</param>
/// <param name="LinkTo">The account to add the identity to; null to sign in.</param>
internal sealed record OidcAttempt(
    string Provider, string Nonce, string Verifier, string Browser, string RedirectUri, string ReturnTo, string? LinkTo);

/// <summary>What a provider sends along with the browser.</summary>
/// <param name="State">What it was given.</param>
/// <param name="Code">The code.</param>
/// <param name="Issuer">Who it says that it is.</param>
internal sealed record OidcAnswer(string? State, string? Code, string? Issuer);
