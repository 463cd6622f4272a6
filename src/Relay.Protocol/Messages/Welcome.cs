using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Server → client: the Hello is accepted, and these limits are in force. protocol-spec.md §5.2.</summary>
/// <remarks>
/// Body: <c>u8 version | varint capabilities | u64 sessionHigh | u64 sessionLow | bytes8 resumeToken | varint lastApplied | u64
/// serverClock | varint heartbeatMs | varint idleTimeoutMs | varint maxFrameBody | varint maxServerFrameBody | varint framesPerSecond |
/// varint frameBurst | varint maxEventPayload | varint defaultTickMicros | string8 name</c>.
/// </remarks>
public readonly ref struct Welcome
{
    /// <summary>The version chosen: the newest that both speak.</summary>
    public byte Version { get; init; }

    /// <summary>Which of the client's capabilities are in use.</summary>
    public ulong Capabilities { get; init; }

    /// <summary>High half of the session's id.</summary>
    public ulong SessionHigh { get; init; }

    /// <summary>Low half of the session's id.</summary>
    public ulong SessionLow { get; init; }

    /// <summary>Give this in the next Hello to take the session up again; empty when the server offers no resume.</summary>
    public ReadOnlySpan<byte> ResumeToken { get; init; }

    /// <summary>The sequence of the last reliable client message that was applied in this session; 0 in a new one.</summary>
    public ulong LastApplied { get; init; }

    /// <summary>Server clock when this was written, in microseconds since an arbitrary origin. §5.6.</summary>
    public ulong ServerClockMicros { get; init; }

    /// <summary>Send at least one frame in this many milliseconds.</summary>
    public uint HeartbeatMillis { get; init; }

    /// <summary>The server closes with 4408 when nothing arrived for this many milliseconds.</summary>
    public uint IdleTimeoutMillis { get; init; }

    /// <summary>Longest body that the server accepts, in bytes.</summary>
    public uint MaxFrameBody { get; init; }

    /// <summary>Longest body that the server sends, in bytes.</summary>
    public uint MaxServerFrameBody { get; init; }

    /// <summary>Frames a second that the server accepts in the long run; 0 for no limit.</summary>
    public uint FramesPerSecond { get; init; }

    /// <summary>Frames that the server accepts at once.</summary>
    public uint FrameBurst { get; init; }

    /// <summary>Longest payload of an event, in bytes.</summary>
    public uint MaxEventPayload { get; init; }

    /// <summary>Tick interval of rooms that say nothing else, in microseconds; 0 means that changes leave at once.</summary>
    public uint DefaultTickMicros { get; init; }

    /// <summary>The name under which the server knows this client, and shows it to others, in UTF-8.</summary>
    public ReadOnlySpan<byte> NameUtf8 { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Welcome message)
    {
        var reader = new BodyReader(body);
        message = new Welcome
        {
            Version = reader.ReadByte(),
            Capabilities = reader.ReadVarint(),
            SessionHigh = reader.ReadUInt64(),
            SessionLow = reader.ReadUInt64(),
            ResumeToken = reader.ReadBytes8(),
            LastApplied = reader.ReadVarint(),
            ServerClockMicros = reader.ReadUInt64(),
            HeartbeatMillis = reader.ReadVarint32(),
            IdleTimeoutMillis = reader.ReadVarint32(),
            MaxFrameBody = reader.ReadVarint32(),
            MaxServerFrameBody = reader.ReadVarint32(),
            FramesPerSecond = reader.ReadVarint32(),
            FrameBurst = reader.ReadVarint32(),
            MaxEventPayload = reader.ReadVarint32(),
            DefaultTickMicros = reader.ReadVarint32(),
            NameUtf8 = reader.ReadUtf8String8(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteByte(Version);
        writer.WriteVarint(Capabilities);
        writer.WriteUInt64(SessionHigh);
        writer.WriteUInt64(SessionLow);
        writer.WriteBytes8(ResumeToken);
        writer.WriteVarint(LastApplied);
        writer.WriteUInt64(ServerClockMicros);
        writer.WriteVarint(HeartbeatMillis);
        writer.WriteVarint(IdleTimeoutMillis);
        writer.WriteVarint(MaxFrameBody);
        writer.WriteVarint(MaxServerFrameBody);
        writer.WriteVarint(FramesPerSecond);
        writer.WriteVarint(FrameBurst);
        writer.WriteVarint(MaxEventPayload);
        writer.WriteVarint(DefaultTickMicros);
        writer.WriteBytes8(NameUtf8);
        writer.EndFrame(FrameType.Welcome);
    }
}
