using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Either direction: answer with a <see cref="Pong"/>. protocol-spec.md §5.6.</summary>
/// <remarks>Body: <c>u64 stamp</c>.</remarks>
public readonly ref struct Ping
{
    /// <summary>Bytes of a whole frame.</summary>
    public const int FrameSize = FrameHeader.Size + 8;

    /// <summary>Given back unread; usually the sender's clock in microseconds.</summary>
    public ulong Stamp { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Ping message)
    {
        var reader = new BodyReader(body);
        message = new Ping { Stamp = reader.ReadUInt64() };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteUInt64(Stamp);
        writer.EndFrame(FrameType.Ping);
    }
}

/// <summary>Either direction: answers a <see cref="Ping"/>. The two readings let the asker subtract the answerer's own delay, as NTP does
/// (RFC 5905 §8). protocol-spec.md §5.6.</summary>
/// <remarks>Body: <c>u64 stamp | u64 received | u64 sent</c>.</remarks>
public readonly ref struct Pong
{
    /// <summary>Bytes of a whole frame.</summary>
    public const int FrameSize = FrameHeader.Size + 24;

    /// <summary>The stamp of the ping.</summary>
    public ulong Stamp { get; init; }

    /// <summary>The answerer's clock when the ping arrived, in microseconds.</summary>
    public ulong ReceivedMicros { get; init; }

    /// <summary>The answerer's clock when this was written, in microseconds.</summary>
    public ulong SentMicros { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Pong message)
    {
        var reader = new BodyReader(body);
        message = new Pong
        {
            Stamp = reader.ReadUInt64(),
            ReceivedMicros = reader.ReadUInt64(),
            SentMicros = reader.ReadUInt64(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteUInt64(Stamp);
        writer.WriteUInt64(ReceivedMicros);
        writer.WriteUInt64(SentMicros);
        writer.EndFrame(FrameType.Pong);
    }
}
