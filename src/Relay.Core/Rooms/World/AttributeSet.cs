namespace Relay.Core.Rooms.World;

/// <summary>The attributes of one room, object or member, by key. There are few of them: a scan is the fastest look-up.</summary>
internal sealed class AttributeSet
{
    private readonly List<StoredAttribute> _attributes = [];

    public int Count => _attributes.Count;

    public List<StoredAttribute>.Enumerator GetEnumerator() => _attributes.GetEnumerator();

    public StoredAttribute? Find(ReadOnlySpan<byte> key)
    {
        foreach (StoredAttribute attribute in _attributes)
        {
            if (key.SequenceEqual(attribute.Key))
            {
                return attribute;
            }
        }

        return null;
    }

    public void Add(StoredAttribute attribute) => _attributes.Add(attribute);

    public void Remove(StoredAttribute attribute) => _attributes.Remove(attribute);
}
