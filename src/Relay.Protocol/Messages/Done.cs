using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Server → client: a numbered message about the room's state was applied; what is to be stored has been. protocol-spec.md
/// §11.7.</summary>
/// <remarks>Body: <c>varint sequence | varint value</c>.</remarks>
public readonly ref struct Done
{
    /// <summary>The most bytes that a whole frame takes.</summary>
    public const int MaxSize = FrameHeader.Size + 10 + 10;

    /// <summary>The message that is answered.</summary>
    public ulong Sequence { get; init; }

    /// <summary>CreateObject and CloneObject: the new object's id; SetAttribute: the attribute's version; otherwise 0.</summary>
    public ulong Value { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Done message)
    {
        var reader = new BodyReader(body);
        message = new Done { Sequence = reader.ReadVarint(), Value = reader.ReadVarint() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteVarint(Value);
        writer.EndFrame(FrameType.Done);
    }
}
