using System.Globalization;
using System.Text;
using Relay.Client;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Host.Tests.Durability;

/// <summary>What one client has made in its room, by its own account. Everything of it is called after the client, so that clients do not
/// meet.</summary>
internal sealed class DurableWorld
{
    public Dictionary<string, long> Values { get; } = [];

    public Dictionary<string, SortedDictionary<string, long>> Maps { get; } = [];

    public Dictionary<string, Thing> Things { get; } = [];

    public DurableWorld Copy()
    {
        var copy = new DurableWorld();
        foreach ((string key, long value) in Values)
        {
            copy.Values.Add(key, value);
        }

        foreach ((string key, SortedDictionary<string, long> map) in Maps)
        {
            copy.Maps.Add(key, new SortedDictionary<string, long>(map, StringComparer.Ordinal));
        }

        foreach ((string name, Thing thing) in Things)
        {
            copy.Things.Add(name, thing with { Attributes = new SortedDictionary<string, long>(thing.Attributes, StringComparer.Ordinal) });
        }

        return copy;
    }

    /// <summary>Takes an object away, with what is under it.</summary>
    public void Remove(string name)
    {
        Things.Remove(name);
        foreach (string child in Things.Where(pair => pair.Value.Parent == name).Select(pair => pair.Key).ToArray())
        {
            Remove(child);
        }
    }

    /// <summary>The server has ended: what does not last is gone.</summary>
    public void Restarted()
    {
        foreach ((string name, Thing thing) in Things.ToArray())
        {
            if (!thing.Lasts)
            {
                Things.Remove(name);
            }
        }

        foreach (Thing thing in Things.Values)
        {
            thing.Parent = Things.ContainsKey(thing.Parent) ? thing.Parent : "";
        }
    }

    /// <summary>What must be there after the server has started again.</summary>
    public string Lasting()
    {
        var lines = new List<string>();
        lines.AddRange(Values.Select(pair => Line($"room {pair.Key} = {pair.Value}")));
        lines.AddRange(Maps.Select(pair => $"room {pair.Key} = {Text(pair.Value)}"));
        foreach ((string name, Thing thing) in Things.Where(pair => pair.Value.Lasts))
        {
            string parent = Things.TryGetValue(thing.Parent, out Thing? above) && above.Lasts ? thing.Parent : "";
            lines.Add($"object {name} {thing.Type} under '{parent}'");
            lines.AddRange(thing.Attributes.Select(pair => Line($"object {name} {pair.Key} = {pair.Value}")));
        }

        return Join(lines);
    }

    /// <summary>The same of what a client is told of a room.</summary>
    /// <param name="state">What it is told.</param>
    /// <param name="prefix">What all names begin with.</param>
    public static string Told(RoomState state, string prefix)
    {
        var lines = new List<string>();
        lines.AddRange(state.AttributesOf(AttributeTarget.OfRoom())
            .Where(attribute => attribute.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(attribute => $"room {attribute.Key} = {Text(attribute)}"));
        foreach (RoomObject told in state.Objects().Where(told => told.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string parent = told.Parent == 0 ? "" : state.TryGetObject(told.Parent, out RoomObject above) ? above.Name : "nothing that is there";
            lines.Add($"object {told.Name} {told.Type} under '{parent}'");
            lines.AddRange(state.AttributesOf(AttributeTarget.OfObject(told.Id))
                .Select(attribute => $"object {told.Name} {attribute.Key} = {Text(attribute)}"));
        }

        return Join(lines);
    }

    private static string Text(RoomAttribute attribute)
    {
        var reader = new MessagePackReader(attribute.Value.Span);
        if (reader.TryReadInt64(out long number) == MessagePackStatus.Ok)
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        var map = new SortedDictionary<string, long>(StringComparer.Ordinal);
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadMapHeader(out int count));
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(MessagePackStatus.Ok, reader.TryReadString(out ReadOnlySpan<byte> key));
            Assert.Equal(MessagePackStatus.Ok, reader.TryReadInt64(out long value));
            map.Add(Encoding.UTF8.GetString(key), value);
        }

        return Text(map);
    }

    private static string Text(SortedDictionary<string, long> map) => "{" + string.Join(',', map.Select(pair => Line($"{pair.Key}={pair.Value}"))) + "}";

    private static string Line(FormattableString line) => FormattableString.Invariant(line);

    private static string Join(List<string> lines)
    {
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    public sealed record Thing
    {
        public required string Type { get; set; }

        public string Parent { get; set; } = "";

        public bool Lasts { get; set; }

        public SortedDictionary<string, long> Attributes { get; init; } = new(StringComparer.Ordinal);
    }
}
