using System.Globalization;
using System.Text;

namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary>An Ethereum account: the last 20 bytes of the Keccak-256 hash of its public key. Compared by these bytes, so that the case of
/// its letters does not matter.</summary>
internal readonly struct EthereumAddress : IEquatable<EthereumAddress>
{
    /// <summary>Bytes of an address.</summary>
    public const int Size = 20;

    /// <summary>Bytes of a signature: r, s and v.</summary>
    public const int SignatureSize = 65;

    private readonly UInt128 _low;
    private readonly uint _high;

    private EthereumAddress(ReadOnlySpan<byte> bytes)
    {
        _high = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes);
        _low = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes[sizeof(uint)..]);
    }

    /// <summary>Reads <c>0x</c> and 40 hex digits: all lower case, all upper case, or mixed with the right EIP-55 checksum. A wrong
    /// checksum is a typing mistake and no address.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EthereumAddress address)
    {
        address = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != 2 + (2 * Size) || !text.StartsWith("0x", StringComparison.Ordinal) ||
            Convert.FromHexString(text[2..], bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        address = new EthereumAddress(bytes);
        ReadOnlySpan<char> digits = text[2..];
        return !digits.ContainsAnyInRange('a', 'f') || !digits.ContainsAnyInRange('A', 'F') || text.SequenceEqual(address.ToString());
    }

    /// <summary>Finds who signed a text with <c>personal_sign</c> (EIP-191, version 45).</summary>
    /// <param name="message">The text, as it was shown.</param>
    /// <param name="signature">r and s, 32 bytes each, and v: 0 or 27 for an even y, 1 or 28 for an odd one.</param>
    /// <param name="address">Who.</param>
    /// <returns>False when nobody can have made the signature, or it is not in the one form that is taken.</returns>
    public static bool TryRecover(string message, ReadOnlySpan<byte> signature, out EthereumAddress address)
    {
        address = default;
        if (signature.Length != SignatureSize || signature[^1] is not (0 or 1 or 27 or 28))
        {
            return false;
        }

        byte[] text = Encoding.UTF8.GetBytes(message);
        byte[] prefix = Encoding.ASCII.GetBytes("\x19" + "Ethereum Signed Message:\n" + text.Length.ToString(CultureInfo.InvariantCulture));
        bool isOdd = signature[^1] is 1 or 28;
        if (!Secp256k1.TryRecover(Keccak256.Hash([.. prefix, .. text]), signature[..32], signature[32..64], isOdd, out byte[] key))
        {
            return false;
        }

        address = OfKey(key);
        return true;
    }

    /// <summary>The address of a public key: its x and y.</summary>
    public static EthereumAddress OfKey(ReadOnlySpan<byte> key) => new(Keccak256.Hash(key).AsSpan(Keccak256.Size - Size));

    /// <summary>In lower case, as it is stored: one address has one.</summary>
    public string ToCanonical() => $"0x{_high:x8}{_low:x32}";

    /// <summary>With the checksum of EIP-55 in the case of its letters.</summary>
    public override string ToString()
    {
        string lower = ToCanonical();
        byte[] hash = Keccak256.Hash(Encoding.ASCII.GetBytes(lower[2..]));
        return string.Create(lower.Length, (lower, hash), static (text, state) =>
        {
            state.lower.CopyTo(text);
            for (int i = 2; i < text.Length; i++)
            {
                int nibble = (state.hash[(i - 2) / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xF;
                text[i] = nibble >= 8 ? char.ToUpperInvariant(text[i]) : text[i];
            }
        });
    }

    public bool Equals(EthereumAddress other) => _high == other._high && _low == other._low;

    public override bool Equals(object? obj) => obj is EthereumAddress other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_high, _low);

    public static bool operator ==(EthereumAddress left, EthereumAddress right) => left.Equals(right);

    public static bool operator !=(EthereumAddress left, EthereumAddress right) => !left.Equals(right);
}
