namespace Relay.Host.Accounts.Jwt;

/// <summary>The signatures that are spoken. Both are asymmetric: whoever can check one cannot make one, and a public key is never a secret
/// of something else. RFC 7518 §3.</summary>
internal enum JwtAlgorithm
{
    /// <summary>ECDSA on P-256 with SHA-256.</summary>
    ES256,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    RS256,
}
