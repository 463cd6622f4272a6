using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol.Frames;

namespace Relay.Core.Rooms;

/// <summary>
/// The answers that a connection is owed while something that it changed is being stored: that one, and all that come after it, so that
/// answers keep the order of the questions. Its further changes are made meanwhile, up to a bound.
/// </summary>
internal sealed class OwedAnswers
{
    /// <summary>The most answers; further commands wait then. Fewer than <see cref="AnswerLog"/> keeps, so that all of them can be told
    /// again after a resume.</summary>
    public const int Most = 128;

    private readonly Queue<OwedAnswer> _answers = [];

    public int Count => _answers.Count;

    public void Add(OwedAnswer answer) => _answers.Enqueue(answer);

    /// <summary>The next answer that can be told.</summary>
    public bool TryTake(out OwedAnswer answer)
    {
        if (_answers.TryPeek(out answer!) && answer.IsReady)
        {
            _answers.Dequeue();
            return true;
        }

        return false;
    }

    /// <summary>Nobody is to be told any more.</summary>
    public void Clear() => _answers.Clear();
}

/// <summary>One of them.</summary>
internal sealed class OwedAnswer(Replies replies, Connection connection, FrameType type, ulong sequence, ulong value) : Waiter
{
    public FrameType Type => type;

    public ulong Sequence => sequence;

    public ulong Value => value;

    /// <summary>What to say: None for Done.</summary>
    public Fault Fault { get; private set; }

    /// <summary>Whether it can be told.</summary>
    public bool IsReady { get; private set; }

    /// <summary>It waits for those before it alone.</summary>
    public OwedAnswer Ready(in Fault fault)
    {
        (Fault, IsReady) = (fault, true);
        return this;
    }

    public override void Settle(in Fault fault)
    {
        Ready(fault);
        replies.TellOwed(connection);
    }
}
