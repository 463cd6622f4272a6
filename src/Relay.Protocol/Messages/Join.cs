using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Client → server: enter a room (<see cref="FrameType.Join"/>), or leave the present one for it in one step
/// (<see cref="FrameType.ChangeRoom"/>). protocol-spec.md §6.1.</summary>
/// <remarks>Body: <c>varint sequence | string8 room | bytes16 ticket | u8 flags | [u64 epoch | varint cursor]</c>; the bracket is there
/// when bit 0 of the flags is set.</remarks>
public readonly ref struct Join
{
    private const byte HasCursor = 0x01;

    /// <summary>The message's place among the client's reliable messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>The room's name in UTF-8, 1 to 128 bytes by default. Which characters: §6.1.</summary>
    public ReadOnlySpan<byte> RoomUtf8 { get; init; }

    /// <summary>Whatever the operator asks for to enter this room; opaque to the protocol.</summary>
    public ReadOnlySpan<byte> Ticket { get; init; }

    /// <summary>The epoch of the room as the client last knew it; 0 if it comes anew.</summary>
    public ulong Epoch { get; init; }

    /// <summary>The version of the last batch decoded in that epoch; 0 if none.</summary>
    public ulong Cursor { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Join message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        ReadOnlySpan<byte> room = reader.ReadUtf8String8();
        ReadOnlySpan<byte> ticket = reader.ReadBytes16();
        byte flags = reader.ReadByte();
        if ((flags & ~HasCursor) != 0)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        bool hasCursor = (flags & HasCursor) != 0;
        message = new Join
        {
            Sequence = sequence,
            RoomUtf8 = room,
            Ticket = ticket,
            Epoch = hasCursor ? reader.ReadUInt64() : 0,
            Cursor = hasCursor ? reader.ReadVarint() : 0,
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="type"><see cref="FrameType.Join"/> or <see cref="FrameType.ChangeRoom"/>.</param>
    public void Write(ref FrameWriter writer, FrameType type = FrameType.Join)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteBytes8(RoomUtf8);
        writer.WriteBytes16(Ticket);
        if (Epoch != 0)
        {
            writer.WriteByte(HasCursor);
            writer.WriteUInt64(Epoch);
            writer.WriteVarint(Cursor);
        }
        else
        {
            writer.WriteByte(0);
        }

        writer.EndFrame(type);
    }
}
