using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>What a new object is to be like. By default it stands at the root, has no name, type or place, and vanishes when its owner
/// leaves. protocol-spec.md §11.3.</summary>
public sealed class ObjectSpec
{
    /// <summary>The application's word for what it is: 0 to 64 bytes of UTF-8 without control characters; default empty.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its name, which nothing else in the room may have: 0 to 64 bytes of UTF-8 without control characters; default empty, for
    /// none.</summary>
    public string Name { get; init; } = "";

    /// <summary>The id of the object that it is to be under; default 0, the root.</summary>
    public uint Parent { get; init; }

    /// <summary>
    /// The name of the object that it is to be under, in place of <see cref="Parent"/>; default <c>null</c>. If nothing has that name yet,
    /// the new object waits for it at the root.
    /// </summary>
    public string? ParentName { get; init; }

    /// <summary>Whether it outlives its owner's stay and is stored if the room is; default no. Needs
    /// <see cref="RoomPermissions.Pin"/>.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether nobody may take it from its owner; default no.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Whether it has a slot, so that it can be moved; default no, and always if there is a <see cref="Place"/>. It cannot be
    /// changed later.</summary>
    public bool IsPlaced { get; init; }

    /// <summary>Where it is at once, in metres in the axes of the room that the client is in; default <c>null</c>: nowhere before it is
    /// moved.</summary>
    public Transform? Place { get; init; }

    /// <summary>Velocity and scale that go with <see cref="Place"/>; default nothing.</summary>
    public TransformExtension PlaceExtension { get; init; }

    /// <summary>The attributes that it is born with, at most 64 by default; default none.</summary>
    public IReadOnlyList<ObjectAttribute> Attributes { get; init; } = [];

    internal ObjectFlags Flags =>
        (IsPersistent ? ObjectFlags.Persistent : 0) | (IsFixed ? ObjectFlags.Fixed : 0) |
        (IsPlaced || Place is not null ? ObjectFlags.Placed : 0) | (ParentName is not null ? ObjectFlags.ParentByName : 0);
}

/// <summary>An attribute that a new object is born with. protocol-spec.md §11.2.</summary>
/// <param name="Key">The key: 1 to 64 bytes of UTF-8 without control characters.</param>
/// <param name="Value">The value.</param>
/// <param name="Terms">How it behaves, who sees it, who may write it; default <see cref="AttributeTerms.Default"/>.</param>
public readonly record struct ObjectAttribute(string Key, PackedValue Value, AttributeTerms? Terms = null);
