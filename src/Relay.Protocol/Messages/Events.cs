using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Who is to get an event. protocol-spec.md §7.1.</summary>
public enum EventAudience : byte
{
    /// <summary>Everybody in the room but the sender.</summary>
    Others = 0,

    /// <summary>Everybody in the room, the sender too.</summary>
    Everyone = 1,

    /// <summary>One member.</summary>
    Member = 2,

    /// <summary>The members of some roles, the sender not included.</summary>
    Roles = 3,

    /// <summary>Those whose avatar stands within a radius of the sender's, the sender not included.</summary>
    Nearby = 4,
}

/// <summary>Client → server, reliable: hand an opaque payload on to others in the room. protocol-spec.md §7.1.</summary>
/// <remarks>Body: <c>varint sequence | u8 audience | [varint member | varint roles | f32 radius] | varint kind | payload…</c>; what the
/// bracket has of the three goes with the audience; the payload is the rest of the body.</remarks>
public readonly ref struct SendEvent
{
    /// <summary>The lowest <see cref="Kind"/> that an application may use: 1,024. Those below are reserved for the protocol and refused
    /// with Error 4422.</summary>
    public const uint FirstApplicationKind = 1024;

    /// <summary>The message's place among the client's reliable messages. §5.7.</summary>
    public ulong Sequence { get; init; }

    /// <summary>Who is to get it.</summary>
    public EventAudience Audience { get; init; }

    /// <summary>With <see cref="EventAudience.Member"/>: which one.</summary>
    public uint Member { get; init; }

    /// <summary>With <see cref="EventAudience.Roles"/>: which ones, bit n for role n.</summary>
    public uint Roles { get; init; }

    /// <summary>With <see cref="EventAudience.Nearby"/>: metres, above 0.</summary>
    public float Radius { get; init; }

    /// <summary>What the payload is: from <see cref="FirstApplicationKind"/> up it is the application's.</summary>
    public uint Kind { get; init; }

    /// <summary>The payload, which the server does not look into.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out SendEvent message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        byte audience = reader.ReadByte();
        if (audience > (byte)EventAudience.Nearby)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        message = new SendEvent
        {
            Sequence = sequence,
            Audience = (EventAudience)audience,
            Member = audience == (byte)EventAudience.Member ? reader.ReadVarint32() : 0,
            Roles = audience == (byte)EventAudience.Roles ? reader.ReadVarint32() : 0,
            Radius = audience == (byte)EventAudience.Nearby ? BitConverter.Int32BitsToSingle((int)reader.ReadUInt32()) : 0,
            Kind = reader.ReadVarint32(),
            Payload = reader.TakeRest(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteByte((byte)Audience);
        switch (Audience)
        {
            case EventAudience.Member:
                writer.WriteVarint(Member);
                break;
            case EventAudience.Roles:
                writer.WriteVarint(Roles);
                break;
            case EventAudience.Nearby:
                writer.WriteUInt32((uint)BitConverter.SingleToInt32Bits(Radius));
                break;
        }

        writer.WriteVarint(Kind);
        writer.WriteRaw(Payload);
        writer.EndFrame(FrameType.SendEvent);
    }
}

/// <summary>Server → client, reliable: somebody's event, with the sender stamped by the server. protocol-spec.md §7.2.</summary>
/// <remarks>Body: <c>varint sequence | u8 audience | varint sender | varint kind | payload…</c>.</remarks>
public readonly ref struct RoomEvent
{
    /// <summary>The most bytes that a whole frame takes beside the payload.</summary>
    public const int MaxOverhead = FrameHeader.Size + 10 + 1 + 5 + 5;

    /// <summary>The room sequence.</summary>
    public ulong Sequence { get; init; }

    /// <summary>How it was addressed; <see cref="EventAudience.Member"/> means: to the receiver alone.</summary>
    public EventAudience Audience { get; init; }

    /// <summary>The member id of the sender; 0 for the server itself.</summary>
    public uint Sender { get; init; }

    /// <summary>What the payload is.</summary>
    public uint Kind { get; init; }

    /// <summary>The payload as it was sent.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out RoomEvent message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        byte audience = reader.ReadByte();
        if (audience > (byte)EventAudience.Nearby)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        message = new RoomEvent
        {
            Sequence = sequence,
            Audience = (EventAudience)audience,
            Sender = reader.ReadVarint32(),
            Kind = reader.ReadVarint32(),
            Payload = reader.TakeRest(),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteByte((byte)Audience);
        writer.WriteVarint(Sender);
        writer.WriteVarint(Kind);
        writer.WriteRaw(Payload);
        writer.EndFrame(FrameType.Event);
    }
}
