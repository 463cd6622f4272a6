using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Client → server: leave the room and keep the connection. protocol-spec.md §6.3.</summary>
/// <remarks>Body: <c>varint sequence</c>.</remarks>
public readonly ref struct Leave
{
    /// <summary>The message's place among the client's reliable messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Leave message)
    {
        var reader = new BodyReader(body);
        message = new Leave { Sequence = reader.ReadVarint() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.EndFrame(FrameType.Leave);
    }
}

/// <summary>Server → client: the receiver is no longer in a room. protocol-spec.md §6.3.</summary>
/// <remarks>Body: <c>varint sequence | u16 reason</c>.</remarks>
public readonly ref struct Left
{
    /// <summary>The sequence of the Leave that is answered; 0 if the server decided.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Why, from the table of §9; <see cref="CloseCode.Normal"/> for an answered Leave.</summary>
    public CloseCode Reason { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Left message)
    {
        var reader = new BodyReader(body);
        message = new Left { Sequence = reader.ReadVarint(), Reason = (CloseCode)reader.ReadUInt16() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteUInt16((ushort)Reason);
        writer.EndFrame(FrameType.Left);
    }
}
