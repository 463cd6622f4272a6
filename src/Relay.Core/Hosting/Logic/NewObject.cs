using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>An object that is to be: for <see cref="RoomContext.CreateObjectAsync"/>, or in a <see cref="StateRequest"/>.</summary>
public sealed class NewObject
{
    /// <summary>The application's word for what it is: 0 to 64 bytes of UTF-8 without control characters. Default empty.</summary>
    public string Type { get; init; } = "";

    /// <summary>Its name, unique in the room: 0 to 64 bytes of UTF-8 without control characters. Default empty, for none.</summary>
    public string Name { get; init; } = "";

    /// <summary>
    /// <see cref="ObjectFlags.Persistent"/>, <see cref="ObjectFlags.Placed"/>, <see cref="ObjectFlags.Fixed"/>. Default none. What the
    /// server makes has no owner, so it stays until the room ends or somebody removes it; made fixed it is the server's alone: nobody
    /// takes, locks or moves it.
    /// </summary>
    public ObjectFlags Flags { get; init; }

    /// <summary>The id of the object under which it stands. Default 0: the root.</summary>
    public uint Parent { get; init; }

    /// <summary>The name of the object under which it is to stand, in the place of <see cref="Parent"/>; if there is none yet, the object
    /// waits for it. Default null.</summary>
    public string? ParentName { get; init; }

    /// <summary>Where it is, in metres; it becomes <see cref="ObjectFlags.Placed"/>. Default null: nowhere yet.</summary>
    public Transform? Place { get; init; }

    /// <summary>What else is told of its place. Default nothing.</summary>
    public TransformExtension Extension { get; init; }

    /// <summary>The attributes that it is born with. Default none.</summary>
    public IReadOnlyList<NewAttribute> Attributes { get; init; } = [];
}

/// <summary>An attribute that a new object is born with.</summary>
/// <param name="Key">1 to 64 bytes of UTF-8 without control characters.</param>
/// <param name="Value">One MessagePack value.</param>
/// <param name="Terms">Who sees and who writes it; null for: everyone sees it, the object's owner writes it.</param>
public sealed record NewAttribute(string Key, ReadOnlyMemory<byte> Value, AttributeTerms? Terms = null);
