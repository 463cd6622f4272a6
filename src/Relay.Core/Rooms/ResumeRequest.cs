namespace Relay.Core.Rooms;

/// <summary>
/// A client on a new connection shows a resume token. The request goes from shard to shard until one of them knows the session; nobody
/// keeps a directory, since most sessions never come back.
/// </summary>
internal sealed class ResumeRequest : ShardMessage
{
    private readonly IReadOnlyList<Shard> _shards;
    private readonly TaskCompletionSource<Connection?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;

    public ResumeRequest(IReadOnlyList<Shard> shards) => _shards = shards;

    /// <summary>Which session.</summary>
    public required Guid Session { get; init; }

    /// <summary>What proves it.</summary>
    public required SessionSecret Secret { get; init; }

    /// <summary>Who has come in now; null for one whom nobody knows.</summary>
    public required string? UserId { get; init; }

    /// <summary>Where the client has got to, as it says.</summary>
    public required ResumePoint Point { get; init; }

    /// <summary>The new connection's way out.</summary>
    public required Outlet Outlet { get; init; }

    /// <summary>Writes the Welcome into the session's replies. Called by the shard.</summary>
    public required Action<Connection> WriteWelcome { get; init; }

    /// <summary>The session that goes on over the new connection, or null: there is none, or it may not.</summary>
    public Task<Connection?> Answer => _answer.Task;

    /// <summary>Asks the first shard.</summary>
    public void Begin() => _shards[0].Lane.Push(this);

    public override void Handle(Shard shard)
    {
        if (shard.Resumption.Find(this) is { } connection)
        {
            shard.Resumption.Begin(connection, this);
        }
        else if (++_asked < 2 * _shards.Count)
        {
            // Twice round: a session may just be on its way from a shard that is asked later to one that was asked before.
            _shards[_asked % _shards.Count].Lane.Push(this);
        }
        else
        {
            Refuse();
        }
    }

    public void Grant(Connection connection) => _answer.TrySetResult(connection);

    public void Refuse() => _answer.TrySetResult(null);
}

/// <summary>Where a client says that it has got to. protocol-spec.md §5.1.</summary>
/// <param name="Epoch">The epoch of the room that it was in; 0 for none.</param>
/// <param name="Sequence">The last reliable room message that it has received.</param>
/// <param name="Cursor">The version of the last batch that it has decoded.</param>
/// <param name="LastAnswer">The last of its own numbered messages that it has seen answered.</param>
internal readonly record struct ResumePoint(ulong Epoch, ulong Sequence, ulong Cursor, ulong LastAnswer);
