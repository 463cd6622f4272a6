namespace Relay.Core.Rooms.Stores;

/// <summary>What has changed in a room since it was last stored.</summary>
public sealed class RoomChanges
{
    /// <summary>The room's name.</summary>
    public required string Room { get; init; }

    /// <summary>The highest id that an object ever had. What is stored never goes down.</summary>
    public uint LastObject { get; init; }

    /// <summary>Objects that are gone; every attribute of theirs goes too. Done before all else.</summary>
    public IReadOnlyList<uint> RemovedObjects { get; init; } = [];

    /// <summary>Attributes that are gone; some may never have been stored.</summary>
    public IReadOnlyList<AttributeName> RemovedAttributes { get; init; } = [];

    /// <summary>Objects that are new or have changed: all of each.</summary>
    public IReadOnlyList<StoredObject> Objects { get; init; } = [];

    /// <summary>Attributes that are new or have changed: all of each.</summary>
    public IReadOnlyList<StoredValue> Attributes { get; init; } = [];

    /// <summary>Where users were, by user id.</summary>
    public IReadOnlyList<KeyValuePair<string, StoredPlace>> Places { get; init; } = [];
}
