using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>What a <see cref="Manage"/> does.</summary>
public enum ManageAction : byte
{
    /// <summary>From the lobby into the room: about the sender itself.</summary>
    Enter = 0,

    /// <summary>The member's events are not handed on any more.</summary>
    Mute = 1,

    /// <summary>They are again.</summary>
    Unmute = 2,

    /// <summary>The member is taken out of the room.</summary>
    Kick = 3,

    /// <summary>The member is taken out and does not get in again, for as many minutes as the argument says (0: for good).</summary>
    Ban = 4,

    /// <summary>The subject in the text gets in again.</summary>
    Unban = 5,

    /// <summary>The member and the sender hear and see nothing of each other.</summary>
    Block = 6,

    /// <summary>They do again.</summary>
    Unblock = 7,

    /// <summary>The member gets the role that the argument names.</summary>
    SetRole = 8,

    /// <summary>Everybody is taken out, and nobody gets in.</summary>
    CloseRoom = 9,

    /// <summary>The room takes members again.</summary>
    OpenRoom = 10,
}

/// <summary>Client → server, reliable: moderation, and the sender's own standing. protocol-spec.md §11.6.</summary>
/// <remarks>Body: <c>varint sequence | u8 action | varint member | varint argument | string8 text</c>.</remarks>
public readonly ref struct Manage
{
    /// <summary>The message's place among the client's numbered messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>What to do.</summary>
    public ManageAction Action { get; init; }

    /// <summary>The member that it is about; otherwise 0.</summary>
    public uint Member { get; init; }

    /// <summary>As the action says; otherwise 0.</summary>
    public uint Argument { get; init; }

    /// <summary>As the action says: the reason for a person, or who is to be let in again.</summary>
    public ReadOnlySpan<byte> TextUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Manage message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        byte action = reader.ReadByte();
        if (action > (byte)ManageAction.OpenRoom)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        message = new Manage
        {
            Sequence = sequence,
            Action = (ManageAction)action,
            Member = reader.ReadVarint32(),
            Argument = reader.ReadVarint32(),
            TextUtf8 = reader.ReadUtf8String8(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteByte((byte)Action);
        writer.WriteVarint(Member);
        writer.WriteVarint(Argument);
        writer.WriteBytes8(TextUtf8);
        writer.EndFrame(FrameType.Manage);
    }
}
