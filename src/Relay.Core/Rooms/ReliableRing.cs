using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>Who a reliable message was published to, fixed at that moment.</summary>
internal enum Audience : byte
{
    /// <summary>Every receiver that was there.</summary>
    Everyone,

    /// <summary>All but one member.</summary>
    AllBut,

    /// <summary>One member.</summary>
    Only,

    /// <summary>Some members.</summary>
    Some,

    /// <summary>All but some members.</summary>
    AllButSome,
}

/// <summary>A reliable message in a room's ring: one encoded frame.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Audience">To whom.</param>
/// <param name="Members">The members that the audience names.</param>
/// <param name="Frame">The frame.</param>
/// <param name="Time">When it was published, in microseconds.</param>
internal readonly record struct ReliableMessage(
    ulong Sequence, Audience Audience, AudienceMembers Members, SharedBuffer Frame, long Time = 0)
{
    /// <summary>Whether it is for everybody but those whom the audience names.</summary>
    public bool IsShared => Audience is not (Audience.Only or Audience.Some);

    public bool IsFor(uint member) => IsShared != Members.Contains(member);
}

/// <summary>The members that an audience names: none, one, or some.</summary>
internal readonly record struct AudienceMembers(uint One, uint[]? Some = null)
{
    public bool Contains(uint member) => Some is null ? One != 0 && One == member : Array.IndexOf(Some, member) >= 0;
}

/// <summary>
/// The room's last reliable messages, numbered without gaps. A receiver is a position in it: what it was last sent. One that was overtaken
/// (<see cref="Holds"/> is false) needs a snapshot. Bounded in messages, in bytes and in time.
/// </summary>
internal sealed class ReliableRing
{
    private readonly int _maxMessages;
    private readonly int _maxBytes;
    private ReliableMessage[] _messages = new ReliableMessage[16];
    private int _bytes;

    public ReliableRing(int maxMessages, int maxBytes)
    {
        _maxMessages = maxMessages;
        _maxBytes = maxBytes;
    }

    /// <summary>The sequence of the newest message; 0 before the first.</summary>
    public ulong Head { get; private set; }

    /// <summary>The sequence of the newest message that was discarded; 0 if none was.</summary>
    public ulong Tail { get; private set; }

    /// <summary>Leaves the first number out: nobody is told of it.</summary>
    public void SkipFirst() => (Head, Tail) = (1, 1);

    /// <summary>Whether everything after a position is still here.</summary>
    public bool Holds(ulong position) => position >= Tail;

    /// <summary>The message with a sequence above <see cref="Tail"/> and up to <see cref="Head"/>.</summary>
    public ref readonly ReliableMessage this[ulong sequence] => ref _messages[sequence & (ulong)(_messages.Length - 1)];

    /// <summary>Appends a message; the ring takes over the caller's reference to the frame. Old messages make room.</summary>
    /// <param name="message">Its sequence must be <see cref="Head"/> + 1.</param>
    public void Append(ReliableMessage message)
    {
        while (Head - Tail >= (ulong)_maxMessages || (_bytes + message.Frame.Length > _maxBytes && Head > Tail))
        {
            DiscardOldest();
        }

        if (Head - Tail == (ulong)_messages.Length)
        {
            Grow();
        }

        Head = message.Sequence;
        _messages[Head & (ulong)(_messages.Length - 1)] = message;
        _bytes += message.Frame.Length;
    }

    /// <summary>Discards what was published before a time.</summary>
    public void DiscardBefore(long time)
    {
        while (Head > Tail && this[Tail + 1].Time < time)
        {
            DiscardOldest();
        }
    }

    /// <summary>Gives every buffer back.</summary>
    public void Clear()
    {
        while (Head > Tail)
        {
            DiscardOldest();
        }
    }

    private void DiscardOldest()
    {
        Tail++;
        ref ReliableMessage oldest = ref _messages[Tail & (ulong)(_messages.Length - 1)];
        _bytes -= oldest.Frame.Length;
        oldest.Frame.Release();
        oldest = default;
    }

    private void Grow()
    {
        var larger = new ReliableMessage[_messages.Length * 2];
        for (ulong sequence = Tail + 1; sequence <= Head; sequence++)
        {
            larger[sequence & (ulong)(larger.Length - 1)] = this[sequence];
        }

        _messages = larger;
    }
}
