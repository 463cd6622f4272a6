using System.Globalization;
using System.Text;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms;

/// <summary>
/// The state of a room as a client knows it, put together from State frames alone, by the rules of protocol-spec.md §11 and nothing
/// else. It asserts what the document promises on the way.
/// </summary>
internal sealed class RoomMirror
{
    public Dictionary<uint, ObjectFacts> Objects { get; } = [];

    public Dictionary<(AttributeTarget Target, string Key), AttributeFacts> Attributes { get; } = [];

    /// <summary>Whether a snapshot has begun and not ended.</summary>
    public bool IsPartial { get; private set; }

    /// <summary>A snapshot begins: everything is forgotten.</summary>
    public void Forget(bool stateFollows)
    {
        Objects.Clear();
        Attributes.Clear();
        IsPartial = stateFollows;
    }

    public void BeginPart(PresenceFlags flags)
    {
        if ((flags & PresenceFlags.Snapshot) != 0)
        {
            Assert.True(IsPartial, "A part of a snapshot that has not begun.");
            IsPartial = (flags & PresenceFlags.Last) == 0;
        }
        else
        {
            Assert.False(IsPartial, "A change in the middle of a snapshot.");
        }
    }

    /// <summary>Takes one entry in.</summary>
    /// <param name="entry">What is told.</param>
    /// <param name="sequence">The message's number; for a snapshot the last that it includes.</param>
    public void Apply(in StateEntry entry, ulong sequence)
    {
        switch (entry.Kind)
        {
            case StateKind.Object:
                Assert.True(entry.Parent == 0 || Objects.ContainsKey(entry.Parent), "A child before its parent.");
                Objects[entry.Object] = new ObjectFacts(
                    entry.Parent,
                    entry.Owner,
                    entry.Creator,
                    entry.LockHolder,
                    entry.ObjectFlags,
                    entry.Slot,
                    entry.Generation,
                    Encoding.UTF8.GetString(entry.TypeUtf8),
                    Encoding.UTF8.GetString(entry.NameUtf8),
                    Encoding.UTF8.GetString(entry.AwaitedParentUtf8));
                break;
            case StateKind.ObjectRemoved:
                Assert.True(Objects.ContainsKey(entry.Object), "Told of the end of an object that was not there.");
                Remove(entry.Object);
                break;
            case StateKind.Attribute:
                CheckTarget(entry.Target);
                Assert.True(entry.Version <= sequence, "A version from the future.");
                Attributes[(entry.Target, KeyOf(entry))] = new AttributeFacts(
                    entry.Version, entry.Author, entry.Terms, Convert.ToHexString(entry.Value));
                break;
            case StateKind.AttributeMerged:
                Merge(entry, sequence);
                break;
            default:
                Assert.True(Attributes.Remove((entry.Target, KeyOf(entry))), "Told of the end of an attribute that was not there.");
                break;
        }
    }

    /// <summary>A member has gone, and its attributes with it.</summary>
    public void MemberLeft(uint member)
    {
        foreach ((AttributeTarget Target, string Key) place in Attributes.Keys.Where(place => place.Target.Member == member).ToArray())
        {
            Attributes.Remove(place);
        }
    }

    /// <summary>Everything in a fixed order, for comparing.</summary>
    public string Dump()
    {
        var lines = new List<string>();
        lines.AddRange(Objects.Select(pair => string.Create(CultureInfo.InvariantCulture, $"object {pair.Key:D6} {pair.Value}")));
        lines.AddRange(Attributes.Select(pair => $"attribute {pair.Key.Target} {pair.Key.Key} {pair.Value}"));
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    private static string KeyOf(in StateEntry entry) => Encoding.UTF8.GetString(entry.KeyUtf8);

    private void CheckTarget(AttributeTarget target) =>
        Assert.True(target.Object == 0 || Objects.ContainsKey(target.Object), "An attribute of an object that is not there.");

    private void Merge(in StateEntry entry, ulong sequence)
    {
        (AttributeTarget, string) place = (entry.Target, KeyOf(entry));
        Assert.True(Attributes.TryGetValue(place, out AttributeFacts? known), "A merge into an attribute that was not told.");
        Assert.Equal(sequence, entry.Version);
        byte[] map = Convert.FromHexString(known.Value);
        byte[] merged = new byte[MessagePackSubKey.MaxSize(map.Length, entry.Path.Length, entry.Value.Length)];
        MessagePackStatus status = entry.Value.IsEmpty
            ? MessagePackSubKey.TryRemove(map, entry.Path, merged, out int written)
            : MessagePackSubKey.TrySet(map, entry.Path, entry.Value, merged, out written);
        Assert.Equal(MessagePackStatus.Ok, status);
        Attributes[place] = known with { Version = entry.Version, Author = entry.Author, Value = Convert.ToHexString(merged.AsSpan(0, written)) };
    }

    private void Remove(uint id)
    {
        foreach (uint child in Objects.Where(pair => pair.Value.Parent == id).Select(pair => pair.Key).ToArray())
        {
            Remove(child);
        }

        Objects.Remove(id);
        foreach ((AttributeTarget Target, string Key) place in Attributes.Keys.Where(place => place.Target.Object == id).ToArray())
        {
            Attributes.Remove(place);
        }
    }

    internal sealed record ObjectFacts(
        uint Parent,
        uint Owner,
        uint Creator,
        uint LockHolder,
        ObjectFlags Flags,
        uint Slot,
        byte Generation,
        string Type,
        string Name,
        string AwaitedParent);

    internal sealed record AttributeFacts(ulong Version, uint Author, AttributeTerms Terms, string Value);
}
