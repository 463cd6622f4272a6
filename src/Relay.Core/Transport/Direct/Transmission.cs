using Relay.Protocol.Buffers;

namespace Relay.Core.Transport.Direct;

/// <summary>A piece of what a connection is sent: a part of a buffer, which is held until the piece has gone.</summary>
internal readonly unsafe record struct Piece(SharedBuffer Buffer, nint Start, int Length)
{
    /// <summary>A piece of pinned memory.</summary>
    /// <param name="buffer">Whose memory it is; gets one more holder.</param>
    /// <param name="bytes">Which part.</param>
    public static Piece Of(SharedBuffer buffer, ReadOnlySpan<byte> bytes)
    {
        buffer.Retain();

        // The memory of a SharedBuffer is pinned for good, so its address may be kept.
        fixed (byte* start = bytes)
        {
            return new Piece(buffer, (nint)start, bytes.Length);
        }
    }

    /// <summary>What is left of it when some of it has gone.</summary>
    public Piece After(int count) => new(Buffer, Start + count, Length - count);
}

/// <summary>
/// Gathers what one connection is sent in one go, so that it costs one system call, and keeps it only as long as that takes: one for a
/// whole shard, which writes to one connection at a time.
/// </summary>
internal sealed unsafe class Transmission
{
    /// <summary>Most pieces of one call.</summary>
    public const int Capacity = 16;

    private readonly Piece[] _pieces = new Piece[Capacity];
    private readonly Libc.IoVector[] _vectors = new Libc.IoVector[Capacity];
    private int _count;

    /// <summary>Whose it is.</summary>
    public DirectSocket? Owner { get; private set; }

    public bool IsFull => _count == Capacity;

    public ReadOnlySpan<Piece> Pieces => _pieces.AsSpan(0, _count);

    public void Add(DirectSocket owner, in Piece piece)
    {
        Owner = owner;
        _pieces[_count++] = piece;
    }

    /// <summary>Hands some pieces to the kernel.</summary>
    /// <returns>How many bytes it took; −1 if the connection is broken.</returns>
    public int Send(int descriptor, ReadOnlySpan<Piece> pieces)
    {
        int count = Math.Min(pieces.Length, Capacity);
        for (int i = 0; i < count; i++)
        {
            _vectors[i] = new Libc.IoVector { Start = (byte*)pieces[i].Start, Length = (nuint)pieces[i].Length };
        }

        while (true)
        {
            int sent = Libc.Send(descriptor, _vectors.AsSpan(0, count));
            if (sent >= 0)
            {
                return sent;
            }

            switch (Libc.Errno)
            {
                case Libc.Interrupted:
                    continue;
                case Libc.WouldBlock or Libc.NoBufferSpace or Libc.OutOfMemory:
                    return 0;
                default:
                    return -1;
            }
        }
    }

    /// <summary>Forgets the pieces, which the caller has released or keeps.</summary>
    public void Clear()
    {
        _pieces.AsSpan(0, _count).Clear();
        _count = 0;
        Owner = null;
    }
}
