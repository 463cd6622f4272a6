using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Server → client: one message was refused and changed nothing; the connection lives on. protocol-spec.md §5.4.</summary>
/// <remarks>Body: <c>u8 refusedType | varint sequence | u16 code | f64 limit | f64 value | string8 text</c>.</remarks>
public readonly ref struct ErrorFrame
{
    /// <summary>The most bytes that a whole frame takes.</summary>
    public const int MaxSize = FrameHeader.Size + 1 + 10 + 2 + 8 + 8 + 1 + byte.MaxValue;

    /// <summary>The type byte of the frame that was refused.</summary>
    public FrameType RefusedType { get; init; }

    /// <summary>The sequence of the reliable message that was refused; 0 if it carried none.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Why, from the table of §9.</summary>
    public CloseCode Code { get; init; }

    /// <summary>The limit that was broken, in the unit that the text names; 0 if none.</summary>
    public double Limit { get; init; }

    /// <summary>The value that broke it; 0 if none.</summary>
    public double Value { get; init; }

    /// <summary>One line for a person, in UTF-8.</summary>
    public ReadOnlySpan<byte> TextUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out ErrorFrame message)
    {
        var reader = new BodyReader(body);
        message = new ErrorFrame
        {
            RefusedType = (FrameType)reader.ReadByte(),
            Sequence = reader.ReadVarint(),
            Code = (CloseCode)reader.ReadUInt16(),
            Limit = reader.ReadDouble(),
            Value = reader.ReadDouble(),
            TextUtf8 = reader.ReadUtf8String8(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteByte((byte)RefusedType);
        writer.WriteVarint(Sequence);
        writer.WriteUInt16((ushort)Code);
        writer.WriteDouble(Limit);
        writer.WriteDouble(Value);
        writer.WriteBytes8(TextUtf8);
        writer.EndFrame(FrameType.Error);
    }
}
