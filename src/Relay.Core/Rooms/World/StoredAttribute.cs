using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>One attribute. Its value's memory is used again when a new value fits, so that what changes all the time allocates
/// nothing.</summary>
internal sealed class StoredAttribute
{
    private byte[] _value = [];
    private int _length;

    public StoredAttribute(AttributeTarget target, byte[] key)
    {
        Target = target;
        Key = key;
    }

    public AttributeTarget Target { get; }

    public byte[] Key { get; }

    public AttributeTerms Terms { get; set; }

    /// <summary>The room sequence of the change that made it so.</summary>
    public ulong Version { get; set; }

    /// <summary>The member that wrote it last; 0 for the server.</summary>
    public uint Author { get; set; }

    public ReadOnlySpan<byte> Value => _value.AsSpan(0, _length);

    public bool IsPersistent => (Terms.Flags & AttributeFlags.Persistent) != 0;

    public bool IsPublic => Terms.Readers.Kind == AccessKind.Everyone;

    public StateEntry Entry => new()
    {
        Kind = StateKind.Attribute,
        Target = Target,
        KeyUtf8 = Key,
        Terms = Terms,
        Version = Version,
        Author = Author,
        Value = Value,
    };

    public int EntrySize => StateEntry.MaxAttributeOverhead - (2 * byte.MaxValue) + Key.Length + _length;

    public void SetValue(ReadOnlySpan<byte> value)
    {
        if (value.Length > _value.Length || _value.Length > 4 * value.Length + 64)
        {
            _value = value.ToArray();
        }
        else
        {
            value.CopyTo(_value);
        }

        _length = value.Length;
    }
}
