using System.Text;
using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>Which attribute: what it is of, and its key.</summary>
internal readonly record struct AttributeName(AttributeTarget Target, string Key)
{
    public static AttributeName Of(in StateEntry entry) => new(entry.Target, Encoding.UTF8.GetString(entry.KeyUtf8));
}

/// <summary>An attribute as a client was told of it, or as changes have made it.</summary>
internal sealed class AttributeState(AttributeName name, AttributeTerms terms, ulong version, uint author, byte[] value)
{
    public AttributeName Name => name;

    public AttributeTerms Terms => terms;

    public ulong Version => version;

    public uint Author => author;

    public byte[] Value => value;

    /// <summary>Whether everybody is told of it.</summary>
    public bool IsPublic => terms.Readers.Kind == AccessKind.Everyone;

    public static AttributeState Of(in StateEntry entry) =>
        new(AttributeName.Of(entry), entry.Terms, entry.Version, entry.Author, entry.Value.ToArray());

    /// <summary>Whether both are the same to the last byte.</summary>
    public bool Matches(AttributeState other) =>
        ReferenceEquals(this, other) ||
        (Name == other.Name && Terms == other.Terms && Version == other.Version && Author == other.Author &&
            Value.AsSpan().SequenceEqual(other.Value));

    public override string ToString() =>
        $"{Name.Target} \"{Name.Key}\" version {Version} by {Author}, {Terms}, {Value.Length} bytes {Convert.ToHexString(Value)}";
}
