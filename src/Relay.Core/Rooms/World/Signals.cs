using Relay.Protocol;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>
/// The table of signals: what each carries, to whom it may go, what it needs and how often it may come. A signal is an event with a kind
/// of the protocol's; everything else about it is as for every event. protocol-spec.md §11.9.
/// </summary>
internal static class Signals
{
    private const int MaxDepth = 16;
    private const int MaxNodes = 1024;
    private const int MaxChatBytes = 4000;

    private const int All = Others | Everyone | Member | Roles | Nearby;
    private const int Others = 1 << (int)EventAudience.Others;
    private const int Everyone = 1 << (int)EventAudience.Everyone;
    private const int Member = 1 << (int)EventAudience.Member;
    private const int Roles = 1 << (int)EventAudience.Roles;
    private const int Nearby = 1 << (int)EventAudience.Nearby;

    private static readonly Signal[] Table =
    [
        new(SignalKind.Chat, Deed.SendChat, All, [MessagePackType.String], 2, 10),
        new(SignalKind.Typing, Deed.SendTyping, Others | Everyone | Nearby, [MessagePackType.Boolean], 2, 4),
        new(SignalKind.HighFive, Deed.SendHighFive, Member, [MessagePackType.Nil, MessagePackType.Map], 1, 5),
        new(SignalKind.HandRaised, Deed.SendHandRaised, Others | Everyone | Roles, [MessagePackType.Boolean], 1, 5),
        new(SignalKind.Notification, Deed.SendNotification, All, [MessagePackType.Map], 1, 5),
        new(SignalKind.FlyToMe, Deed.SendFlyToMe, Others | Everyone | Member, [MessagePackType.Nil, MessagePackType.Map], 1, 5),
        new(SignalKind.StageMode, Deed.SendStageMode, Others | Everyone | Roles | Member, [MessagePackType.Map], 1, 5),
    ];

    /// <summary>How many there are.</summary>
    public static int Count => Table.Length;

    /// <summary>The place of a kind in the table; <see cref="Count"/> for the application's, −1 for one that there is not.</summary>
    public static int IndexOf(uint kind) =>
        kind >= SendEvent.FirstApplicationKind ? Count : kind >= 1 && kind <= (uint)Table.Length ? (int)kind - 1 : -1;

    /// <summary>What sending an event of a kind is.</summary>
    public static Deed DeedOf(uint kind) => IndexOf(kind) is >= 0 and int index && index < Count ? Table[index].Deed : Deed.SendEvent;

    /// <summary>How often a kind of the protocol's may come.</summary>
    public static (int PerSecond, int Burst) RateOf(int index) => (Table[index].PerSecond, Table[index].Burst);

    /// <summary>Checks what can be checked without a look at the room.</summary>
    public static Fault Check(in SendEvent message)
    {
        int index = IndexOf(message.Kind);
        if (index < 0)
        {
            return new Fault(
                CloseCode.BadValue, "Event kinds below the limit belong to the protocol, which has none of this number.",
                SendEvent.FirstApplicationKind, message.Kind);
        }

        if (message.Audience == EventAudience.Nearby && !(message.Radius > 0 && float.IsFinite(message.Radius)))
        {
            return new Fault(CloseCode.BadValue, "The radius is not a finite number of metres above the limit.", 0, message.Radius);
        }

        return index == Count ? Fault.None : CheckSignal(Table[index], message);
    }

    private static Fault CheckSignal(Signal signal, in SendEvent message)
    {
        if ((signal.Audiences >> (int)message.Audience & 1) == 0)
        {
            return new Fault(
                CloseCode.BadValue, $"A {signal.Kind} signal does not go to this audience (limit: those allowed, as bits).",
                signal.Audiences, (int)message.Audience);
        }

        var limits = new MessagePackLimits { MaxBytes = int.MaxValue, MaxDepth = MaxDepth, MaxNodes = MaxNodes };
        MessagePackVerdict verdict = MessagePackValidator.Check(message.Payload, limits);
        if (verdict.Status != MessagePackStatus.Ok)
        {
            return new Fault(
                CloseCode.BadValue, $"The payload of a {signal.Kind} signal is not one MessagePack value ({verdict.Status}).",
                verdict.Limit, verdict.Measured);
        }

        MessagePackType type = new MessagePackReader(message.Payload).PeekType();
        if (!signal.Payloads.Contains(type))
        {
            return new Fault(
                CloseCode.BadValue, $"The payload of a {signal.Kind} signal must be {string.Join(" or ", signal.Payloads)}.", 0, (int)type);
        }

        return signal.Kind == SignalKind.Chat ? CheckChat(message.Payload) : Fault.None;
    }

    private static Fault CheckChat(ReadOnlySpan<byte> payload)
    {
        new MessagePackReader(payload).TryReadString(out ReadOnlySpan<byte> text);
        return text.Length is >= 1 and <= MaxChatBytes
            ? Fault.None
            : new Fault(CloseCode.BadValue, "A chat message takes 1 to the limit of bytes.", MaxChatBytes, text.Length);
    }

    private sealed record Signal(SignalKind Kind, Deed Deed, int Audiences, MessagePackType[] Payloads, int PerSecond, int Burst);
}
