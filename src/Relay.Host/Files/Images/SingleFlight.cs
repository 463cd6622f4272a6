namespace Relay.Host.Files.Images;

/// <summary>
/// Work that several want at once is done once, and all get what comes of it. It is nobody's own: who goes away leaves it to the others,
/// and with the last one it ends. What is done is not kept.
/// </summary>
/// <typeparam name="TKey">Says which work is the same.</typeparam>
/// <typeparam name="TResult">What comes of it; shared, so not to be disposed by one of them.</typeparam>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Flight> _flights = [];

    /// <summary>Works that are being done.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _flights.Count;
            }
        }
    }

    /// <summary>Does the work, or waits for who does it already.</summary>
    /// <param name="key">Which work.</param>
    /// <param name="work">Does it; cancelled when nobody waits any more. It uses nothing of one request's.</param>
    /// <param name="cancellationToken">Ends the wait, and the work if nobody else waits.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<TResult> RunAsync(TKey key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        Flight flight;
        lock (_gate)
        {
            if (!_flights.TryGetValue(key, out flight!))
            {
                flight = new Flight();
                _flights.Add(key, flight);
                flight.Work = Task.Run(() => FlyAsync(key, flight, work), CancellationToken.None);
            }

            flight.Waiting++;
        }

        try
        {
            return await flight.Work.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (IsLast(key, flight))
            {
                // The work may be over long since; then this does nothing.
                await flight.Stop.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task<TResult> FlyAsync(TKey key, Flight flight, Func<CancellationToken, Task<TResult>> work)
    {
        try
        {
            return await work(flight.Stop.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                Remove(key, flight);
            }
        }
    }

    private bool IsLast(TKey key, Flight flight)
    {
        lock (_gate)
        {
            if (--flight.Waiting > 0)
            {
                return false;
            }

            // Who comes now must not join what is about to end.
            Remove(key, flight);
            return true;
        }
    }

    private void Remove(TKey key, Flight flight)
    {
        if (_flights.TryGetValue(key, out Flight? current) && current == flight)
        {
            _flights.Remove(key);
        }
    }

    private sealed class Flight
    {
        // Not disposed: it has no timer, and who disposes it last would have to be found out.
        public CancellationTokenSource Stop { get; } = new();

        public Task<TResult> Work { get; set; } = null!;

        public int Waiting { get; set; }
    }
}
