using System.Globalization;
using Relay.Host.Files.Store;

namespace Relay.Host.Files;

/// <summary>
/// Lets one at a time store or remove a content of a name, in this process: so a content that comes again while it is being removed is
/// there afterwards. There is a fixed number of locks, which names share: who waits for another's name waits for a disk or a bucket, not
/// for a sender.
/// </summary>
internal sealed class NameLocks : IDisposable
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Waits for its turn.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>To be disposed when it is done.</returns>
    public async Task<IDisposable> TakeAsync(FileName name, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _locks[int.Parse(name.Hex.AsSpan(0, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)];
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(turn);
    }

    public void Dispose()
    {
        foreach (SemaphoreSlim turn in _locks)
        {
            turn.Dispose();
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
