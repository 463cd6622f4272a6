namespace Relay.Core.Rooms;

/// <summary>A bounded queue of commands from the one thread that reads a connection to its shard. Lock-free, one writer and one
/// reader.</summary>
/// <remarks>A full queue is not an error: the road stops reading the connection until the shard has caught up, so TCP slows the sender
/// down.</remarks>
internal sealed class CommandQueue
{
    /// <summary>Commands that fit. One wake-up handles at most so many of a connection.</summary>
    public const int Capacity = 32;

    private Command[] _ring = [];
    private int _written;
    private int _read;

    /// <summary>Whether nothing waits. Reader's thread.</summary>
    public bool IsEmpty => Volatile.Read(ref _written) == _read;

    /// <summary>Whether another command fits. Writer's thread.</summary>
    public bool HasRoom => _written - Volatile.Read(ref _read) < Capacity;

    /// <summary>Appends a command. Writer's thread.</summary>
    /// <returns>False when the queue is full.</returns>
    public bool TryWrite(in Command command)
    {
        if (!HasRoom)
        {
            return false;
        }

        // Most connections of a lobby never have more than one command at a time, so the ring grows as it is needed. A reader that still
        // holds the smaller one finds there what it is to read next: what was written before is not touched.
        Command[] ring = _ring;
        if (_written - Volatile.Read(ref _read) == ring.Length)
        {
            ring = Grow(ring);
        }

        ring[_written & (ring.Length - 1)] = command;
        Volatile.Write(ref _written, _written + 1);
        return true;
    }

    /// <summary>The kind of the oldest command; None if there is none. Reader's thread.</summary>
    public CommandKind NextKind
    {
        get
        {
            if (IsEmpty)
            {
                return CommandKind.None;
            }

            Command[] ring = Volatile.Read(ref _ring);
            return ring[_read & (ring.Length - 1)].Kind;
        }
    }

    /// <summary>Takes the oldest command. Reader's thread.</summary>
    public bool TryRead(out Command command)
    {
        if (IsEmpty)
        {
            command = default;
            return false;
        }

        Command[] ring = Volatile.Read(ref _ring);
        ref Command place = ref ring[_read & (ring.Length - 1)];
        command = place;
        place = default;
        Volatile.Write(ref _read, _read + 1);
        return true;
    }

    private Command[] Grow(Command[] ring)
    {
        var larger = new Command[Math.Max(1, 2 * ring.Length)];
        for (int i = _written - ring.Length; i != _written; i++)
        {
            larger[i & (larger.Length - 1)] = ring[i & (ring.Length - 1)];
        }

        Volatile.Write(ref _ring, larger);
        return larger;
    }
}
