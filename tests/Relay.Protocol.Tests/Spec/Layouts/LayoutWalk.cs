namespace Relay.Protocol.Tests;

/// <summary>A record as its numbers, protocol-spec.md §8.2.</summary>
internal sealed record LayoutRecord(bool IsExtended, uint Age, uint X, uint Y, uint Z, uint Rotation);

/// <summary>
/// A field on the wire. Its value: <c>ulong</c>, for i16 <c>long</c>, for f32 <c>float</c>, for f64 <c>double</c>, for bytes and text
/// <c>byte[]</c>, for a record <see cref="LayoutRecord"/>.
/// </summary>
internal sealed record LayoutValue(string Name, string Kind, object Value);

/// <summary>The way through a layout, field by field. Where values come from and what happens to them is the heir's.</summary>
internal abstract class LayoutWalk
{
    private readonly List<LayoutValue> _values = [];
    private ulong _nextSlot;

    /// <summary>Every field passed so far, in the order of the wire.</summary>
    public IReadOnlyList<LayoutValue> Values => _values;

    public void Walk(IReadOnlyList<LayoutItem> items) => Walk(items, new Dictionary<string, object>(StringComparer.Ordinal), null);

    /// <summary>The next value; of a kind that its field names.</summary>
    protected abstract object Take(LayoutField field);

    /// <summary>How many items a list has.</summary>
    protected virtual ulong TakeCount(LayoutList list) => (ulong)Take(list.Count);

    /// <summary>Told whether a value is one that the table allows.</summary>
    protected virtual void Judge(bool isAllowed)
    {
        if (!isAllowed)
        {
            throw new FormatException("An undefined value.");
        }
    }

    private void Walk(IReadOnlyList<LayoutItem> items, Dictionary<string, object> scope, string? name)
    {
        foreach (LayoutItem item in items)
        {
            switch (item)
            {
                case LayoutField field:
                    // The first field of a part that has a name of its own goes by that name.
                    Pass(field, scope, name ?? field.Name);
                    name = null;
                    break;
                case LayoutWhen bracket:
                    Walk(bracket.Condition.Holds(scope) ? bracket.Then : bracket.Else, scope, null);
                    break;
                case LayoutPart { As: null } part:
                    Walk(part.Items, scope, null);
                    break;
                case LayoutPart part:
                    Walk(part.Items, new Dictionary<string, object>(StringComparer.Ordinal), part.As);
                    break;
                case LayoutList list:
                    WalkList(list);
                    break;
            }
        }
    }

    private void WalkList(LayoutList list)
    {
        ulong count = TakeCount(list);
        _values.Add(new LayoutValue(list.Count.Name, list.Count.Kind, count));
        Judge(list.Count.Allows(count));
        _nextSlot = 0;
        for (ulong i = 0; i < count; i++)
        {
            Walk(list.Each, new Dictionary<string, object>(StringComparer.Ordinal), null);
        }
    }

    private void Pass(LayoutField field, Dictionary<string, object> scope, string name)
    {
        object value = Take(field);
        _values.Add(new LayoutValue(name, field.Kind, value));
        Judge(field.Allows(value));
        scope[field.Key] = value;
        if (value is LayoutRecord record)
        {
            scope["extended"] = record.IsExtended ? 1UL : 0;
        }

        if (field.Kind == "slot")
        {
            // A delta: the slot minus the one before minus 1. §8.4.
            ulong slot = _nextSlot + (ulong)value;
            Judge(slot <= uint.MaxValue);
            _nextSlot = slot + 1;
        }
    }
}
