using Relay.Client.Transport;
using Relay.Protocol;

namespace Relay.Client;

/// <summary>
/// Sends a Ping at an interval, which measures the clock, keeps the connection alive and, when answers stay away, shows that it is dead.
/// protocol-spec.md §5.6.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    /// <summary>The first exchanges come quickly, so that the clock is good within a second.</summary>
    private const int QuickPings = 4;

    private static readonly TimeSpan QuickInterval = TimeSpan.FromMilliseconds(200);

    private readonly Outbox _outbox;
    private readonly LocalClock _clock;
    private readonly Action<CloseInfo> _end;
    private readonly TimeSpan _interval;
    private readonly long _idleMicros;
    private readonly ITimer _timer;
    private long _lastReceivedMicros;
    private int _sent;

    public Heartbeat(Outbox outbox, LocalClock clock, RelayClientOptions options, SessionInfo session, Action<CloseInfo> end)
    {
        _outbox = outbox;
        _clock = clock;
        _end = end;
        _idleMicros = (long)session.IdleTimeout.TotalMilliseconds * 1000;
        // Three quarters of the heartbeat: a late timer must not be taken for a dead client.
        double most = session.Heartbeat > TimeSpan.Zero ? session.Heartbeat.TotalMilliseconds * 0.75 : double.MaxValue;
        _interval = TimeSpan.FromMilliseconds(Math.Max(50, Math.Min(options.ClockSyncInterval.TotalMilliseconds, most)));
        _lastReceivedMicros = clock.NowMicros;
        TimeSpan first = _interval < QuickInterval ? _interval : QuickInterval;
        _timer = options.TimeProvider.CreateTimer(static state => ((Heartbeat)state!).Beat(), this, TimeSpan.Zero, first);
    }

    public void Received() => Volatile.Write(ref _lastReceivedMicros, _clock.NowMicros);

    public void Dispose() => _timer.Dispose();

    private void Beat()
    {
        long silence = _clock.NowMicros - Volatile.Read(ref _lastReceivedMicros);
        if (_idleMicros > 0 && silence > _idleMicros)
        {
            _end(CloseInfo.Local(
                CloseCode.Timeout, "Nothing arrived from the server in time.",
                cause: CloseCode.HeartbeatTimeout, limit: _idleMicros / 1000.0, value: silence / 1000.0));
            return;
        }

        _outbox.TryAddPing();
        if (++_sent == QuickPings)
        {
            _timer.Change(_interval, _interval);
        }
    }
}
