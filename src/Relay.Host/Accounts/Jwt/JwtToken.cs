using System.Text;
using System.Text.Json;

namespace Relay.Host.Accounts.Jwt;

/// <summary>
/// A token in parts, read strictly and believed in nothing: a compact JWS (RFC 7515 §7.1) of two JSON objects in which no name stands
/// twice. Keys that it brings along or points to (<c>jwk</c>, <c>jku</c>, <c>x5c</c>, <c>x5u</c>) are not looked at.
/// </summary>
internal sealed class JwtToken
{
    /// <summary>The longest token that is read, in characters.</summary>
    public const int MaxLength = 8192;

    private const int MaxKeyId = 255;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    private JwtToken(string algorithm, string? type, string? keyId, JsonElement claims, byte[] signed, byte[] signature)
    {
        Algorithm = algorithm;
        Type = type;
        KeyId = keyId;
        Claims = claims;
        Signed = signed;
        Signature = signature;
    }

    /// <summary>How it says that it is signed.</summary>
    public string Algorithm { get; }

    /// <summary>What it says that it is, in small letters and without <c>application/</c>; null if it does not.</summary>
    public string? Type { get; }

    /// <summary>The name of the key, to be looked up among known keys and nothing else; null if it names none.</summary>
    public string? KeyId { get; }

    /// <summary>What it claims.</summary>
    public JsonElement Claims { get; }

    /// <summary>The bytes that are signed.</summary>
    public byte[] Signed { get; }

    /// <summary>The signature.</summary>
    public byte[] Signature { get; }

    /// <summary>Whether a text looks like a token: three parts.</summary>
    /// <param name="text">The text.</param>
    public static bool LooksLikeOne(ReadOnlySpan<char> text) => text.StartsWith("ey", StringComparison.Ordinal) && text.Count('.') == 2;

    /// <summary>Reads a token.</summary>
    /// <param name="token">The token.</param>
    /// <returns>Null if it is malformed.</returns>
    public static JwtToken? Read(string token)
    {
        if (token.Length > MaxLength || token.AsSpan().Count('.') != 2)
        {
            return null;
        }

        int first = token.IndexOf('.', StringComparison.Ordinal);
        int second = token.LastIndexOf('.');
        if (!TryReadObject(token.AsSpan(0, first), out JsonElement header) ||
            !TryReadObject(token.AsSpan(first + 1, second - first - 1), out JsonElement claims) ||
            !StrictBase64Url.TryDecode(token.AsSpan(second + 1), out byte[] signature))
        {
            return null;
        }

        // What must be understood (RFC 7515 §4.1.11) is never understood here.
        if (header.TryGetProperty("crit", out _) ||
            !TryReadText(header, "alg", out string? algorithm) || algorithm is null ||
            !TryReadText(header, "typ", out string? type) ||
            !TryReadText(header, "kid", out string? keyId) || keyId is { Length: > MaxKeyId })
        {
            return null;
        }

        return new JwtToken(algorithm, Normal(type), keyId, claims, Encoding.ASCII.GetBytes(token[..second]), signature);
    }

    /// <summary>A claim that is a text; null if it is not there or something else.</summary>
    /// <param name="name">The claim's name.</param>
    public string? Text(string name) =>
        Claims.TryGetProperty(name, out JsonElement value) ? JsonText.Of(value) : null;

    /// <summary>A claim that is a time in seconds since 1970 (RFC 7519 §2, NumericDate); null if it is not there or something
    /// else.</summary>
    /// <param name="name">The claim's name.</param>
    public double? Time(string name) =>
        Claims.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number &&
        value.TryGetDouble(out double seconds) && seconds is >= 0 and < 1e12
            ? seconds
            : null;

    /// <summary>Whether it is for somebody. RFC 7519 §4.1.3: <c>aud</c> is one name or several.</summary>
    /// <param name="audience">The name.</param>
    public bool IsFor(string audience) => Claims.TryGetProperty("aud", out JsonElement value) && value.ValueKind switch
    {
        JsonValueKind.String => JsonText.Of(value) == audience,
        JsonValueKind.Array => value.EnumerateArray().Any(one => JsonText.Of(one) == audience),
        _ => false,
    };

    private static string? Normal(string? type)
    {
        string? small = type?.ToLowerInvariant();
        return small is not null && small.StartsWith("application/", StringComparison.Ordinal) ? small["application/".Length..] : small;
    }

    private static bool TryReadObject(ReadOnlySpan<char> part, out JsonElement element)
    {
        element = default;
        if (!StrictBase64Url.TryDecode(part, out byte[] bytes))
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            element = document.RootElement.Clone();
            return element.ValueKind == JsonValueKind.Object;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name with half of a surrogate pair.
            return false;
        }
    }

    private static bool TryReadText(JsonElement header, string name, out string? text)
    {
        text = null;
        if (!header.TryGetProperty(name, out JsonElement value))
        {
            return true;
        }

        text = JsonText.Of(value);
        return text is not null;
    }
}
