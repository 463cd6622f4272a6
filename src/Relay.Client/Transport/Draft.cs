using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Client.Transport;

/// <summary>A numbered message that is written but for its number, which it gets when it is queued.</summary>
/// <param name="Type">The frame's type.</param>
/// <param name="Rest">Its body behind the number.</param>
internal readonly record struct Draft(FrameType Type, ReadOnlyMemory<byte> Rest)
{
    private const int LongestNumber = 10;

    /// <summary>The most bytes that the body takes.</summary>
    public int MaxBody => LongestNumber + Rest.Length;

    /// <summary>The most bytes that the whole frame takes.</summary>
    public int MaxSize => FrameHeader.Size + MaxBody;

    /// <summary>Takes a frame that was written with the number 0.</summary>
    /// <param name="frame">What the writer wrote into, not used by anybody else.</param>
    /// <param name="written">How many bytes it wrote.</param>
    public static Draft From(byte[] frame, int written) =>
        new(FrameHeader.Read(frame).Type, frame.AsMemory(FrameHeader.Size + 1, written - FrameHeader.Size - 1));

    /// <summary>Writes the whole frame.</summary>
    public void Write(ref FrameWriter writer, ulong sequence)
    {
        writer.BeginFrame();
        writer.WriteVarint(sequence);
        writer.WriteRaw(Rest.Span);
        writer.EndFrame(Type);
    }
}
