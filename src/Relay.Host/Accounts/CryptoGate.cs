namespace Relay.Host.Accounts;

/// <summary>Bounds how many signatures are worked on at once, and how many wait for it: whoever floods the door with tokens slows the door
/// down, not the rooms.</summary>
internal sealed class CryptoGate : IDisposable
{
    private const int MostWaiting = 256;

    private readonly SemaphoreSlim _places;
    private int _waiting;

    /// <summary>Makes a gate.</summary>
    /// <param name="options">Says how many at once.</param>
    public CryptoGate(AccountsOptions options) =>
        _places = new SemaphoreSlim(
            options.CryptoConcurrency > 0 ? options.CryptoConcurrency : Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Waits for a place.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The place, to be given back; null when too many wait already: say 429 or 503.</returns>
    public async ValueTask<Place?> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Place(_places);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    /// <summary>A place at the gate.</summary>
    internal sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int _isBack;

        /// <summary>Gives it back.</summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isBack, 1) == 0)
            {
                places.Release();
            }
        }
    }
}
