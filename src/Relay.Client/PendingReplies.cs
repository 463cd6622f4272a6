namespace Relay.Client;

/// <summary>Numbered requests that wait for Joined, Left or Error. Once failed it stays failed.</summary>
internal sealed class PendingReplies
{
    private readonly Dictionary<ulong, TaskCompletionSource<RoomInfo?>> _waiting = [];
    private CloseInfo? _failure;

    public void Add(ulong sequence, TaskCompletionSource<RoomInfo?> reply)
    {
        lock (_waiting)
        {
            if (_failure is null)
            {
                _waiting.Add(sequence, reply);
                return;
            }
        }

        reply.TrySetException(new RelayException(_failure));
    }

    /// <summary>Completes the request with that number, if somebody waits for it.</summary>
    public bool Complete(ulong sequence, RoomInfo? room) => Take(sequence)?.TrySetResult(room) is not null;

    /// <summary>Refuses the request with that number, if somebody waits for it.</summary>
    public bool Refuse(in Refusal refusal) => Take(refusal.Sequence)?.TrySetException(new RelayException(refusal)) is not null;

    public void FailAll(CloseInfo info)
    {
        TaskCompletionSource<RoomInfo?>[] replies;
        lock (_waiting)
        {
            _failure = info;
            replies = [.. _waiting.Values];
            _waiting.Clear();
        }

        foreach (TaskCompletionSource<RoomInfo?> reply in replies)
        {
            reply.TrySetException(new RelayException(info));
        }
    }

    private TaskCompletionSource<RoomInfo?>? Take(ulong sequence)
    {
        lock (_waiting)
        {
            _waiting.Remove(sequence, out TaskCompletionSource<RoomInfo?>? reply);
            return reply;
        }
    }
}
