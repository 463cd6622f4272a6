using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Either direction, the last frame of a connection: why it ends, with the limit and the value that broke it. protocol-spec.md
/// §5.3.</summary>
/// <remarks>Body: <c>u16 code | u16 cause | f64 limit | f64 value | string8 text</c>.</remarks>
public readonly ref struct CloseFrame
{
    /// <summary>The most bytes that a whole frame takes.</summary>
    public const int MaxSize = FrameHeader.Size + 2 + 2 + 8 + 8 + 1 + byte.MaxValue;

    /// <summary>Why, from the table of §9.</summary>
    public CloseCode Code { get; init; }

    /// <summary>A finer reason from the same table, or <see cref="CloseCode.None"/>.</summary>
    public CloseCode Cause { get; init; }

    /// <summary>The limit that was broken, in the unit that the text names; 0 if none.</summary>
    public double Limit { get; init; }

    /// <summary>The value that broke it; 0 if none.</summary>
    public double Value { get; init; }

    /// <summary>One line for a person, in UTF-8.</summary>
    public ReadOnlySpan<byte> TextUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out CloseFrame message)
    {
        var reader = new BodyReader(body);
        message = new CloseFrame
        {
            Code = (CloseCode)reader.ReadUInt16(),
            Cause = (CloseCode)reader.ReadUInt16(),
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
        writer.WriteUInt16((ushort)Code);
        writer.WriteUInt16((ushort)Cause);
        writer.WriteDouble(Limit);
        writer.WriteDouble(Value);
        writer.WriteBytes8(TextUtf8);
        writer.EndFrame(FrameType.Close);
    }
}
