using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>
/// What time does to a shard's connections: pings, time-outs, the end of a drain. All of them are looked over four times a second, so a
/// limit is kept to within a quarter of a second.
/// </summary>
internal sealed class Upkeep
{
    private readonly Shard _shard;
    private readonly List<Connection> _connections;
    private DrainPlan? _drain;
    private Action<long>? _drained;
    private long _closedByDrain;

    public Upkeep(Shard shard, List<Connection> connections)
    {
        _shard = shard;
        _connections = connections;
    }

    public bool IsDraining => _drain is not null;

    private long Now => _shard.Now;

    private ShardSettings Settings => _shard.Settings;

    /// <summary>Tells everybody that the server goes away, and from the deadline on closes whoever is still there.</summary>
    /// <param name="plan">What to say and when to end.</param>
    /// <param name="drained">Called once, when no connection is left, with how many had to be closed.</param>
    public void Drain(DrainPlan plan, Action<long> drained)
    {
        _drain = plan;
        _drained = drained;
        for (int i = _connections.Count - 1; i >= 0; i--)
        {
            if (_connections[i].IsAway)
            {
                // There is nothing left to come back to.
                _shard.EndAway(_connections[i]);
            }
            else
            {
                _shard.Replies.GoAway(_connections[i], plan);
            }
        }

        _shard.SweepSoon();
    }

    /// <summary>A connection has come to this shard.</summary>
    public void Arrived(Connection connection)
    {
        if (_drain is not null)
        {
            _shard.Replies.GoAway(connection, _drain);
        }
    }

    /// <summary>Looks over every connection.</summary>
    public void Sweep()
    {
        bool late = _drain is { } plan && Now >= plan.DeadlineMicros;
        for (int i = _connections.Count - 1; i >= 0; i--)
        {
            Connection connection = _connections[i];
            if (late && connection.Closing is null)
            {
                _closedByDrain++;
                _shard.Close(connection, new CloseReason(_drain!.Reason, "The server has gone away."));
            }

            Check(connection);
        }

        if (_connections.Count == 0 && _drained is { } drained)
        {
            _drained = null;
            drained(_closedByDrain);
        }
    }

    private void Check(Connection connection)
    {
        if (connection.IsAway)
        {
            if (_shard.Resumption.IsOverdue(connection))
            {
                _shard.EndAway(connection);
            }

            return;
        }

        if (connection.Closing is { } closing)
        {
            if (Now - connection.ClosingSince > Settings.CloseGraceMicros)
            {
                connection.Outlet.Abort(closing);
            }

            return;
        }

        long silent = Now - connection.LastInbound;
        if (silent > Settings.IdleTimeoutMicros)
        {
            _shard.Close(connection, Overtime(
                CloseCode.HeartbeatTimeout, "Nothing arrived for too long (milliseconds).", Settings.IdleTimeoutMicros, silent));
            return;
        }

        if (connection.PartialSince is > 0 and long since && Now - since > Settings.FrameDeadlineMicros)
        {
            _shard.Close(connection, Overtime(
                CloseCode.FrameDeadline, "A frame was begun and not finished in time (milliseconds).", Settings.FrameDeadlineMicros,
                Now - since));
            return;
        }

        if (connection.Expires is > 0 and long expires && Now >= expires && !TellExpiry(connection, Now - expires))
        {
            return;
        }

        if (connection.Outlet.IsReady)
        {
            connection.BlockedSince = 0;
        }
        else if (connection.BlockedSince == 0)
        {
            connection.BlockedSince = Now;
        }
        else if (Now - connection.BlockedSince > Settings.SlowReceiverMicros)
        {
            _shard.Close(connection, Overtime(
                CloseCode.SlowReceiver, "What was sent was not read in time (milliseconds).", Settings.SlowReceiverMicros,
                Now - connection.BlockedSince));
            return;
        }

        if (silent > Settings.HeartbeatMicros && Now - connection.LastPing > Settings.HeartbeatMicros)
        {
            connection.LastPing = Now;
            _shard.Replies.Ping(connection);
        }
    }

    /// <summary>What a connection was let in by has expired: tells it, and when it has had its time closes it.</summary>
    /// <returns>False when it is being closed.</returns>
    private bool TellExpiry(Connection connection, long since)
    {
        if (!connection.IsToldOfExpiry)
        {
            connection.IsToldOfExpiry = true;
            _shard.Replies.Expiring(connection);
        }

        if (since <= Settings.CredentialsGraceMicros)
        {
            return true;
        }

        _shard.Close(connection, new CloseReason(
            CloseCode.Unauthorized, "What the connection was let in by has expired (milliseconds).", CloseCode.CredentialsExpired,
            Settings.CredentialsGraceMicros / 1000, since / 1000));
        return false;
    }

    private static CloseReason Overtime(CloseCode cause, string text, long limitMicros, long micros) =>
        new(CloseCode.Timeout, text, cause, limitMicros / 1000, micros / 1000);
}
