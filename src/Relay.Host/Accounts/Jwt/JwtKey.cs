using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Relay.Host.Accounts.Jwt;

/// <summary>
/// A key with its name and the one algorithm that it is for. A key says how it is used, a token never does: that is what makes a public
/// RSA key useless as an HMAC secret.
/// </summary>
internal sealed class JwtKey : IDisposable
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;
    private const int P256Bytes = 32;

    private readonly ECDsa? _ec;
    private readonly RSA? _rsa;

    private JwtKey(string id, ECDsa? ec, RSA? rsa)
    {
        Id = id;
        _ec = ec;
        _rsa = rsa;
    }

    /// <summary>Its name.</summary>
    public string Id { get; }

    /// <summary>What it is for.</summary>
    public JwtAlgorithm Algorithm => _ec is not null ? JwtAlgorithm.ES256 : JwtAlgorithm.RS256;

    /// <summary>A key of ours, named by its thumbprint (RFC 7638), so that every instance calls it the same.</summary>
    /// <param name="key">A P-256 key; the new object's from now on.</param>
    /// <exception cref="CryptographicException">Another curve.</exception>
    public static JwtKey Own(ECDsa key)
    {
        ECParameters parameters = key.ExportParameters(includePrivateParameters: false);
        if (key.KeySize != 256 || parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            throw new CryptographicException("A signing key must be on the curve P-256.");
        }

        string text = $"{{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"{Base64Url.EncodeToString(parameters.Q.X)}\"," +
            $"\"y\":\"{Base64Url.EncodeToString(parameters.Q.Y)}\"}}";
        return new JwtKey(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(text))), key, null);
    }

    /// <summary>Reads a public key of a JWK set (RFC 7517). Only what checks signatures by an algorithm of ours is taken.</summary>
    /// <param name="jwk">The key as JSON.</param>
    /// <returns>Null for any other key.</returns>
    public static JwtKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object || Text(jwk, "use") is not (null or "sig") || !MayVerify(jwk))
        {
            return null;
        }

        string id = Text(jwk, "kid") ?? "";
        try
        {
            return (Text(jwk, "kty"), Text(jwk, "alg")) switch
            {
                ("EC", null or "ES256") when Text(jwk, "crv") == "P-256" => ReadEc(id, jwk),
                ("RSA", null or "RS256") => ReadRsa(id, jwk),
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            // Not a point of the curve, for instance.
            return null;
        }
    }

    /// <summary>Signs.</summary>
    /// <param name="data">What.</param>
    /// <returns>The signature as RFC 7518 §3.4 wants it: 64 bytes.</returns>
    public byte[] Sign(byte[] data) =>
        (_ec ?? throw new InvalidOperationException("Relay signs with ES256 only.")).SignData(data, HashAlgorithmName.SHA256);

    /// <summary>Whether something has a signature's length.</summary>
    /// <param name="signature">What was given.</param>
    public bool MayBeSignature(byte[] signature) => signature.Length == (_ec is not null ? 2 * P256Bytes : _rsa!.KeySize / 8);

    /// <summary>Checks a signature. Called from many threads: the key is only read.</summary>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature.</param>
    public bool Verify(byte[] data, byte[] signature) => _ec is not null
        ? _ec.VerifyData(data, signature, HashAlgorithmName.SHA256)
        : _rsa!.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    /// <summary>Writes the public half as a JWK.</summary>
    /// <param name="json">Where to.</param>
    public void WritePublic(Utf8JsonWriter json)
    {
        ECParameters parameters = (_ec ?? throw new InvalidOperationException("Relay shows its own keys only."))
            .ExportParameters(includePrivateParameters: false);
        json.WriteStartObject();
        json.WriteString("kty", "EC");
        json.WriteString("crv", "P-256");
        json.WriteString("alg", "ES256");
        json.WriteString("use", "sig");
        json.WriteString("kid", Id);
        json.WriteString("x", Base64Url.EncodeToString(parameters.Q.X));
        json.WriteString("y", Base64Url.EncodeToString(parameters.Q.Y));
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ec?.Dispose();
        _rsa?.Dispose();
    }

    private static JwtKey? ReadEc(string id, JsonElement jwk)
    {
        if (Bytes(jwk, "x") is not { Length: P256Bytes } x || Bytes(jwk, "y") is not { Length: P256Bytes } y)
        {
            return null;
        }

        return new JwtKey(
            id, ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } }), null);
    }

    private static JwtKey? ReadRsa(string id, JsonElement jwk)
    {
        // A public exponent of more than 4 bytes would make every check slow.
        if (Bytes(jwk, "n") is not { Length: > 0 and <= MaxRsaBits / 8 } n || Bytes(jwk, "e") is not { Length: > 0 and <= 4 } e)
        {
            return null;
        }

        var rsa = RSA.Create(new RSAParameters { Modulus = n, Exponent = e });
        if (rsa.KeySize >= MinRsaBits)
        {
            return new JwtKey(id, null, rsa);
        }

        rsa.Dispose();
        return null;
    }

    private static bool MayVerify(JsonElement jwk) =>
        !jwk.TryGetProperty("key_ops", out JsonElement uses) ||
        (uses.ValueKind == JsonValueKind.Array && uses.EnumerateArray().Any(use => JsonText.Of(use) == "verify"));

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out JsonElement value) ? JsonText.Of(value) ?? "" : null;

    private static byte[]? Bytes(JsonElement jwk, string name) =>
        StrictBase64Url.TryDecode(Text(jwk, name) ?? "", out byte[] bytes) ? bytes : null;
}
