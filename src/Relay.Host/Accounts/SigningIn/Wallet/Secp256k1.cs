using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary>
/// Recovery of the public key from an ECDSA signature over secp256k1 (SEC 1 v2 §4.1.6; the curve is in SEC 2 v2 §2.4.1). All that goes in
/// is public, so nothing here has to take the same time for every input. What comes out is checked once more by the platform's own ECDSA
/// where that knows the curve, so that a mistake here could refuse somebody but let nobody in.
/// </summary>
internal static class Secp256k1
{
    /// <summary>Bytes of a number below the order, and of a coordinate.</summary>
    public const int ScalarSize = 32;

    private static readonly BigInteger P = Hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F");
    private static readonly BigInteger N = Hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
    private static readonly BigInteger HalfN = N >> 1;
    private static readonly BigInteger RootExponent = (P + 1) >> 2;
    private static readonly Point G = new(
        Hex("79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798"),
        Hex("483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8"),
        1);

    private static readonly Lazy<ECCurve?> PlatformCurve = new(FindPlatformCurve);

    /// <summary>Finds the public key that made a signature.</summary>
    /// <param name="hash">What was signed: 32 bytes.</param>
    /// <param name="r">The signature's r, 32 bytes, big-endian; 1 to the order less 1.</param>
    /// <param name="s">Its s; 1 to half of the order. The larger of the two values that fit is refused, as wallets and contracts do since
    /// EIP-2: else everybody could make a second signature from the first.</param>
    /// <param name="isOdd">Whether the y of the point behind r is odd.</param>
    /// <param name="key">The key's x and y, 32 bytes each, big-endian.</param>
    /// <returns>False when there is no such key.</returns>
    public static bool TryRecover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> r, ReadOnlySpan<byte> s, bool isOdd, out byte[] key)
    {
        key = [];
        BigInteger rn = Read(r), sn = Read(s);
        if (hash.Length != ScalarSize || rn.IsZero || rn >= N || sn.IsZero || sn > HalfN || !TryLift(rn, isOdd, out Point point))
        {
            return false;
        }

        // Q = (s·R - e·G) / r. That r stands for x, and not for x less the order, is what v = 0 and 1 say; the other case is left out, as
        // everywhere with Ethereum: it is as likely as guessing a key.
        BigInteger inverse = BigInteger.ModPow(rn, N - 2, N);
        BigInteger ofG = Mod(-(Read(hash) * inverse), N), ofR = Mod(sn * inverse, N);
        Point sum = MultiplyBoth(ofG, G, ofR, point);
        if (sum.IsInfinity)
        {
            return false;
        }

        key = Affine(sum);
        return IsConfirmed(key, hash, r, s);
    }

    private static bool IsConfirmed(byte[] key, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> r, ReadOnlySpan<byte> s)
    {
        if (PlatformCurve.Value is not { } curve)
        {
            return true;
        }

        Span<byte> signature = stackalloc byte[2 * ScalarSize];
        r.CopyTo(signature);
        s.CopyTo(signature[ScalarSize..]);
        try
        {
            using ECDsa ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = { X = key[..ScalarSize], Y = key[ScalarSize..] } });
            return ecdsa.VerifyHash(hash, signature);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>OpenSSL has the curve, and so has Windows; other platforms and some hardened builds do not.</summary>
    private static ECCurve? FindPlatformCurve()
    {
        try
        {
            var curve = ECCurve.CreateFromValue("1.3.132.0.10");
            using ECDsa probe = ECDsa.Create(curve);
            return probe.KeySize == 256 ? curve : null;
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    private static bool TryLift(BigInteger x, bool isOdd, out Point point)
    {
        BigInteger square = Mod((x * x * x) + 7, P);
        BigInteger y = BigInteger.ModPow(square, RootExponent, P);
        point = new Point(x, y.IsEven == isOdd ? P - y : y, 1);
        return x < P && Mod(y * y, P) == square;
    }

    /// <summary>a·A + b·B, both at once: as many doublings as one of them needs.</summary>
    private static Point MultiplyBoth(BigInteger a, Point pointA, BigInteger b, Point pointB)
    {
        Point both = Add(pointA, pointB), sum = Point.Infinity;
        for (int bit = (ScalarSize * 8) - 1; bit >= 0; bit--)
        {
            sum = Double(sum);
            bool hasA = !((a >> bit) & 1).IsZero, hasB = !((b >> bit) & 1).IsZero;
            sum = hasA && hasB ? Add(sum, both) : hasA ? Add(sum, pointA) : hasB ? Add(sum, pointB) : sum;
        }

        return sum;
    }

    private static Point Double(Point p)
    {
        if (p.IsInfinity || p.Y.IsZero)
        {
            return Point.Infinity;
        }

        BigInteger yy = p.Y * p.Y % P;
        BigInteger s = 4 * p.X * yy % P;
        BigInteger m = 3 * p.X * p.X % P;
        BigInteger x = Mod((m * m) - (2 * s), P);
        return new Point(x, Mod((m * (s - x)) - (8 * yy * yy), P), 2 * p.Y * p.Z % P);
    }

    private static Point Add(Point p, Point q)
    {
        if (p.IsInfinity || q.IsInfinity)
        {
            return p.IsInfinity ? q : p;
        }

        BigInteger pzz = p.Z * p.Z % P, qzz = q.Z * q.Z % P;
        BigInteger u1 = p.X * qzz % P, u2 = q.X * pzz % P;
        BigInteger s1 = p.Y * qzz % P * q.Z % P, s2 = q.Y * pzz % P * p.Z % P;
        BigInteger h = Mod(u2 - u1, P), r = Mod(s2 - s1, P);
        if (h.IsZero)
        {
            return r.IsZero ? Double(p) : Point.Infinity;
        }

        BigInteger hh = h * h % P, hhh = hh * h % P, v = u1 * hh % P;
        BigInteger x = Mod((r * r) - hhh - (2 * v), P);
        return new Point(x, Mod((r * (v - x)) - (s1 * hhh), P), p.Z * q.Z % P * h % P);
    }

    private static byte[] Affine(Point p)
    {
        BigInteger inverse = BigInteger.ModPow(p.Z, P - 2, P);
        BigInteger squared = inverse * inverse % P;
        byte[] key = new byte[2 * ScalarSize];
        Write(p.X * squared % P, key.AsSpan(0, ScalarSize));
        Write(p.Y * squared % P * inverse % P, key.AsSpan(ScalarSize));
        return key;
    }

    private static BigInteger Read(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static void Write(BigInteger value, Span<byte> bytes)
    {
        int length = value.GetByteCount(isUnsigned: true);
        bytes.Clear();
        value.TryWriteBytes(bytes[(bytes.Length - length)..], out _, isUnsigned: true, isBigEndian: true);
    }

    private static BigInteger Mod(BigInteger value, BigInteger modulus)
    {
        BigInteger rest = value % modulus;
        return rest.Sign < 0 ? rest + modulus : rest;
    }

    private static BigInteger Hex(string digits) =>
        BigInteger.Parse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>In Jacobian coordinates: (X / Z², Y / Z³).</summary>
    private readonly record struct Point(BigInteger X, BigInteger Y, BigInteger Z)
    {
        public static Point Infinity { get; } = new(1, 1, 0);

        public bool IsInfinity => Z.IsZero;
    }
}
