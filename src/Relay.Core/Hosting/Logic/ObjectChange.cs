using Relay.Protocol.Messages;

namespace Relay.Core.Hosting;

/// <summary>What is to be otherwise with an object: for <see cref="RoomContext.UpdateObjectAsync"/>. What is null stays as it is.</summary>
public sealed class ObjectChange
{
    /// <summary>The id of the object under which it is to stand; 0 for the root.</summary>
    public uint? Parent { get; init; }

    /// <summary>The application's word for what it is: 0 to 64 bytes of UTF-8 without control characters.</summary>
    public string? Type { get; init; }

    /// <summary>Its name, unique in the room: 0 to 64 bytes of UTF-8 without control characters; empty for none.</summary>
    public string? Name { get; init; }

    /// <summary><see cref="ObjectFlags.Persistent"/> and <see cref="ObjectFlags.Fixed"/>, both as they are to be.</summary>
    public ObjectFlags? Flags { get; init; }

    internal ObjectFields Fields =>
        (Parent is null ? 0 : ObjectFields.Parent) | (Type is null ? 0 : ObjectFields.Type) |
        (Name is null ? 0 : ObjectFields.Name) | (Flags is null ? 0 : ObjectFields.Flags);
}
