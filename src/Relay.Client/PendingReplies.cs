using Relay.Protocol;

namespace Relay.Client;

/// <summary>Numbered requests that wait for Joined, Left, Done or Error. They outlive connections, as their session does.</summary>
internal sealed class PendingReplies
{
    private readonly SortedDictionary<ulong, PendingReply> _waiting = [];
    private CloseInfo? _ended;

    public void Add(ulong sequence, PendingReply reply)
    {
        reply.Sequence = sequence;
        lock (_waiting)
        {
            if (_ended is null)
            {
                _waiting.Add(sequence, reply);
                return;
            }
        }

        reply.Completion.TrySetException(new RelayException(_ended));
    }

    /// <summary>Takes the request with that number out, if somebody waits for it.</summary>
    public PendingReply? Take(ulong sequence)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(sequence, out PendingReply? reply))
            {
                _waiting.Remove(sequence);
            }

            return reply;
        }
    }

    /// <summary>Looks for the request with that number.</summary>
    public PendingReply? Find(ulong sequence)
    {
        lock (_waiting)
        {
            return _waiting.TryGetValue(sequence, out PendingReply? reply) ? reply : null;
        }
    }

    /// <summary>Whether an answer of that kind may come for that number: somebody waits for one of it, or nobody for any.</summary>
    public bool MayBe(ulong sequence, ReplyKind kind) => Find(sequence) is not { } reply || reply.Kind == kind;

    /// <summary>
    /// Answers come in the order of the numbers, and a server keeps a bounded number of them for a client that is away: whoever waits for
    /// one before this waits in vain.
    /// </summary>
    /// <param name="sequence">The number that was answered.</param>
    /// <param name="joinsToo">Whether no Joined for an earlier number can come any more: when a session is taken up, the one of the present
    /// room comes after the other answers.</param>
    public void FailBefore(ulong sequence, bool joinsToo)
    {
        List<PendingReply>? lost = null;
        lock (_waiting)
        {
            foreach (PendingReply one in _waiting.Values)
            {
                if (one.Sequence >= sequence)
                {
                    break;
                }

                if (joinsToo || one.Kind != ReplyKind.Joined)
                {
                    (lost ??= []).Add(one);
                }
            }

            lost?.ForEach(reply => _waiting.Remove(reply.Sequence));
        }

        lost?.ForEach(static reply => reply.Completion.TrySetException(new RelayException(
            CloseCode.Abnormal, "The answer was lost with a connection and the server did not keep it: it was done, or refused.")));
    }

    /// <summary>The client has ended: what waits fails, and so does what still comes.</summary>
    public void End(CloseInfo info)
    {
        lock (_waiting)
        {
            _ended = info;
        }

        FailAll(() => new RelayException(info));
    }

    /// <summary>The session is over: what waits fails.</summary>
    /// <returns>Whether leaving the room was asked for.</returns>
    public bool LoseSession(CloseInfo cause) => FailAll(() => new RelaySessionLostException(cause));

    private bool FailAll(Func<RelayException> why)
    {
        PendingReply[] replies;
        lock (_waiting)
        {
            replies = [.. _waiting.Values];
            _waiting.Clear();
        }

        foreach (PendingReply reply in replies)
        {
            reply.Completion.TrySetException(why());
        }

        return Array.Exists(replies, static reply => reply.Kind == ReplyKind.Left);
    }
}

/// <summary>What answers a request that is not refused.</summary>
internal enum ReplyKind
{
    /// <summary>Joined.</summary>
    Joined,

    /// <summary>Left.</summary>
    Left,

    /// <summary>Done.</summary>
    Done,
}

/// <summary>One request.</summary>
/// <param name="kind">What answers it.</param>
/// <param name="ticket">What is shown to enter a room.</param>
internal sealed class PendingReply(ReplyKind kind, byte[]? ticket = null)
{
    public ReplyKind Kind => kind;

    public ReadOnlyMemory<byte> Ticket => ticket;

    /// <summary>Its number, from the moment when it is queued.</summary>
    public ulong Sequence { get; set; }

    public TaskCompletionSource<Answer> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>What the server answered.</summary>
/// <param name="Room">Joined: the room.</param>
/// <param name="Value">Done: its value.</param>
internal readonly record struct Answer(RoomInfo? Room, ulong Value);
