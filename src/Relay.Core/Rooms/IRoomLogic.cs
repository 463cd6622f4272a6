using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>
/// An embedder's say in a room, as the shard knows it: told of what happens, asked before a message is applied, called at its ticks. All of
/// these come on the shard's thread and return at once; what takes time happens elsewhere and comes back as a <see cref="ShardMessage"/>.
/// </summary>
internal interface IRoomLogic
{
    /// <summary>When <see cref="Tick"/> is wanted, in microseconds; <see cref="long.MaxValue"/> for never.</summary>
    long NextTick { get; }

    /// <summary>Whether messages of a kind are to be decided on: SendEvent or State.</summary>
    bool Decides(CommandKind kind);

    /// <summary>A member has come in.</summary>
    void Joined(Member member);

    /// <summary>A member is leaving; once for each that came in.</summary>
    void Leaving(Member member, CloseCode reason);

    /// <summary>A member's message waits to be decided on; sooner or later <see cref="Decision.Complete"/> is called.</summary>
    void Decide(Member member, Decision decision);

    /// <summary><see cref="NextTick"/> has come; it names another afterwards.</summary>
    void Tick(long now);

    /// <summary>The room has ended: nothing more comes.</summary>
    void Ended();
}

/// <summary>Makes the logic of a room that is being opened.</summary>
internal delegate IRoomLogic OpenLogic(Shard shard, Room room);
