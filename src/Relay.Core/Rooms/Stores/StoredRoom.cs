using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms.Stores;

/// <summary>What an <see cref="IRoomStore"/> holds of a room.</summary>
public sealed class StoredRoom
{
    /// <summary>The highest id that an object ever had: new ones get higher ones, so that an id never comes to mean another
    /// object.</summary>
    public uint LastObject { get; init; }

    /// <summary>Its objects, parents before their children.</summary>
    public IReadOnlyList<StoredObject> Objects { get; init; } = [];

    /// <summary>Attributes of the room and of its objects, but not those of people (<see cref="StoredVisitor"/>).</summary>
    public IReadOnlyList<StoredValue> Attributes { get; init; } = [];
}

/// <summary>An object as it is stored: an owner and a lock are of the moment and are not.</summary>
public sealed record StoredObject
{
    /// <summary>Its id, which it keeps.</summary>
    public required uint Id { get; init; }

    /// <summary>The object under which it stands; 0 for the root, also when the parent is not stored.</summary>
    public uint Parent { get; init; }

    /// <summary>The name of the parent that it waits for at the root; empty for none.</summary>
    public string AwaitedParent { get; init; } = "";

    /// <summary>Persistent, placed, fixed.</summary>
    public ObjectFlags Flags { get; init; }

    /// <summary>The application's word for what it is.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its name, unique in the room; empty for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The user that made it; empty for one whom nobody knew, and for the server.</summary>
    public string Creator { get; init; } = "";

    /// <summary>Whether the server made it.</summary>
    public bool IsServers { get; init; }

    /// <summary>Where it is; null for nowhere yet.</summary>
    public StoredPlace? Place { get; init; }
}

/// <summary>A place in a room.</summary>
/// <param name="Transform">Metres and a unit quaternion.</param>
/// <param name="Scale">Uniform scale; null for none told.</param>
public sealed record StoredPlace(Transform Transform, float? Scale = null);

/// <summary>What an attribute is called: what it is of, and its key.</summary>
/// <param name="Object">The object; 0 if it is of the room, or of somebody without regard to an object.</param>
/// <param name="User">The user's id; empty if it is of no person.</param>
/// <param name="Key">1 to 64 bytes of UTF-8.</param>
public readonly record struct AttributeName(uint Object, string User, string Key);

/// <summary>An attribute as it is stored.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Terms">Who sees and who writes it. Never one member: members' ids do not outlast the room.</param>
/// <param name="Value">One MessagePack value.</param>
public sealed record StoredValue(AttributeName Name, AttributeTerms Terms, ReadOnlyMemory<byte> Value);

/// <summary>What an <see cref="IRoomStore"/> holds of somebody in a room.</summary>
public sealed class StoredVisitor
{
    /// <summary>One of whom nothing is stored.</summary>
    public static StoredVisitor Unknown { get; } = new();

    /// <summary>One of whom the store could not be asked.</summary>
    internal static StoredVisitor NotFetched { get; } = new();

    /// <summary>Where they were when they left; null if they never moved.</summary>
    public StoredPlace? Place { get; init; }

    /// <summary>Their attributes, also those with regard to objects.</summary>
    public IReadOnlyList<StoredValue> Attributes { get; init; } = [];
}
