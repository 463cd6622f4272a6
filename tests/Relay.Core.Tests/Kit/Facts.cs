using System.Text;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Kit;

/// <summary>A Welcome, to keep.</summary>
internal sealed record WelcomeFacts(
    byte Version, Guid Session, uint HeartbeatMillis, uint IdleTimeoutMillis, uint MaxFrameBody, uint FramesPerSecond, uint FrameBurst, uint MaxEventPayload, uint TickMicros,
    ulong ServerClock, string Name, byte[] ResumeToken, ulong LastApplied)
{
    public static WelcomeFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, Welcome.TryRead(body, out Welcome message));
        Span<byte> session = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(session, message.SessionHigh);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(session[8..], message.SessionLow);
        return new WelcomeFacts(
            message.Version,
            new Guid(session, bigEndian: true),
            message.HeartbeatMillis,
            message.IdleTimeoutMillis,
            message.MaxFrameBody,
            message.FramesPerSecond,
            message.FrameBurst,
            message.MaxEventPayload,
            message.DefaultTickMicros,
            message.ServerClockMicros,
            Encoding.UTF8.GetString(message.NameUtf8),
            message.ResumeToken.ToArray(),
            message.LastApplied);
    }
}

/// <summary>A Joined, to keep.</summary>
internal sealed record JoinedFacts(ulong Sequence, string Room, ulong Epoch, uint Member, uint Slot, byte Generation, RoomSpace Space, uint TickMicros, uint Capacity)
{
    public static JoinedFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, Joined.TryRead(body, out Joined message));
        return new JoinedFacts(
            message.Sequence,
            Encoding.UTF8.GetString(message.RoomUtf8),
            message.Epoch,
            message.Member,
            message.Slot,
            message.Generation,
            message.Space!,
            message.TickMicros,
            message.Capacity);
    }
}

/// <summary>A Close, to keep.</summary>
internal sealed record CloseFacts(CloseCode Code, CloseCode Cause, double Limit, double Value, string Text)
{
    public static CloseFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, CloseFrame.TryRead(body, out CloseFrame message));
        return new CloseFacts(message.Code, message.Cause, message.Limit, message.Value, Encoding.UTF8.GetString(message.TextUtf8));
    }
}

/// <summary>An Error, to keep.</summary>
internal sealed record ErrorFacts(FrameType Refused, ulong Sequence, CloseCode Code, double Limit, double Value, string Text)
{
    public static ErrorFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, ErrorFrame.TryRead(body, out ErrorFrame message));
        return new ErrorFacts(message.RefusedType, message.Sequence, message.Code, message.Limit, message.Value, Encoding.UTF8.GetString(message.TextUtf8));
    }
}

/// <summary>A Left, to keep.</summary>
internal sealed record LeftFacts(ulong Sequence, CloseCode Reason)
{
    public static LeftFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, Left.TryRead(body, out Left message));
        return new LeftFacts(message.Sequence, message.Reason);
    }
}

/// <summary>A GoAway, to keep.</summary>
internal sealed record GoAwayFacts(CloseCode Reason, uint DeadlineMillis, uint RetryAfterMillis, uint JitterMillis, string AlternateUrl)
{
    public static GoAwayFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, GoAway.TryRead(body, out GoAway message));
        return new GoAwayFacts(message.Reason, message.DeadlineMillis, message.RetryAfterMillis, message.JitterMillis, Encoding.UTF8.GetString(message.AlternateUrlUtf8));
    }
}

/// <summary>An Event, to keep.</summary>
internal sealed record EventFacts(ulong Sequence, EventAudience Audience, uint Sender, uint Kind, byte[] Payload)
{
    public static EventFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, RoomEvent.TryRead(body, out RoomEvent message));
        return new EventFacts(message.Sequence, message.Audience, message.Sender, message.Kind, message.Payload.ToArray());
    }
}

/// <summary>A Pong, to keep.</summary>
internal sealed record PongFacts(ulong Stamp, ulong Received, ulong Sent)
{
    public static PongFacts Read(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, Pong.TryRead(body, out Pong message));
        return new PongFacts(message.Stamp, message.ReceivedMicros, message.SentMicros);
    }
}
