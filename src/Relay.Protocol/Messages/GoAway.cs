using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Server → client: the server will close this connection; leave before the deadline. protocol-spec.md §5.5.</summary>
/// <remarks>Body: <c>u16 reason | varint deadlineMs | varint retryAfterMs | varint jitterMs | bytes16 alternateUrl</c>.</remarks>
public readonly ref struct GoAway
{
    /// <summary>Why, from the table of §9: <see cref="CloseCode.GoingAway"/> or <see cref="CloseCode.ServiceRestart"/>.</summary>
    public CloseCode Reason { get; init; }

    /// <summary>The server closes at the latest after this many milliseconds.</summary>
    public uint DeadlineMillis { get; init; }

    /// <summary>Do not connect again before this many milliseconds.</summary>
    public uint RetryAfterMillis { get; init; }

    /// <summary>Add a random delay of up to this many milliseconds, so that clients do not come back all at once.</summary>
    public uint JitterMillis { get; init; }

    /// <summary>Where to connect instead, in UTF-8; empty for the same place.</summary>
    public ReadOnlySpan<byte> AlternateUrlUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out GoAway message)
    {
        var reader = new BodyReader(body);
        message = new GoAway
        {
            Reason = (CloseCode)reader.ReadUInt16(),
            DeadlineMillis = reader.ReadVarint32(),
            RetryAfterMillis = reader.ReadVarint32(),
            JitterMillis = reader.ReadVarint32(),
            AlternateUrlUtf8 = reader.ReadBytes16(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteUInt16((ushort)Reason);
        writer.WriteVarint(DeadlineMillis);
        writer.WriteVarint(RetryAfterMillis);
        writer.WriteVarint(JitterMillis);
        writer.WriteBytes16(AlternateUrlUtf8);
        writer.EndFrame(FrameType.GoAway);
    }
}
