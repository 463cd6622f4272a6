using System.Buffers;

namespace Relay.Conformance.Tests.Unit;

/// <summary>Bytes as they lie in a pipe: in segments.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(ReadOnlyMemory<byte> memory, long index)
    {
        Memory = memory;
        RunningIndex = index;
    }

    /// <summary>A sequence of segments of some bytes.</summary>
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, int size)
    {
        var first = new Segments(bytes[..Math.Min(size, bytes.Length)], 0);
        Segments last = first;
        for (int begin = first.Memory.Length; begin < bytes.Length; begin += size)
        {
            var next = new Segments(bytes[begin..Math.Min(begin + size, bytes.Length)], begin);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
