using System.Globalization;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.RoomState;

/// <summary>Events to everybody, to some, to one; the application's, and a few of the protocol's signals.</summary>
internal sealed class EventDeeds(Random random)
{
    private const int MaxPadding = 200;

    /// <summary>The role that members come in with.</summary>
    public const uint MemberRoles = 1 << 1;

    /// <summary>Sends an event to everybody, its author too: what went before it has come when it comes.</summary>
    public static Deed SendMark(StateClient client, long dueNanos)
    {
        Deed deed = NewDeed(client, dueNanos, EventAudience.Everyone, SendEvent.FirstApplicationKind);
        Send(client, deed, 0);
        return deed;
    }

    /// <summary>Sends some event.</summary>
    public void Send(StateClient client, long dueNanos)
    {
        int chance = random.Next(20);
        EventAudience audience = chance switch
        {
            < 7 => EventAudience.Others,
            < 10 => EventAudience.Everyone,
            < 14 => EventAudience.Member,
            < 16 => EventAudience.Roles,
            _ => EventAudience.Nearby,
        };
        uint kind = (audience, random.Next(8)) switch
        {
            (EventAudience.Member, 0) => (uint)SignalKind.HighFive,
            (not EventAudience.Member, 0) => (uint)SignalKind.Chat,
            _ => SendEvent.FirstApplicationKind + (uint)random.Next(3),
        };
        Send(client, NewDeed(client, dueNanos, audience, kind, SomebodyElse(client)), random.Next(MaxPadding));
    }

    private static Deed NewDeed(StateClient client, long dueNanos, EventAudience audience, uint kind, uint member = 0) => new()
    {
        Kind = DeedKind.Event,
        Author = client.Stay!,
        Number = client.NextNumber,
        DueNanos = dueNanos,
        Audience = audience,
        EventKind = kind,
        Member = audience == EventAudience.Member ? member : 0,
        Roles = audience == EventAudience.Roles ? MemberRoles : 0,
    };

    private static void Send(StateClient client, Deed deed, int padding)
    {
        Span<byte> payload = stackalloc byte[512];
        var writer = new MessagePackWriter(payload);
        string blanks = new(' ', padding);
        switch (deed.EventKind)
        {
            case (uint)SignalKind.Chat:
                writer.WriteString(string.Create(CultureInfo.InvariantCulture, $"{deed.Stamp} {blanks}"));
                break;
            case (uint)SignalKind.HighFive:
                writer.WriteMapHeader(1);
                writer.WriteString("by"u8);
                writer.WriteUInt64(deed.Stamp);
                break;
            default:
                writer.WriteUInt64(deed.Stamp);
                writer.WriteString(blanks);
                break;
        }

        Span<byte> frame = stackalloc byte[1024];
        var framed = new FrameWriter(frame);
        new SendEvent
        {
            Sequence = deed.Number,
            Audience = deed.Audience,
            Member = deed.Member,
            Roles = deed.Roles,
            Radius = deed.Audience == EventAudience.Nearby ? Districts.Radius(client.Stay!.Space!) : 0,
            Kind = deed.EventKind,
            Payload = writer.WrittenSpan,
        }.Write(ref framed);
        client.Send(framed.WrittenSpan, deed);
    }

    private uint SomebodyElse(StateClient client)
    {
        Dictionary<uint, MemberState> members = client.Stay!.Replica.Members;
        uint member = members.Keys.ElementAt(random.Next(members.Count));

        // A high five takes two; alone in the room it is refused.
        return member != client.Stay.Member ? member : members.Keys.FirstOrDefault(other => other != member, uint.MaxValue);
    }
}
