namespace Relay.Load.RoomState;

/// <summary>A client's numbered messages that it may have to send again. protocol-spec.md §5.7, §5.8.</summary>
internal sealed class Outbox
{
    private readonly List<Pending> _pending = [];
    private readonly List<ulong> _answered = [];
    private ulong _lastAnswer;
    private ulong _last;

    /// <summary>The number of the next message.</summary>
    public ulong Next => _last + 1;

    /// <summary>Messages that wait for an answer.</summary>
    public int Unanswered => _pending.Count(one => one.IsAnswered);

    /// <summary>The highest number that was answered with none before it that is still to be.</summary>
    public ulong LastAnswer
    {
        get
        {
            ulong waiting = _pending.Find(one => one.IsAnswered)?.Number ?? ulong.MaxValue;
            foreach (ulong number in _answered.Where(number => number < waiting))
            {
                _lastAnswer = Math.Max(_lastAnswer, number);
            }

            _answered.RemoveAll(number => number < waiting);
            return _lastAnswer;
        }
    }

    /// <summary>Adds the message with the number <see cref="Next"/>.</summary>
    /// <param name="frame">The whole frame.</param>
    /// <param name="isAnswered">Whether it is answered in any case.</param>
    /// <param name="deed">What it asks for, if that matters.</param>
    public void Add(ReadOnlySpan<byte> frame, bool isAnswered, Deed? deed) =>
        _pending.Add(new Pending(++_last, frame.ToArray(), isAnswered, deed));

    /// <summary>A message was answered.</summary>
    /// <returns>False: nobody waits for that.</returns>
    public bool TryAnswer(ulong number, out Deed? deed)
    {
        int index = _pending.FindIndex(one => one.Number == number);
        deed = index < 0 ? null : _pending[index].Deed;
        if (index >= 0)
        {
            _pending.RemoveAt(index);
            _answered.Add(number);
            _ = LastAnswer;

            // Taken in order, those before it have been applied; if they are not answered in any case, that is all.
            _pending.RemoveAll(one => !one.IsAnswered && one.Number <= number);
        }

        return index >= 0;
    }

    /// <summary>The connection is gone: what has not been answered takes longer than it should.</summary>
    public void Interrupt()
    {
        foreach (Deed deed in _pending.Select(one => one.Deed).OfType<Deed>())
        {
            deed.WasInterrupted = true;
        }
    }

    /// <summary>The frames after a number.</summary>
    public IEnumerable<byte[]> After(ulong number) => _pending.Where(one => one.Number > number).Select(one => one.Frame);

    private sealed record Pending(ulong Number, byte[] Frame, bool IsAnswered, Deed? Deed);
}
