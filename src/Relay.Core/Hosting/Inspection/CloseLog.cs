using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Core.Hosting;

/// <summary>How many connections ended, or were turned away, for one reason.</summary>
/// <param name="Code">The code. protocol-spec.md §9.</param>
/// <param name="Cause">The finer reason, or None.</param>
/// <param name="Count">How many since the server was made.</param>
public sealed record CloseCount(CloseCode Code, CloseCode Cause, long Count);

/// <summary>One connection that ended or was turned away.</summary>
/// <param name="At">When.</param>
/// <param name="Code">Why. protocol-spec.md §9.</param>
/// <param name="Cause">The finer reason, or None.</param>
/// <param name="Limit">The limit that was broken, or 0.</param>
/// <param name="Value">The value that broke it, or 0.</param>
/// <param name="Text">The line that the client was told.</param>
/// <param name="Name">The client's name; empty if it was turned away.</param>
/// <param name="Transport">"tcp" or "websocket".</param>
/// <param name="Remote">The peer's address; empty if it is not known.</param>
public sealed record CloseNote(
    DateTimeOffset At, CloseCode Code, CloseCode Cause, double Limit, double Value,
    string Text, string Name, string Transport, string Remote);

/// <summary>Counts why connections ended, and remembers the last ones. Any thread.</summary>
internal sealed class CloseLog
{
    /// <summary>How many ends are remembered.</summary>
    public const int Remembered = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<(CloseCode Code, CloseCode Cause), long> _counts = [];
    private readonly Queue<CloseNote> _recent = new(Remembered);

    /// <summary>Notes an end.</summary>
    public void Add(DateTimeOffset at, CloseReason reason, string name, string transport, string remote)
    {
        var note = new CloseNote(at, reason.Code, reason.Cause, reason.Limit, reason.Value, reason.Text, name, transport, remote);
        lock (_gate)
        {
            (CloseCode, CloseCode) key = (reason.Code, reason.Cause);
            _counts[key] = _counts.GetValueOrDefault(key) + 1;
            if (_recent.Count == Remembered)
            {
                _recent.Dequeue();
            }

            _recent.Enqueue(note);
        }
    }

    /// <summary>The counts, the most frequent first.</summary>
    public IReadOnlyList<CloseCount> Counts()
    {
        lock (_gate)
        {
            return [.. _counts
                .Select(entry => new CloseCount(entry.Key.Code, entry.Key.Cause, entry.Value))
                .OrderByDescending(count => count.Count)];
        }
    }

    /// <summary>The last ends, the newest first.</summary>
    public IReadOnlyList<CloseNote> Recent()
    {
        lock (_gate)
        {
            return [.. _recent.Reverse()];
        }
    }
}
