using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>
/// Sessions whose connection broke: they keep their seat for a while, and may be taken up again over another connection. To a room such a
/// session is a receiver that is slow; when it comes back, its two numbers are set to what the client says it has seen, and the rest
/// follows as for everybody else. protocol-spec.md §5.8.
/// </summary>
internal sealed class Resumption
{
    private readonly Shard _shard;
    private readonly List<Connection> _connections;
    private readonly SharedCount _suspended;
    private readonly Dictionary<Guid, Connection> _away = [];

    public Resumption(Shard shard, List<Connection> connections, SharedCount suspended)
    {
        _shard = shard;
        _connections = connections;
        _suspended = suspended;
    }

    private long Now => _shard.Now;

    /// <summary>The connection of a session is gone: keeps the session, if that is to be.</summary>
    /// <returns>False: it is over.</returns>
    public bool TrySuspend(Connection connection)
    {
        if (_shard.Settings.ResumeWindowMicros == 0 || _shard.IsDraining || !_suspended.TryAdd(_shard.Settings.MaxSuspendedSessions))
        {
            return false;
        }

        connection.Suspend(Now);
        Add(connection);
        TryGrant(connection);
        return true;
    }

    /// <summary>Whether a session has been away for too long.</summary>
    public bool IsOverdue(Connection connection) => Now - connection.Past.AwaySince > _shard.Settings.ResumeWindowMicros;

    /// <summary>A session that is away is here now.</summary>
    public void Add(Connection connection)
    {
        _away[connection.Session] = connection;
        _shard.Stats.Suspended = _away.Count;
    }

    /// <summary>A session that was away is so no more, or not here.</summary>
    public void Remove(Connection connection)
    {
        _away.Remove(connection.Session);
        _shard.Stats.Suspended = _away.Count;
    }

    /// <summary>A session that was away is over.</summary>
    public void End(Connection connection)
    {
        _suspended.Remove();
        RefuseReturn(connection);
    }

    /// <summary>Whoever wants to take a session up again does not get it.</summary>
    public static void RefuseReturn(Connection connection)
    {
        if (connection.Returning is { } request)
        {
            connection.Past.Returning = null;
            request.Refuse();
        }
    }

    /// <summary>Finds the session that a token is for.</summary>
    /// <returns>Null when it is not here, the token is wrong, or another user has come in with it: who has guessed a session's id or found
    /// its token learns nothing and disturbs nobody.</returns>
    public Connection? Find(ResumeRequest request)
    {
        if (!_away.TryGetValue(request.Session, out Connection? connection))
        {
            // Its connection may be dead without our knowing it yet.
            connection = _connections.Find(candidate => candidate.Session == request.Session);
        }

        return connection is not null && connection.Who.UserId == request.UserId &&
            (connection.Secret.Matches(request.Secret) || (connection.Past.FormerSecret is { } former && former.Matches(request.Secret)))
            ? connection
            : null;
    }

    /// <summary>Takes a session up again, or prepares it: its old connection must have ended and what it had sent been handled
    /// first.</summary>
    public void Begin(Connection connection, ResumeRequest request)
    {
        if (connection.IsOver || _shard.IsDraining)
        {
            request.Refuse();
            return;
        }

        RefuseReturn(connection);
        connection.Past.Returning = request;
        if (!connection.IsAway)
        {
            _shard.CutOff(connection, new CloseReason(
                CloseCode.Timeout, "The session goes on over a newer connection.", CloseCode.TakenUpAgain));
        }

        TryGrant(connection);
    }

    /// <summary>Gives a session its new connection, if there is one and nothing is under way any more.</summary>
    public void TryGrant(Connection connection)
    {
        if (connection.Returning is not { } request || !connection.IsAway || connection.IsMoving || !connection.Commands.IsEmpty)
        {
            return;
        }

        SessionPast past = connection.Past;
        past.Returning = null;
        Remove(connection);
        _suspended.Remove();
        _shard.Stats.Resumed++;

        past.FormerSecret = request.Secret;
        connection.Secret = SessionSecret.NewRandom();
        connection.Resume(request.Outlet, Now);
        request.WriteWelcome(connection);

        // In the order of the messages: to have seen an answer that comes after Joined is to have seen Joined.
        ulong seen = request.Point.LastAnswer;
        ulong joined = connection.Member?.JoinSequence ?? ulong.MaxValue;
        past.Answers.Between(seen, joined, frame => _shard.Replies.Repeat(connection, frame));
        SetBack(connection, request.Point);
        past.Answers.Between(Math.Max(seen, joined), ulong.MaxValue, frame => _shard.Replies.Repeat(connection, frame));
        request.Grant(connection);
    }

    /// <summary>Sets a receiver to where the client is: what was sent to the old connection and lost is sent again.</summary>
    private void SetBack(Connection connection, ResumePoint point)
    {
        if (connection.Member is not { } member)
        {
            if (point.Epoch != 0)
            {
                _shard.Replies.Left(connection, sequence: 0, connection.Past.TakenOut);
                connection.Past.TakenOut = CloseCode.Normal;
            }

            return;
        }

        bool knowsItsSeat = point.Epoch == member.Room.Epoch && point.LastAnswer >= member.JoinSequence;
        if (!knowsItsSeat)
        {
            _shard.Replies.Joined(connection, member, member.JoinSequence);
        }

        member.Room.SetBack(member.Receiver, knowsItsSeat ? point.Sequence : 0, knowsItsSeat ? point.Cursor : 0);
    }
}
