using System.Buffers.Binary;
using Relay.Protocol.Frames;

namespace Relay.Core.Rooms;

/// <summary>
/// The last answers to a client's numbered messages (Done, Error and Left frames): one that was lost with its connection is told again
/// when the session is taken up. A block of bytes, in which the newest push out the oldest; it grows to its full size as it is needed, and
/// then allocates nothing.
/// </summary>
internal sealed class AnswerLog
{
    /// <summary>Most bytes kept. At least half of them are, 4 KiB: some two hundred Dones, or forty Errors.</summary>
    private const int Capacity = 8192;

    private byte[] _answers = new byte[64];
    private int _length;

    public void Add(ulong sequence, ReadOnlySpan<byte> frame)
    {
        int size = sizeof(ulong) + frame.Length;
        while (_length + size > Capacity)
        {
            // Half of them at once: otherwise each new answer would move all the others.
            DropOldest(Capacity / 2);
        }

        if (_length + size > _answers.Length)
        {
            Array.Resize(ref _answers, Math.Min(Capacity, Math.Max(_answers.Length * 2, _length + size)));
        }

        BinaryPrimitives.WriteUInt64LittleEndian(_answers.AsSpan(_length), sequence);
        frame.CopyTo(_answers.AsSpan(_length + sizeof(ulong)));
        _length += size;
    }

    /// <summary>Gives the frames that answer messages after one and up to another, oldest first.</summary>
    public void Between(ulong after, ulong upTo, Action<ReadOnlySpan<byte>> tell)
    {
        for (int at = 0; at < _length; at += SizeAt(at))
        {
            ulong sequence = BinaryPrimitives.ReadUInt64LittleEndian(_answers.AsSpan(at));
            if (sequence > after && sequence <= upTo)
            {
                tell(_answers.AsSpan(at + sizeof(ulong), SizeAt(at) - sizeof(ulong)));
            }
        }
    }

    private void DropOldest(int atLeast)
    {
        int at = 0;
        while (at < _length && at < atLeast)
        {
            at += SizeAt(at);
        }

        _answers.AsSpan(at, _length - at).CopyTo(_answers);
        _length -= at;
    }

    private int SizeAt(int at)
    {
        var header = FrameHeader.Read(_answers.AsSpan(at + sizeof(ulong)));
        return sizeof(ulong) + FrameHeader.Size + header.BodyLength;
    }
}
