using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>What a <see cref="Claim"/> is about.</summary>
public enum ClaimAction : byte
{
    /// <summary>Take the object from the owner that the argument names (0: from nobody).</summary>
    Take = 0,

    /// <summary>Give one's object to the member that the argument names.</summary>
    Give = 1,

    /// <summary>Give one's object up: it has no owner then.</summary>
    Release = 2,

    /// <summary>Lock the object, for as many milliseconds as the argument says (0: until it is unlocked or the holder leaves).</summary>
    Lock = 3,

    /// <summary>Unlock the object.</summary>
    Unlock = 4,
}

/// <summary>Client → server, reliable: change who owns an object or who holds its lock. The server decides. protocol-spec.md
/// §11.5.</summary>
/// <remarks>Body: <c>varint sequence | varint object | u8 action | varint argument</c>.</remarks>
public readonly ref struct Claim
{
    /// <summary>The message's place among the client's numbered messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Which object.</summary>
    public uint Object { get; init; }

    /// <summary>What for.</summary>
    public ClaimAction Action { get; init; }

    /// <summary>As the action says; otherwise 0.</summary>
    public uint Argument { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Claim message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        uint id = reader.ReadVarint32();
        byte action = reader.ReadByte();
        if (action > (byte)ClaimAction.Unlock)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        message = new Claim { Sequence = sequence, Object = id, Action = (ClaimAction)action, Argument = reader.ReadVarint32() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteVarint(Object);
        writer.WriteByte((byte)Action);
        writer.WriteVarint(Argument);
        writer.EndFrame(FrameType.Claim);
    }
}
