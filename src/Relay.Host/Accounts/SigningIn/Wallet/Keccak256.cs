using System.Buffers.Binary;
using System.Numerics;

namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary>
/// Keccak-256 as Ethereum has it: the sponge of FIPS 202 with a rate of 136 bytes, padded as the original submission did (first byte 01),
/// not as SHA3-256 does (06). So .NET's SHA3_256 cannot stand in for it.
/// </summary>
internal static class Keccak256
{
    /// <summary>Bytes of a hash.</summary>
    public const int Size = 32;

    private const int Lanes = 25;

    /// <summary>Bytes that one permutation takes in: 1600 bits less twice the hash's.</summary>
    private const int Rate = 136;

    private const int Rounds = 24;

    /// <summary>FIPS 202 §3.2.5, iota.</summary>
    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B, 0x0000000080000001,
        0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
        0x000000000000800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>The lanes in the order in which pi moves them, beginning with the second; the first stays.</summary>
    private static ReadOnlySpan<byte> PiLanes => [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];

    /// <summary>How far rho turns each of them.</summary>
    private static ReadOnlySpan<byte> RhoTurns =>
        [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];

    /// <summary>Hashes bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data)
    {
        Span<ulong> state = stackalloc ulong[Lanes];
        state.Clear();
        for (; data.Length >= Rate; data = data[Rate..])
        {
            Absorb(state, data[..Rate]);
        }

        Span<byte> last = stackalloc byte[Rate];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = 0x01;
        last[^1] |= 0x80;
        Absorb(state, last);

        byte[] hash = new byte[Size];
        for (int lane = 0; lane < Size / sizeof(ulong); lane++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(lane * sizeof(ulong)), state[lane]);
        }

        return hash;
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        for (int lane = 0; lane < Rate / sizeof(ulong); lane++)
        {
            state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(lane * sizeof(ulong))..]);
        }

        for (int round = 0; round < Rounds; round++)
        {
            Theta(state);
            RhoAndPi(state);
            Chi(state);
            state[0] ^= RoundConstants[round];
        }
    }

    private static void Theta(Span<ulong> state)
    {
        Span<ulong> parity = stackalloc ulong[5];
        for (int x = 0; x < 5; x++)
        {
            parity[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        }

        for (int x = 0; x < 5; x++)
        {
            ulong change = parity[(x + 4) % 5] ^ BitOperations.RotateLeft(parity[(x + 1) % 5], 1);
            for (int y = 0; y < Lanes; y += 5)
            {
                state[y + x] ^= change;
            }
        }
    }

    private static void RhoAndPi(Span<ulong> state)
    {
        ulong moved = state[1];
        for (int i = 0; i < PiLanes.Length; i++)
        {
            int lane = PiLanes[i];
            (state[lane], moved) = (BitOperations.RotateLeft(moved, RhoTurns[i]), state[lane]);
        }
    }

    private static void Chi(Span<ulong> state)
    {
        Span<ulong> row = stackalloc ulong[5];
        for (int y = 0; y < Lanes; y += 5)
        {
            state.Slice(y, 5).CopyTo(row);
            for (int x = 0; x < 5; x++)
            {
                state[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
    }
}
