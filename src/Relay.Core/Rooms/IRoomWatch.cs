using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>Is told by shards of what happens in their rooms. On the shard's thread: it takes what it needs and returns at once.</summary>
internal interface IRoomWatch
{
    /// <summary>A room was opened.</summary>
    void Opened(Room room);

    /// <summary>A room was closed, since nobody needs it.</summary>
    void Closed(Room room);

    /// <summary>Somebody has come in.</summary>
    void Joined(Member member);

    /// <summary>Somebody is gone; the connection still says who it was.</summary>
    void Left(Member member, CloseCode reason);
}
