using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Client → server, first on every connection: who asks, and which versions it speaks. protocol-spec.md §5.1.</summary>
/// <remarks>
/// Body: <c>u8 versionOldest | u8 versionNewest | varint capabilities | bytes16 credentials | bytes8 resumeToken | varint lastSequence |
/// [u64 epoch | varint cursor | varint lastAnswer] | string8 agent</c>; the bracket is there if the token is not empty. Spans point into
/// the body.
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

    /// <summary>With a resume token: the epoch of the room that the client was in; 0 for none.</summary>
    public ulong Epoch { get; init; }

    /// <summary>With a resume token: the version of the last batch decoded in that epoch; 0 for none.</summary>
    public ulong Cursor { get; init; }

    /// <summary>With a resume token: the highest sequence of the client's own numbered messages that it has seen an answer to.</summary>
    public ulong LastAnswer { get; init; }

    /// <summary>Name and version of the client software in UTF-8, for the server's logs; it is never forwarded.</summary>
    public ReadOnlySpan<byte> AgentUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Hello message)
    {
        var reader = new BodyReader(body);
        byte oldest = reader.ReadByte(), newest = reader.ReadByte();
        ulong capabilities = reader.ReadVarint();
        ReadOnlySpan<byte> credentials = reader.ReadBytes16(), token = reader.ReadBytes8();
        bool resumes = !token.IsEmpty;
        message = new Hello
        {
            VersionOldest = oldest,
            VersionNewest = newest,
            Capabilities = capabilities,
            Credentials = credentials,
            ResumeToken = token,
            LastSequence = reader.ReadVarint(),
            Epoch = resumes ? reader.ReadUInt64() : 0,
            Cursor = resumes ? reader.ReadVarint() : 0,
            LastAnswer = resumes ? reader.ReadVarint() : 0,
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
        if (!ResumeToken.IsEmpty)
        {
            writer.WriteUInt64(Epoch);
            writer.WriteVarint(Cursor);
            writer.WriteVarint(LastAnswer);
        }

        writer.WriteBytes8(AgentUtf8);
        writer.EndFrame(FrameType.Hello);
    }
}
