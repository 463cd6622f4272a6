using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Server → client: what the client was let in by has expired; without fresh credentials the connection is closed.
/// protocol-spec.md §5.9.</summary>
/// <remarks>Body: <c>varint graceMs</c>.</remarks>
public readonly ref struct Expiring
{
    /// <summary>The most bytes that a whole frame takes.</summary>
    public const int MaxSize = FrameHeader.Size + 5;

    /// <summary>How long the connection stays, in milliseconds.</summary>
    public uint GraceMillis { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Expiring message)
    {
        var reader = new BodyReader(body);
        message = new Expiring { GraceMillis = reader.ReadVarint32() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(GraceMillis);
        writer.EndFrame(FrameType.Expiring);
    }
}

/// <summary>Client → server: fresh credentials of the same user, in or out of a room. Answered with Done, or Error 4401. protocol-spec.md
/// §5.9.</summary>
/// <remarks>Body: <c>varint sequence | bytes16 credentials</c>. Spans point into the body.</remarks>
public readonly ref struct Renew
{
    /// <summary>The message's place among the client's reliable messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>What a Hello would show; at most 65,535 bytes.</summary>
    public ReadOnlySpan<byte> Credentials { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Renew message)
    {
        var reader = new BodyReader(body);
        message = new Renew { Sequence = reader.ReadVarint(), Credentials = reader.ReadBytes16() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteBytes16(Credentials);
        writer.EndFrame(FrameType.Renew);
    }
}
