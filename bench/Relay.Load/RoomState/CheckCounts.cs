namespace Relay.Load.RoomState;

/// <summary>What has gone wrong so far; the first few are told in words as well.</summary>
internal sealed class CheckCounts
{
    private const int ToldOfEach = 4;

    private readonly Dictionary<string, int> _told = [];
    private readonly List<string> _words = [];

    /// <summary>Messages that did not reach somebody they were for, numbered messages that were not answered or not done.</summary>
    public long Lost { get; private set; }

    /// <summary>Messages that came twice, were applied twice, or were answered twice.</summary>
    public long Duplicated { get; private set; }

    /// <summary>Messages that came after a later one, or after a batch that presupposes them.</summary>
    public long Reordered { get; private set; }

    /// <summary>Messages that reached somebody they were not for.</summary>
    public long Misdirected { get; private set; }

    /// <summary>Things that are not everywhere the same, or not as they were made.</summary>
    public long Mismatches { get; private set; }

    /// <summary>Snapshots that told a gap.</summary>
    public long Snapshots { get; set; }

    /// <summary>The first of each kind that went wrong.</summary>
    public IReadOnlyList<string> Words => _words;

    public void Lose(string what, long count = 1)
    {
        Lost += count;
        Say("lost", what);
    }

    /// <summary>What was counted as lost has come after all.</summary>
    public void Find() => Lost--;

    public void Duplicate(string what)
    {
        Duplicated++;
        Say("duplicated", what);
    }

    public void Reorder(string what)
    {
        Reordered++;
        Say("reordered", what);
    }

    public void Misdirect(string what)
    {
        Misdirected++;
        Say("misdirected", what);
    }

    public void Mismatch(string what, long count = 1)
    {
        Mismatches += count;
        Say("state mismatch", what);
    }

    private void Say(string kind, string what)
    {
        int told = _told.GetValueOrDefault(kind);
        if (told < ToldOfEach)
        {
            _told[kind] = told + 1;
            _words.Add($"{kind}: {what}");
        }
    }
}
