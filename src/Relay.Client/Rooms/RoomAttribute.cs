using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>An attribute as the server told it last. protocol-spec.md §11.2.</summary>
/// <param name="Target">What it is of.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">One MessagePack value; it never changes, since a new value is a new memory. To be read with
/// <see cref="Relay.Protocol.MessagePack.MessagePackReader"/>.</param>
/// <param name="Version">The room sequence of the change that made it so: what a write may expect.</param>
/// <param name="Author">The member that wrote it last; 0 for the server, or for a member of an earlier life of the room.</param>
/// <param name="Terms">How it behaves, who sees it, who may write it.</param>
public readonly record struct RoomAttribute(
    AttributeTarget Target, string Key, ReadOnlyMemory<byte> Value, ulong Version, uint Author, AttributeTerms Terms);
