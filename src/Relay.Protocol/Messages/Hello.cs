using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Client → server, first on every connection: who asks, and which versions it speaks. protocol-spec.md §5.1.</summary>
/// <remarks>
/// Body: <c>u8 versionOldest | u8 versionNewest | varint capabilities | bytes16 credentials | bytes8 resumeToken | varint lastSequence |
/// string8 agent</c>. Spans point into the body.
/// </remarks>
public readonly ref struct Hello
{
    /// <summary>The oldest version that the client speaks.</summary>
    public byte VersionOldest { get; init; }

    /// <summary>The newest version that the client speaks.</summary>
    public byte VersionNewest { get; init; }

    /// <summary>Optional abilities as bits; none are defined in version 1, unknown bits are ignored. §5.1.</summary>
    public ulong Capabilities { get; init; }

    /// <summary>Whatever the server's operator asks for: a token, a ticket, a name; at most 65,535 bytes. Opaque to the protocol.</summary>
    public ReadOnlySpan<byte> Credentials { get; init; }

    /// <summary>The token of an earlier Welcome to take that session up again; empty for a new session.</summary>
    public ReadOnlySpan<byte> ResumeToken { get; init; }

    /// <summary>With a resume token: the room sequence of the last reliable message received. Otherwise 0.</summary>
    public ulong LastSequence { get; init; }

    /// <summary>Name and version of the client software in UTF-8, for the server's logs; it is never forwarded.</summary>
    public ReadOnlySpan<byte> AgentUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Hello message)
    {
        var reader = new BodyReader(body);
        message = new Hello
        {
            VersionOldest = reader.ReadByte(),
            VersionNewest = reader.ReadByte(),
            Capabilities = reader.ReadVarint(),
            Credentials = reader.ReadBytes16(),
            ResumeToken = reader.ReadBytes8(),
            LastSequence = reader.ReadVarint(),
            AgentUtf8 = reader.ReadUtf8String8(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteByte(VersionOldest);
        writer.WriteByte(VersionNewest);
        writer.WriteVarint(Capabilities);
        writer.WriteBytes16(Credentials);
        writer.WriteBytes8(ResumeToken);
        writer.WriteVarint(LastSequence);
        writer.WriteBytes8(AgentUtf8);
        writer.EndFrame(FrameType.Hello);
    }
}
