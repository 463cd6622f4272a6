namespace Relay.Core.Rooms;

/// <summary>The last answers to a client's numbered messages (Error and Left frames): one that was lost with its connection is told again
/// when the session is taken up.</summary>
internal sealed class AnswerLog
{
    /// <summary>Answers kept: as many as messages can be under way.</summary>
    private const int Capacity = CommandQueue.Capacity;

    private readonly Queue<(ulong Sequence, byte[] Frame)> _answers = new();

    public void Add(ulong sequence, ReadOnlySpan<byte> frame)
    {
        if (_answers.Count == Capacity)
        {
            _answers.Dequeue();
        }

        _answers.Enqueue((sequence, frame.ToArray()));
    }

    /// <summary>The frames that answer messages after one, oldest first.</summary>
    public IEnumerable<byte[]> After(ulong sequence) => _answers.Where(answer => answer.Sequence > sequence).Select(answer => answer.Frame);
}
