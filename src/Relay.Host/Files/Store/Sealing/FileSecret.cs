using System.Security.Cryptography;

namespace Relay.Host.Files.Store.Sealing;

/// <summary>
/// A master key, or a caller's token: what the keys of single files are derived from, by HKDF with SHA-256 (RFC 5869). Nothing is encrypted
/// with it itself.
/// </summary>
internal sealed class FileSecret
{
    /// <summary>Bytes of <see cref="Id"/>.</summary>
    public const int IdLength = 8;

    /// <summary>Bytes of a master key.</summary>
    public const int MasterLength = 32;

    /// <summary>The least bytes of a token: fewer can be guessed from a stolen disk.</summary>
    public const int MinTokenLength = 16;

    private readonly byte[] _secret;
    private readonly byte[] _id;

    private FileSecret(SealKind kind, byte[] secret)
    {
        Kind = kind;
        _secret = secret;
        _id = Derive("id", [], IdLength);
        IdText = Convert.ToHexStringLower(_id);
    }

    /// <summary>Which of the two it is.</summary>
    public SealKind Kind { get; }

    /// <summary>Tells secrets apart without saying anything of them. It is in the header of each file, and the check value of a master
    /// key.</summary>
    public ReadOnlySpan<byte> Id => _id;

    /// <summary>The same in hex, 16 characters.</summary>
    public string IdText { get; }

    /// <summary>A master key.</summary>
    /// <param name="key">32 random bytes.</param>
    public static FileSecret Master(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, MasterLength);
        return new FileSecret(SealKind.Master, key.ToArray());
    }

    /// <summary>A caller's token.</summary>
    /// <param name="token">At least 16 bytes that nobody guesses: what is easy to guess (a password) protects nothing here, since HKDF is
    /// fast.</param>
    public static FileSecret Token(ReadOnlySpan<byte> token)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(token.Length, MinTokenLength);
        return new FileSecret(SealKind.Token, token.ToArray());
    }

    /// <summary>The key for what was, or will be, sealed with this salt.</summary>
    /// <param name="salt">32 random bytes, of one file alone.</param>
    /// <param name="purpose">What is sealed, so that nothing can be put in another's place.</param>
    public FileKey KeyOf(ReadOnlySpan<byte> salt, string purpose) => new(Derive(purpose, salt, FileKey.MaterialLength));

    /// <summary>What a content sealed with this is called.</summary>
    /// <param name="hash">The content's hash.</param>
    public FileName NameOf(ContentHash hash) =>
        new(Kind == SealKind.Master ? hash.Hex : Convert.ToHexStringLower(HMACSHA256.HashData(Derive("name", [], 32), hash.ToBytes())));

    private byte[] Derive(string purpose, ReadOnlySpan<byte> salt, int length)
    {
        byte[] derived = new byte[length];
        string info = $"relay files 1 {(Kind == SealKind.Master ? "master" : "token")} {purpose}";
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, derived, salt, System.Text.Encoding.ASCII.GetBytes(info));
        return derived;
    }
}
