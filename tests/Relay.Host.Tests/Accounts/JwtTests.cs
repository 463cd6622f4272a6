using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Tests.Accounts;

/// <summary>Tokens: what is believed, and all that is not.</summary>
public sealed class JwtTests
{
    private const string Claims = """{"iss":"relay","aud":"relay","sub":"anna","iat":1000,"exp":1600}""";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1100);

    private static readonly JwtKey Key = JwtKey.Own(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    private static readonly RSA Rsa = RSA.Create(2048);

    private static readonly JwtKey RsaKey = JwtKey.Read(JsonDocument.Parse(RsaJwk(Rsa, "rsa")).RootElement)!;

    private static readonly JwtPolicy Policy = new()
    {
        Algorithms = new HashSet<JwtAlgorithm> { JwtAlgorithm.ES256, JwtAlgorithm.RS256 },
        Issuer = "relay",
        Audience = "relay",
        Types = new HashSet<string> { "at+jwt" },
    };

    [Fact]
    public void Good_tokens_ofBothAlgorithms_areBelieved()
    {
        Assert.Equal(JwtVerdict.Ok, Check(Token(Header("ES256", Key.Id), Claims)));
        Assert.Equal(JwtVerdict.Ok, Check(Sign(Header("RS256", "rsa"), Claims, data => Rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))));
    }

    /// <summary>RFC 7515 A.3: a signature that somebody else has made.</summary>
    [Fact]
    public void Rfc7515_exampleOfEs256_isVerified()
    {
        const string Jwk = """
            {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
            """;
        const string Token =
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        JwtToken token = JwtToken.Read(Token)!;
        Assert.True(JwtKey.Read(JsonDocument.Parse(Jwk).RootElement)!.Verify(token.Signed, token.Signature));
        Assert.Equal("joe", token.Text("iss"));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("es256")]
    [InlineData("ES256 ")]
    [InlineData("ES384")]
    [InlineData("PS256")]
    public void Case26_algNone_andAllOthers_areRefused_withAndWithoutASignature(string algorithm)
    {
        string unsigned = Part(Header(algorithm, Key.Id)) + "." + Part(Claims) + ".";
        Assert.Equal(JwtVerdict.AlgorithmNotAllowed, Check(unsigned));
        Assert.Equal(JwtVerdict.AlgorithmNotAllowed, Check(Token(Header(algorithm, Key.Id), Claims)));
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public void Case27_publicKey_usedAsHmacSecret_isRefused(string algorithm)
    {
        foreach (byte[] secret in new[]
        {
            Encoding.ASCII.GetBytes(Rsa.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(Rsa.ExportRSAPublicKeyPem()), Rsa.ExportSubjectPublicKeyInfo(),
        })
        {
            Assert.Equal(JwtVerdict.AlgorithmNotAllowed, Check(Sign(Header(algorithm, "rsa"), Claims, data => HMACSHA256.HashData(secret, data))));
            // And called by an algorithm that is allowed, it is still not a signature.
            Assert.Equal(JwtVerdict.BadSignature, Check(Sign(Header("RS256", "rsa"), Claims, data => HMACSHA256.HashData(secret, data))));
        }

        Assert.Equal(JwtVerdict.UnknownKey, Check(Sign(Header("ES256", "rsa"), Claims, Key.Sign)));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/dev/null")]
    [InlineData("' OR 1=1 --")]
    [InlineData("x'; DROP TABLE accounts; --")]
    [InlineData("\u0000")]
    [InlineData("")]
    public void Case28_keyId_isANameAndNothingElse(string id) =>
        Assert.Equal(JwtVerdict.UnknownKey, Check(Token(Header("ES256", id), Claims)));

    [Fact]
    public void Case28_keysThatATokenBringsAlong_areNotLookedAt()
    {
        var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters point = own.ExportParameters(false);
        string header = $$"""
            {"alg":"ES256","typ":"at+jwt","kid":"{{Key.Id}}","jku":"http://127.0.0.1:1/jwks.json","jwk":{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(point.Q.X)}}","y":"{{Base64Url.EncodeToString(point.Q.Y)}}"} }
            """;
        Assert.Equal(JwtVerdict.BadSignature, Check(Sign(header, Claims, data => own.SignData(data, HashAlgorithmName.SHA256))));
        Assert.Equal(JwtVerdict.Malformed, Check(Token("""{"alg":"ES256","typ":"at+jwt","kid":"K","crit":["exp"]}""", Claims)));
    }

    [Theory]
    [InlineData("""{"iss":"other","aud":"relay","sub":"a","iat":1000,"exp":1600}""", JwtVerdict.WrongIssuer)]
    [InlineData("""{"aud":"relay","sub":"a","iat":1000,"exp":1600}""", JwtVerdict.WrongIssuer)]
    [InlineData("""{"iss":["relay"],"aud":"relay","sub":"a","iat":1000,"exp":1600}""", JwtVerdict.WrongIssuer)]
    [InlineData("""{"iss":"relay","aud":"other","sub":"a","iat":1000,"exp":1600}""", JwtVerdict.WrongAudience)]
    [InlineData("""{"iss":"relay","aud":["x",1],"sub":"a","iat":1000,"exp":1600}""", JwtVerdict.WrongAudience)]
    [InlineData("""{"iss":"relay","aud":["x","relay"],"sub":"a","iat":1000,"exp":1600}""", JwtVerdict.Ok)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"","iat":1000,"exp":1600}""", JwtVerdict.MissingClaim)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1000}""", JwtVerdict.MissingClaim)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1000,"exp":"1600"}""", JwtVerdict.MissingClaim)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1000,"exp":1e300}""", JwtVerdict.MissingClaim)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1000,"exp":-1}""", JwtVerdict.MissingClaim)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","exp":1600}""", JwtVerdict.MissingClaim)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1000,"exp":1600,"nbf":"x"}""", JwtVerdict.MissingClaim)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":900,"exp":1040}""", JwtVerdict.Expired)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":900,"exp":1041}""", JwtVerdict.Ok)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1160,"exp":1600}""", JwtVerdict.Ok)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1161,"exp":1600}""", JwtVerdict.NotYetValid)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1000,"nbf":1160,"exp":1600}""", JwtVerdict.Ok)]
    [InlineData("""{"iss":"relay","aud":"relay","sub":"a","iat":1000,"nbf":1161,"exp":1600}""", JwtVerdict.NotYetValid)]
    public void Case29_claims_areChecked_with60SecondsOfSkewToTheSecond(string claims, object verdict) =>
        Assert.Equal((JwtVerdict)verdict, Check(Token(Header("ES256", Key.Id), claims)));

    [Fact]
    public void Type_makesATokenForOneThing_worthlessForAnother()
    {
        Assert.Equal(JwtVerdict.WrongType, Check(Token($$"""{"alg":"ES256","typ":"relay-room+jwt","kid":"{{Key.Id}}"}""", Claims)));
        Assert.Equal(JwtVerdict.WrongType, Check(Token($$"""{"alg":"ES256","kid":"{{Key.Id}}"}""", Claims)));
        Assert.Equal(JwtVerdict.Ok, Check(Token($$"""{"alg":"ES256","typ":"application/AT+JWT","kid":"{{Key.Id}}"}""", Claims)));
    }

    [Fact]
    public void Malformed_tokens_areNeverRead()
    {
        string good = Token(Header("ES256", Key.Id), Claims);
        string[] parts = good.Split('.');
        string[] bad =
        [
            "", ".", "..", "...", "a.b.c", parts[0], $"{parts[0]}.{parts[1]}", good + ".", "." + good, good + "=", good + " ", " " + good, good + "\n",
            good.Replace('.', ','), $"{parts[0]}=.{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{parts[2][..^1]}",
            $"{parts[0]}. {parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{parts[2].Replace('-', '+').Replace('_', '/')}+",
            Token("[]", Claims), Token("\"x\"", Claims), Token(Header("ES256", Key.Id), "[]"), Token(Header("ES256", Key.Id), "1"), Token("{}", Claims),
            Token("""{"alg":"ES256","alg":"none"}""", Claims), Token("""{"alg":1}""", Claims), Token("""{"alg":"ES256","kid":1}""", Claims),
            Token("""{"alg":"ES256","kid":"\ud800"}""", Claims), Token("{\"alg\":\"ES256\",\"kid\":\"" + new string('k', 256) + "\"}", Claims),
            Token(Header("ES256", Key.Id), """{"sub":"a","sub":"b"}"""), Token(Header("ES256", Key.Id), """{"x":{"y":1,"y":2}}"""),
            Token(Header("ES256", Key.Id), """{"\ud800":1}"""),
            Token(Header("ES256", Key.Id), string.Concat(Enumerable.Repeat("{\"a\":", 9)) + "1" + new string('}', 9)),
            Token(Header("ES256", Key.Id), Claims + "x"), new string('a', JwtToken.MaxLength + 1),
        ];
        Assert.All(bad, token => Assert.True(JwtToken.Read(token) is null, token));
        Assert.NotNull(JwtToken.Read(good));
    }

    [Fact]
    public void Any_changeOfOneCharacter_isNoticed()
    {
        string good = Token(Header("ES256", Key.Id), Claims);
        for (int i = 0; i < good.Length; i++)
        {
            char other = good[i] == 'A' ? 'B' : 'A';
            Assert.NotEqual(JwtVerdict.Ok, Check(good[..i] + other + good[(i + 1)..]));
        }
    }

    [Fact]
    public void Keys_thatAreWeakOrForSomethingElse_areNotTaken()
    {
        using var small = RSA.Create(1024);
        string ec = $$"""
            {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"EXTRA}
            """;
        string[] bad =
        [
            RsaJwk(small, "s"), """{"kty":"oct","k":"AAAA"}""", ec.Replace("EXTRA", ",\"use\":\"enc\""), ec.Replace("EXTRA", ",\"alg\":\"HS256\""),
            ec.Replace("EXTRA", ",\"key_ops\":[\"sign\"]"), ec.Replace("P-256\"", "P-384\"").Replace("EXTRA", ""), ec.Replace("\"f83", "\"g83").Replace("EXTRA", ""),
            ec.Replace("\"f83", "\"AAAf83").Replace("EXTRA", ""), "[]", "1", "{}",
        ];
        Assert.All(bad, jwk => Assert.Null(JwtKey.Read(JsonDocument.Parse(jwk).RootElement)));
        Assert.NotNull(JwtKey.Read(JsonDocument.Parse(ec.Replace("EXTRA", ",\"use\":\"sig\",\"alg\":\"ES256\"")).RootElement));
    }

    private static JwtVerdict Check(string text)
    {
        JwtToken? token = JwtToken.Read(text);
        JwtKey? key = token?.KeyId == Key.Id ? Key : token?.KeyId == "rsa" ? RsaKey : null;
        return Policy.Check(token, key, Key, Now);
    }

    private static string Header(string algorithm, string id) => $$"""{"alg":{{JsonSerializer.Serialize(algorithm)}},"typ":"at+jwt","kid":{{JsonSerializer.Serialize(id)}}}""";

    private static string Token(string header, string claims) => Sign(header, claims, Key.Sign);

    private static string Sign(string header, string claims, Func<byte[], byte[]> sign)
    {
        string signed = Part(header) + "." + Part(claims);
        return signed + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)));
    }

    private static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string RsaJwk(RSA rsa, string id)
    {
        RSAParameters parameters = rsa.ExportParameters(false);
        return $$"""{"kty":"RSA","kid":"{{id}}","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}","e":"{{Base64Url.EncodeToString(parameters.Exponent)}}"}""";
    }
}
