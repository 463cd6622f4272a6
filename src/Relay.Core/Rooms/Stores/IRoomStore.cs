namespace Relay.Core.Rooms.Stores;

/// <summary>
/// Where what is persistent in rooms outlasts them: objects and attributes that are marked so, and where people were last. Without one,
/// persistent things last as long as their room is open. Called off the shards, from many threads at once, but for one room's changes only
/// one after the other. A call that throws has changed nothing that anybody was told of: it is made again.
/// </summary>
/// <remarks>A room is known by its name; an instance of one that spilled over ("plaza~2") is a room of its own here.</remarks>
public interface IRoomStore
{
    /// <summary>Fetches a room. Called when somebody wants to enter it and it is not open.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="cancellationToken">The time is up.</param>
    /// <returns>What is stored of it; null for nothing.</returns>
    ValueTask<StoredRoom?> LoadAsync(string room, CancellationToken cancellationToken);

    /// <summary>Fetches what is stored of somebody in a room. Called each time that a user enters who is known.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="user">The user's id.</param>
    /// <param name="cancellationToken">The time is up.</param>
    ValueTask<StoredVisitor> FindVisitorAsync(string room, string user, CancellationToken cancellationToken);

    /// <summary>
    /// Stores changes of rooms, all of them or none: when it completes they outlast the process and the machine's power. All are absolute
    /// values, so that a batch of which nobody knows whether it was stored can be stored again.
    /// </summary>
    /// <param name="batch">At most one for each room, in no order.</param>
    /// <param name="cancellationToken">The server has no more time.</param>
    ValueTask SaveAsync(IReadOnlyList<RoomChanges> batch, CancellationToken cancellationToken);
}
