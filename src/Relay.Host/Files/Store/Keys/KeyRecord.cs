using System.Security.Cryptography;

namespace Relay.Host.Files.Store.Keys;

/// <summary>
/// Which master keys files may be sealed with: the note <c>keys</c> beside the files, one line for each key with its check value and where
/// it came from. So a key that is missing, or another in its place, is noticed at the start, and not when somebody wants a file.
/// </summary>
/// <param name="backEnd">Where the files are.</param>
internal sealed class KeyRecord(IFileBackEnd backEnd)
{
    private const string Note = "keys";

    private IReadOnlyList<Entry> _entries = [];

    /// <summary>Whether files may be sealed with a key already.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Reads it.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<StoreOutcome> ReadAsync(CancellationToken cancellationToken)
    {
        (StoreOutcome outcome, string? text) = await backEnd.ReadNoteAsync(Note, cancellationToken).ConfigureAwait(false);
        _entries = [.. (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Entry.Parse)];
        return outcome.Status == StoreStatus.Missing ? StoreOutcome.Done : outcome;
    }

    /// <summary>Checks that all keys that files may be sealed with are at hand.</summary>
    /// <param name="keys">The keys; null if there are none.</param>
    /// <param name="place">Where keys are looked for.</param>
    /// <exception cref="CryptographicException">One is missing: says which, what it keeps closed, and what to do.</exception>
    public void Check(MasterKeys? keys, string place)
    {
        Entry? missing = _entries.FirstOrDefault(entry => keys?.All.Any(key => key.Secret.IdText == entry.Id) != true);
        if (missing is null)
        {
            return;
        }

        MasterKey? other = keys?.All.FirstOrDefault(key => key.Origin == missing.Origin);
        string what = other is null
            ? $"the master key {missing.Id} (last in {missing.Origin}) is not in {place}"
            : $"{missing.Origin} holds the master key {other.Secret.IdText} and not {missing.Id}, which was there";
        throw new CryptographicException(
            $"Files in {backEnd.Description} cannot be opened: {what}. " +
            "Put the right key back; new keys go beside it, as files or settings with later names.");
    }

    /// <summary>Notes the active key before the first file is sealed with it.</summary>
    /// <param name="active">The key.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<StoreOutcome> AddAsync(MasterKey active, CancellationToken cancellationToken) =>
        _entries.Any(entry => entry.Id == active.Secret.IdText)
            ? Task.FromResult(StoreOutcome.Done)
            : WriteAsync([.. _entries, new Entry(active.Secret.IdText, active.Origin)], cancellationToken);

    /// <summary>Forgets keys that no file is sealed with any more, so that they may go.</summary>
    /// <param name="used">The ids of those that are needed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<StoreOutcome> KeepAsync(IReadOnlySet<string> used, CancellationToken cancellationToken) =>
        WriteAsync([.. _entries.Where(entry => used.Contains(entry.Id))], cancellationToken);

    private async Task<StoreOutcome> WriteAsync(IReadOnlyList<Entry> entries, CancellationToken cancellationToken)
    {
        string text = string.Concat(entries.Select(entry => $"{entry.Id} {entry.Origin}\n"));
        StoreOutcome outcome = await backEnd.WriteNoteAsync(Note, text, cancellationToken).ConfigureAwait(false);
        _entries = outcome.IsDone ? entries : _entries;
        return outcome;
    }

    /// <summary>A key.</summary>
    private sealed record Entry(string Id, string Origin)
    {
        public static Entry Parse(string line) =>
            line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? new(line[..space], line[(space + 1)..]) : new(line, "?");
    }
}
