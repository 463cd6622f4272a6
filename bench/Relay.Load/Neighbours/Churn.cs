using System.Net.Sockets;
using Relay.Load.Measure;
using Relay.Load.Wire;

namespace Relay.Load.Neighbours;

/// <summary>
/// Connections that come and go, so many a second, whether or not earlier ones are done: an open loop, like the walkers'.
/// </summary>
internal sealed class Churn : IDisposable
{
    /// <summary>After so long a connection that is not done has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ServerAddress _address;
    private readonly double _periodNanos;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _coming;
    private long _begun;
    private long _opened;
    private long _refused;
    private long _failed;

    /// <summary>Begins.</summary>
    /// <param name="address">The server.</param>
    /// <param name="perSecond">Connections a second.</param>
    public Churn(ServerAddress address, int perSecond)
    {
        _address = address;
        _periodNanos = 1e9 / perSecond;
        _coming = ComeAsync();
    }

    /// <summary>Connections that did what they came for.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    /// <summary>Connections that were turned away.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Connections that broke, or that nobody answered in time.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Connections under way.</summary>
    public long Open => Interlocked.Read(ref _begun) - Opened - Refused - Failed;

    /// <summary>No more come; ends when the last has gone.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _coming.ConfigureAwait(false);
        while (Open > 0)
        {
            // Not for ever: each has its patience.
            await Clock.UntilAsync(Clock.NowNanos + 10_000_000, CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task ComeAsync()
    {
        CancellationToken stop = _stop.Token;
        long start = Clock.NowNanos;
        for (long number = 0; !stop.IsCancellationRequested; number++)
        {
            Task due = Clock.UntilAsync(start + (long)(number * _periodNanos), stop);
            await due.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (due.IsCompletedSuccessfully)
            {
                Interlocked.Increment(ref _begun);
                _ = VisitAsync(number);
            }
        }
    }

    private async Task VisitAsync(long number)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        try
        {
            await ChurnVisit.RunAsync(number, _address, patience.Token).ConfigureAwait(false);
            Interlocked.Increment(ref _opened);
        }
        catch (Exception e) when (e is RefusedException or SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            Interlocked.Increment(ref _refused);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or TimeoutException)
        {
            Interlocked.Increment(ref _failed);
        }
    }
}
