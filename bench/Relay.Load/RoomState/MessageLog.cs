namespace Relay.Load.RoomState;

/// <summary>The last reliable messages of a room, by their sequence.</summary>
internal sealed class MessageLog
{
    /// <summary>Judged messages that are kept, so that one that comes too late is told from one that comes twice.</summary>
    private const int KeptAfterwards = 4096;

    /// <summary>No room is so far ahead of its slowest receiver: such a sequence is wrong.</summary>
    private const ulong MaxSpan = 1 << 22;

    private RoomMessage?[] _messages = new RoomMessage?[1024];
    private ulong _first = 1;

    /// <summary>The highest sequence that anybody has received.</summary>
    public ulong Newest { get; private set; }

    /// <summary>Finds a message.</summary>
    /// <returns><c>null</c> if nobody has received it, or that was long ago.</returns>
    public RoomMessage? Find(ulong sequence) => sequence < _first || sequence > Newest ? null : _messages[IndexOf(sequence)];

    /// <summary>Whether a sequence can be that of a message: neither forgotten nor far ahead.</summary>
    public bool Holds(ulong sequence) => sequence >= _first && sequence - _first < MaxSpan;

    public void Add(RoomMessage message)
    {
        while (message.Sequence - _first >= (ulong)_messages.Length)
        {
            Grow();
        }

        Newest = Math.Max(Newest, message.Sequence);
        _messages[IndexOf(message.Sequence)] = message;
    }

    /// <summary>Bytes of the bodies that were received of a range.</summary>
    public long BytesOf(ulong after, ulong to)
    {
        long bytes = 0;
        for (ulong sequence = Math.Max(after + 1, _first); sequence <= Math.Min(to, Newest); sequence++)
        {
            bytes += Find(sequence)?.Length ?? 0;
        }

        return bytes;
    }

    /// <summary>Forgets messages that have long been judged.</summary>
    /// <param name="judged">The last that was.</param>
    /// <param name="forgotten">Told each.</param>
    public void Forget(ulong judged, Action<RoomMessage> forgotten)
    {
        for (; _first + KeptAfterwards <= judged; _first++)
        {
            ref RoomMessage? message = ref _messages[IndexOf(_first)];
            if (message is not null)
            {
                forgotten(message);
                message = null;
            }
        }
    }

    private int IndexOf(ulong sequence) => (int)(sequence & ((ulong)_messages.Length - 1));

    private void Grow()
    {
        RoomMessage?[] old = _messages;
        _messages = new RoomMessage?[old.Length * 2];
        for (ulong sequence = _first; sequence <= Newest; sequence++)
        {
            _messages[IndexOf(sequence)] = old[(int)(sequence & ((ulong)old.Length - 1))];
        }
    }
}
