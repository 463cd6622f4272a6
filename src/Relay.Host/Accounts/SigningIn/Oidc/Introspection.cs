using System.Text.Json;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>Asks a provider about a token that only it can read. RFC 7662.</summary>
internal sealed class Introspection(OidcProvider provider, TimeProvider time) : IDisposable
{
    private const int MostAtOnce = 32;

    private readonly SemaphoreSlim _places = new(MostAtOnce);

    /// <summary>Asks.</summary>
    /// <returns>The answer; null when it is not a token to be believed.</returns>
    /// <exception cref="ProviderException">It cannot be said now: the provider does not answer, or too many ask.</exception>
    public async Task<IntrospectedToken?> AskAsync(string bearer, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            throw new ProviderException($"{MostAtOnce} tokens are being asked about");
        }

        try
        {
            string? endpoint = provider.Options.IntrospectionEndpoint ??
                (await provider.CurrentAsync(cancellationToken).ConfigureAwait(false))?.IntrospectionEndpoint;
            if (endpoint is null)
            {
                throw new ProviderException("no introspection endpoint is known");
            }

            var form = new Dictionary<string, string> { ["token"] = bearer, ["token_type_hint"] = "access_token" };
            (int status, JsonElement answer) = await provider.Http.PostAsync(endpoint, form, cancellationToken).ConfigureAwait(false);
            return status == StatusCodes.Status200OK ? Read(answer) : throw new ProviderException($"{endpoint} answers {status}");
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private IntrospectedToken? Read(JsonElement answer)
    {
        if (!answer.TryGetProperty("active", out JsonElement active) || active.ValueKind != JsonValueKind.True)
        {
            return null;
        }

        OidcOptions options = provider.Options;
        bool isElsewhere = Text(answer, "iss") is { } issuer && issuer != options.Authority;
        bool isForOthers = options.Audience is { } audience && !IsFor(answer, audience);

        // Hydra tells refresh tokens from access tokens so; a refresh token is never a bearer.
        bool isOther = Text(answer, "token_use") is not (null or "access_token");
        DateTimeOffset now = time.GetUtcNow(), expires = Time(answer, "exp") ?? DateTimeOffset.MaxValue;
        return isElsewhere || isForOthers || isOther || expires <= now || Time(answer, "nbf") > now + TimeSpan.FromSeconds(60) ||
            Text(answer, "sub") is not { Length: > 0 } subject
            ? null
            : new IntrospectedToken(subject, Text(answer, "name") ?? Text(answer, "username"), expires);
    }

    private static string? Text(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out JsonElement value) ? JsonText.Of(value) : null;

    private static bool IsFor(JsonElement answer, string audience) => answer.TryGetProperty("aud", out JsonElement value) &&
        (value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Any(one => JsonText.Of(one) == audience)
            : JsonText.Of(value) == audience);

    private static DateTimeOffset? Time(JsonElement answer, string name) =>
        answer.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number &&
        value.TryGetDouble(out double seconds) && seconds is >= 0 and < 1e11
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
            : null;
}

/// <summary>What a provider says of a token that it believes.</summary>
/// <param name="Subject">Whose it is.</param>
/// <param name="Name">What that one is called; null if it does not say.</param>
/// <param name="Expires">When it ends.</param>
internal sealed record IntrospectedToken(string Subject, string? Name, DateTimeOffset Expires);
