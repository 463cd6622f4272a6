using System.Net.Sockets;
using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.Server;

namespace Relay.Load.Neighbours;

/// <summary>
/// What goes on beside a workload, to see whether its members feel it: connections that come and go, members that do not read.
/// </summary>
internal sealed class NeighbourLoad(Target target, LoadOptions options) : IDisposable
{
    /// <summary>How often a stalled member shows life: below the heartbeat that a server may ask for, so that it is closed for what it
    /// is, a slow reader.</summary>
    private static readonly TimeSpan LifeSign = TimeSpan.FromSeconds(4);

    /// <summary>How long what was left behind may take to go.</summary>
    private const long SettleNanos = 5_000_000_000;

    private StalledMember[] _stalled = [];
    private ITimer? _lifeSigns;
    private Churn? _churn;

    /// <summary>Members of the workload's first room that are not walkers.</summary>
    public IReadOnlyList<StalledMember> Stalled => _stalled;

    /// <summary>Lets the members join that will not read, and waits until none does.</summary>
    /// <exception cref="LoadException">One could not connect or join.</exception>
    public async Task JoinAsync(string room, CancellationToken cancellationToken)
    {
        _stalled = [.. Enumerable.Range(0, options.Stalled).Select(_ => new StalledMember(room))];
        foreach (StalledMember member in _stalled)
        {
            try
            {
                await member.JoinAsync(target.Address, options.Transport, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or TimeoutException or SocketException)
            {
                throw new LoadException($"a member that was to stall could not join: {e.Message}");
            }
        }

        if (_stalled.Length > 0)
        {
            _lifeSigns = TimeProvider.System.CreateTimer(_ => ShowLife(), state: null, LifeSign, LifeSign);
        }
    }

    /// <summary>Lets connections come and go from now on.</summary>
    public void Begin()
    {
        if (options.Churn > 0)
        {
            _churn = new Churn(target.Address, options.Churn);
        }
    }

    /// <summary>The measurement is over: nobody comes any more, and stalled members read what has been waiting for them.</summary>
    /// <returns>The figures with those of the neighbours.</returns>
    public async Task<Figures> EndAsync(Figures figures, CancellationToken cancellationToken)
    {
        if (_churn is not null)
        {
            figures = figures with { ChurnOpenAtEnd = _churn.Open };
        }

        if (_stalled.Length > 0)
        {
            figures = await ReadBacklogAsync(figures, cancellationToken).ConfigureAwait(false);
        }

        if (_churn is not null)
        {
            await _churn.StopAsync().ConfigureAwait(false);
            figures = figures with { ChurnOpened = _churn.Opened, ChurnRefused = _churn.Refused, ChurnFailed = _churn.Failed };
        }

        return figures;
    }

    /// <summary>Connections that the server still counts beside those that are meant to be open; <c>null</c> if there was no churn, or if
    /// it does not tell.</summary>
    /// <param name="walkers">Connections of the workload.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<double?> LeftInServerAsync(int walkers, CancellationToken cancellationToken)
    {
        if (_churn is null)
        {
            return null;
        }

        int meant = walkers + _stalled.Count(member => member.Fault is null);
        for (long deadline = Clock.NowNanos + SettleNanos; ;)
        {
            DiagnosticsReading? now = await target.Diagnostics.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (now is null || now.Connections <= meant || Clock.NowNanos > deadline)
            {
                return now is null ? null : now.Connections - meant;
            }

            await Clock.UntilAsync(Clock.NowNanos + 100_000_000, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _lifeSigns?.Dispose();
        _churn?.Dispose();
        Array.ForEach(_stalled, member => member.Dispose());
    }

    private void ShowLife() => Array.ForEach(_stalled, member => member.ShowLife());

    private async Task<Figures> ReadBacklogAsync(Figures figures, CancellationToken cancellationToken)
    {
        DiagnosticsReading? now = await target.Diagnostics.ReadAsync(cancellationToken).ConfigureAwait(false);
        Array.ForEach(_stalled, member => member.Resume());
        Task caughtUp = Task.WhenAll(_stalled.Select(member => member.CaughtUp));
        await Task.WhenAny(caughtUp, Clock.UntilAsync(Clock.NowNanos + SettleNanos, cancellationToken)).ConfigureAwait(false);
        StalledFigures[] found = [.. _stalled.Select(member => member.Result())];
        return figures with
        {
            Stalled = found,
            StalledHeldBytes = now?.HeldBytes,
            StalledWaitingBytes = found.Max(member => member.WaitingBytes),
            StalledOldestMillis = found.Max(member => member.OldestMillis),
            StalledNewestMillis = found.Max(member => member.NewestMillis),
            StalledClosed = found.Count(member => member.Closed),
        };
    }
}
