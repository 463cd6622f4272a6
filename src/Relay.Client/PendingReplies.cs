namespace Relay.Client;

/// <summary>Numbered requests that wait for Joined, Left or Error. They outlive connections, as their session does.</summary>
internal sealed class PendingReplies
{
    private readonly Dictionary<ulong, PendingReply> _waiting = [];
    private CloseInfo? _ended;

    public void Add(ulong sequence, PendingReply reply)
    {
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
            _waiting.Remove(sequence, out PendingReply? reply);
            return reply;
        }
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

        return Array.Exists(replies, static reply => reply.IsLeave);
    }
}

/// <summary>One request.</summary>
/// <param name="ticket">What is shown to enter a room; <c>null</c> for a Leave.</param>
internal sealed class PendingReply(byte[]? ticket)
{
    public bool IsLeave => ticket is null;

    public ReadOnlyMemory<byte> Ticket => ticket;

    public TaskCompletionSource<RoomInfo?> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
