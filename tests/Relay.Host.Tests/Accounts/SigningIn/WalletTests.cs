using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Relay.Host.Accounts.SigningIn.Wallet;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>Hashes, addresses, signatures and messages of wallets, against published values and what another implementation made.</summary>
public sealed class WalletTests
{
    private const string Order = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141";

    /// <summary>The example of web3.js' documentation.</summary>
    private const string Known = "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c";

    private const string KnownAddress = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";

    public static TheoryData<string, string> Vectors { get; } = Read();

    [Theory]
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("hello world", "47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad")]
    [InlineData("The quick brown fox jumps over the lazy dog", "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15")]
    public void Keccak256_isThePublishedOne(string text, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Keccak256.Hash(Encoding.ASCII.GetBytes(text))));

    /// <summary>Bytes 0 to 250 over and over, hashed by @noble/hashes.</summary>
    [Theory]
    [InlineData(135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62")]
    [InlineData(136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e")]
    [InlineData(137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db")]
    [InlineData(271, "27eceb59ebc3dc8a04a5b135be641591a7278540e4556a2ba9f408194e666ec3")]
    [InlineData(272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc")]
    [InlineData(273, "3f02f134370e4debb95140ef49ddd3aed8c65ff1ed83a43f1b269421f179c5f9")]
    [InlineData(10_000, "0605985b5c99ee924864c4c317fe9c120663f3a50e4d3564583fb8ddffeb0228")]
    public void Keccak256_holdsAroundTheEndsOfBlocks(int length, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Keccak256.Hash([.. Enumerable.Range(0, length).Select(i => (byte)(i % 251))])));

    [Theory]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB")]
    [InlineData("0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb")]
    [InlineData("0x52908400098527886E0F7030069857D2E4169EE7")]
    [InlineData("0x8617E340B3D01FA5F11F306F4090FD50E238070D")]
    [InlineData("0xde709f2102306220921060314715629080e2fb77")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c26")]
    public void Address_hasTheChecksumOfEip55(string address)
    {
        foreach (string text in new[] { address, address.ToLowerInvariant(), "0x" + address[2..].ToUpperInvariant() })
        {
            Assert.True(EthereumAddress.TryParse(text, out EthereumAddress parsed));
            Assert.Equal((address, address.ToLowerInvariant()), (parsed.ToString(), parsed.ToCanonical()));
        }
    }

    [Theory]
    [InlineData("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed00")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg")]
    [InlineData("")]
    public void Address_withAMistake_isNone(string text) => Assert.False(EthereumAddress.TryParse(text, out _));

    [Fact]
    public void Signature_ofPersonalSign_tellsWhoMadeIt()
    {
        Assert.True(EthereumAddress.TryParse(KnownAddress, out EthereumAddress expected));
        Assert.True(EthereumAddress.TryRecover("Some data", Convert.FromHexString(Known), out EthereumAddress signer));
        Assert.Equal(expected, signer);
        Assert.True(EthereumAddress.TryRecover("Some data", Convert.FromHexString(Known[..^2] + "01"), out signer));
        Assert.Equal(expected, signer);
        foreach ((string message, string v) in new[] { ("Some Data", "1c"), ("Some data", "1b"), ("Some data", "00") })
        {
            Assert.True(!EthereumAddress.TryRecover(message, Convert.FromHexString(Known[..^2] + v), out signer) || signer != expected);
        }
    }

    [Fact]
    public void Signature_outOfRange_isRefused()
    {
        string r = Known[..64], s = Known[64..128], zero = new('0', 64), ones = new('F', 64);
        string highS = (Number(Order) - Number(s)).ToString("X64", CultureInfo.InvariantCulture)[^64..];
        string field = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F";
        foreach (string signature in new[]
        {
            zero + s + "1b", r + zero + "1b", Order + s + "1b", r + Order + "1b", field + s + "1b", ones + s + "1b", r + ones + "1b",
            r + highS + "1b", r + highS + "1c", r + s + "02", r + s + "1d", r + s + "25", r + s, r + s + "1c00", "",
        })
        {
            Assert.False(EthereumAddress.TryRecover("Some data", Convert.FromHexString(signature), out _), signature);
        }
    }

    /// <summary>r that no point of the curve has as x; and s·R = e·G, whose sum is the point at infinity.</summary>
    [Fact]
    public void Signature_thatNoKeyCanMake_isRefused()
    {
        byte[] five = Bytes(5), one = Bytes(1), hash = SHA256.HashData("x"u8);
        Assert.False(Secp256k1.TryRecover(hash, five, one, isOdd: false, out _));

        // R = G (its x, and its y is even), s = e: the key would be (e·G - e·G) / r.
        byte[] x = Convert.FromHexString("79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798");
        Assert.False(Secp256k1.TryRecover(five, x, five, isOdd: false, out _));
        Assert.True(Secp256k1.TryRecover(five, x, five, isOdd: true, out byte[] key));
        Assert.Equal(64, key.Length);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Signature_madeByAnotherImplementation_isAsItSays(string message, string signature)
    {
        (string address, byte[] bytes) = (signature[..42], Convert.FromHexString(signature.AsSpan(44)));
        Assert.True(EthereumAddress.TryRecover(message, bytes, out EthereumAddress signer));
        Assert.Equal(address, signer.ToString());
        if (message.Contains(" wants you to sign in", StringComparison.Ordinal))
        {
            Assert.True(SiweMessage.TryParse(message, out SiweMessage read), message);
            Assert.Equal((signer, message), (read.Address, read.ToString()));
        }
    }

    private static TheoryData<string, string> Read()
    {
        string path = Path.Combine(Layout.Root, "tests", "Relay.Host.Tests", "Accounts", "SigningIn", "wallet-vectors.json");
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        var vectors = new TheoryData<string, string>();
        foreach (JsonElement vector in file.RootElement.GetProperty("vectors").EnumerateArray())
        {
            string Text(string name) => vector.GetProperty(name).GetString()!;
            vectors.Add(Text("message"), Text("address") + Text("signature"));
        }

        return vectors;
    }

    private static byte[] Bytes(byte value) => [.. new byte[31], value];

    private static BigInteger Number(string hex) => BigInteger.Parse("0" + hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
