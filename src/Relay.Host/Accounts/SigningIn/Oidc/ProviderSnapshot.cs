using System.Text.Json;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>What a provider published at one time: where it is to be asked what, and its keys.</summary>
internal sealed class ProviderSnapshot
{
    private const int MostKeys = 64;

    private readonly Dictionary<(string Id, JwtAlgorithm Algorithm), JwtKey> _keys;

    private ProviderSnapshot(JsonElement metadata, Dictionary<(string Id, JwtAlgorithm Algorithm), JwtKey> keys, long at)
    {
        _keys = keys;
        At = at;
        AuthorizationEndpoint = Text(metadata, "authorization_endpoint");
        TokenEndpoint = Text(metadata, "token_endpoint");
        IntrospectionEndpoint = Text(metadata, "introspection_endpoint");
        NamesItself = metadata.TryGetProperty("authorization_response_iss_parameter_supported", out JsonElement names) &&
            names.ValueKind == JsonValueKind.True;
    }

    /// <summary>When it was fetched, a timestamp.</summary>
    public long At { get; }

    /// <summary>Where people are sent; null if it has none.</summary>
    public string? AuthorizationEndpoint { get; }

    /// <summary>Where a code is exchanged; null if it has none.</summary>
    public string? TokenEndpoint { get; }

    /// <summary>Where opaque tokens are shown; null if it has none.</summary>
    public string? IntrospectionEndpoint { get; }

    /// <summary>Whether it says who it is when it sends people back. RFC 9207 §3.</summary>
    public bool NamesItself { get; }

    /// <summary>Fetches it: two requests.</summary>
    /// <exception cref="ProviderException">The provider cannot be asked, is another than it should be, or has no key of use.</exception>
    public static async Task<ProviderSnapshot> FetchAsync(ProviderHttp http, OidcOptions options, TimeProvider time)
    {
        string discovery = options.Authority.TrimEnd('/') + "/.well-known/openid-configuration";
        JsonElement metadata = await http.GetAsync(discovery, CancellationToken.None).ConfigureAwait(false);
        if (Text(metadata, "issuer") != options.Authority)
        {
            // OpenID Connect Discovery §4.3: else one provider could speak for another.
            throw new ProviderException(
                $"{discovery} names the issuer \"{Text(metadata, "issuer")}\", and the Authority is \"{options.Authority}\"");
        }

        string keysAt = Text(metadata, "jwks_uri") ?? throw new ProviderException($"{discovery} names no jwks_uri");
        JsonElement set = await http.GetAsync(keysAt, CancellationToken.None).ConfigureAwait(false);
        var keys = new Dictionary<(string Id, JwtAlgorithm Algorithm), JwtKey>();
        if (set.TryGetProperty("keys", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (JwtKey key in list.EnumerateArray().Take(MostKeys).Select(JwtKey.Read).OfType<JwtKey>())
            {
                // Two of one name cannot be told apart: the first counts.
                keys.TryAdd((key.Id, key.Algorithm), key);
            }
        }

        return keys.Count > 0
            ? new ProviderSnapshot(metadata, keys, time.GetTimestamp())
            : throw new ProviderException($"{keysAt} has no RSA or P-256 key for signatures");
    }

    /// <summary>The key that a token is to be checked with. A name is nothing but a name to be looked up. A token without one is checked
    /// with the only key there is for its algorithm.</summary>
    /// <returns>Null if there is none.</returns>
    public JwtKey? KeyFor(JwtToken token)
    {
        if (!Enum.TryParse(token.Algorithm, out JwtAlgorithm algorithm))
        {
            return null;
        }

        if (token.KeyId is { } id)
        {
            return _keys.GetValueOrDefault((id, algorithm));
        }

        JwtKey[] fitting = [.. _keys.Values.Where(key => key.Algorithm == algorithm)];
        return fitting.Length == 1 ? fitting[0] : null;
    }

    private static string? Text(JsonElement metadata, string name) =>
        metadata.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
