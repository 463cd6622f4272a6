using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Relay.Host.Accounts.Jwt;
using Relay.Host.Accounts.SigningIn.Oidc;
using Relay.Host.Accounts.SigningIn.Wallet;

namespace Relay.Microbench;

/// <summary>What it costs to know who somebody is: a provider's token, read and checked with a key that is there already; the same token
/// once more; a wallet's signature.</summary>
public class JwtBenchmark
{
    private const string Issuer = "https://id.example";
    private const string Audience = "https://rooms.example";
    private const string Signature = "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c";

    private readonly JwtPolicy _policy = new()
    {
        Algorithms = new HashSet<JwtAlgorithm> { JwtAlgorithm.RS256, JwtAlgorithm.ES256 },
        Issuer = Issuer,
        Audience = Audience,
    };

    private readonly byte[] _signature = Convert.FromHexString(Signature);
    private JwtKey _rsa = null!;
    private JwtKey _ec = null!;
    private string _rs256 = "";
    private string _es256 = "";
    private DateTimeOffset _now;

    [GlobalSetup]
    public void Setup()
    {
        _now = TimeProvider.System.GetUtcNow();
        using var rsa = RSA.Create(2048);
        RSAParameters open = rsa.ExportParameters(includePrivateParameters: false);
        _rsa = Read($$"""{"kty":"RSA","kid":"r","n":"{{Base64Url.EncodeToString(open.Modulus)}}","e":"{{Base64Url.EncodeToString(open.Exponent)}}"}""");
        _rs256 = Token("RS256", "r", data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        using ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECPoint point = ec.ExportParameters(includePrivateParameters: false).Q;
        _ec = Read($$"""{"kty":"EC","crv":"P-256","kid":"e","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""");
        _es256 = Token("ES256", "e", data => ec.SignData(data, HashAlgorithmName.SHA256));
        if (!Rs256() || !Es256() || !Wallet())
        {
            throw new InvalidOperationException("What is measured does not work.");
        }
    }

    [Benchmark]
    public bool Rs256() => _policy.Check(JwtToken.Read(_rs256), _rsa, _ec, _now) == JwtVerdict.Ok;

    [Benchmark]
    public bool Es256() => _policy.Check(JwtToken.Read(_es256), _ec, _ec, _now) == JwtVerdict.Ok;

    [Benchmark]
    public UInt128 NameOfARememberedToken() => BearerCache.NameOf(_rs256);

    [Benchmark]
    public bool Wallet() => EthereumAddress.TryRecover("Some data", _signature, out _);

    private static JwtKey Read(string jwk)
    {
        using var document = JsonDocument.Parse(jwk);
        return JwtKey.Read(document.RootElement)!;
    }

    private string Token(string algorithm, string key, Func<byte[], byte[]> sign)
    {
        string header = $$"""{"alg":"{{algorithm}}","typ":"at+jwt","kid":"{{key}}"}""";
        string expires = _now.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), made = _now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        string claims = $$"""{"iss":"{{Issuer}}","sub":"5f2b1c9e","aud":"{{Audience}}","exp":{{expires}},"iat":{{made}},"scope":"openid profile","client_id":"app"}""";
        string signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
