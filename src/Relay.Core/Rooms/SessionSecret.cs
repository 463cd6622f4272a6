using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Core.Rooms;

/// <summary>What proves that a session is a client's own: 128 random bits. With the session's id in front it is the resume token.
/// protocol-spec.md §5.8.</summary>
internal readonly record struct SessionSecret(ulong High, ulong Low)
{
    /// <summary>Bytes of a resume token: the session's id and its secret.</summary>
    public const int TokenSize = 32;

    public static SessionSecret NewRandom()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return Read(bytes);
    }

    /// <summary>Reads a token.</summary>
    /// <returns>False when it is none of ours.</returns>
    public static bool TryReadToken(ReadOnlySpan<byte> token, out Guid session, out SessionSecret secret)
    {
        bool isOurs = token.Length == TokenSize;
        session = isOurs ? new Guid(token[..16], bigEndian: true) : default;
        secret = isOurs ? Read(token[16..]) : default;
        return isOurs;
    }

    public void WriteToken(Guid session, Span<byte> token)
    {
        session.TryWriteBytes(token, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64BigEndian(token[16..], High);
        BinaryPrimitives.WriteUInt64BigEndian(token[24..], Low);
    }

    /// <summary>Compares in a time that tells nothing.</summary>
    public bool Matches(SessionSecret other) => ((High ^ other.High) | (Low ^ other.Low)) == 0;

    private static SessionSecret Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
}
