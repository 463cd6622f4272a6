namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary>The lines of a message, taken one after the other. A line that is not what was asked for stays.</summary>
internal sealed class SiweLines(string[] lines)
{
    private int _next;

    /// <summary>Whether all have been taken.</summary>
    public bool AreOver => _next == lines.Length;

    /// <summary>Takes the next line, whatever it is.</summary>
    public bool TryTake(out string line)
    {
        line = AreOver ? "" : lines[_next];
        return !AreOver && ++_next > 0;
    }

    /// <summary>Takes the next line if it is this one.</summary>
    public bool TryTake(string line) => !AreOver && lines[_next] == line && ++_next > 0;

    /// <summary>Takes the next line if it ends so.</summary>
    /// <param name="end">Its end.</param>
    /// <param name="start">What comes before.</param>
    public bool TryTakeEnding(string end, out string start)
    {
        bool fits = !AreOver && lines[_next].EndsWith(end, StringComparison.Ordinal);
        start = fits ? lines[_next++][..^end.Length] : "";
        return fits;
    }

    /// <summary>Takes the next line if it begins so.</summary>
    /// <param name="name">Its beginning.</param>
    /// <param name="value">The rest; null when the line stays.</param>
    public bool TryTakeField(string name, out string? value)
    {
        bool fits = !AreOver && lines[_next].StartsWith(name, StringComparison.Ordinal);
        value = fits ? lines[_next++][name.Length..] : null;
        return fits;
    }

    /// <summary>Takes a list to the end, if the next line is its head.</summary>
    /// <returns>False when there are more than <see cref="SiweMessage.MaxResources"/>.</returns>
    public bool TryTakeList(string head, string mark, out List<string>? items)
    {
        items = TryTake(head) ? [] : null;
        while (items is not null && TryTakeField(mark, out string? item))
        {
            items.Add(item!);
        }

        return items is null or { Count: <= SiweMessage.MaxResources };
    }
}
