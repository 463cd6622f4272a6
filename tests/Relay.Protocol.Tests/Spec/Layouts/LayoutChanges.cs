using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Relay.Protocol.Tests;

/// <summary>
/// protocol-layouts.json with one thing changed in the layout of a frame: a field less, two exchanged, another kind, name, rule, bound or
/// condition. Left alone is what changes nothing: the order of brackets that exclude each other, and names that no message shows.
/// </summary>
internal static partial class LayoutChanges
{
    private static readonly Dictionary<string, string> OtherKinds = new(StringComparer.Ordinal)
    {
        ["u8"] = "u16",
        ["u16"] = "varint",
        ["u32"] = "varint",
        ["u64"] = "varint64",
        ["i16"] = "u16",
        ["f32"] = "u32",
        ["f64"] = "u64",
        ["varint"] = "varint64",
        ["varint64"] = "varint",
        ["bytes8"] = "string8",
        ["string8"] = "bytes8",
        ["bytes16"] = "bytes8",
        ["bytes"] = "bytes8",
        ["rest"] = "bytes8",
        ["record"] = "u64",
        ["slot"] = "varint",
    };

    /// <summary>A record is shown as its numbers, and the first field of an access as readers or writers.</summary>
    private static readonly string[] Unnamed = ["record", "access"];

    /// <summary>Every change of a frame's layout and of the parts that it uses, said in words.</summary>
    public static IEnumerable<(string Change, JsonNode Table)> Of(string frame)
    {
        JsonNode table = LayoutTable.Json();
        foreach (string path in Paths(Frame(table, frame)["body"]!, table))
        {
            foreach ((string change, Action<JsonNode> make) in Changes(At(table, path)))
            {
                JsonNode changed = table.DeepClone();
                make(At(changed, path));
                yield return ($"{path}: {change}", changed);
            }
        }
    }

    /// <summary>Where items stand, in the frame and in the parts that it uses, each once.</summary>
    private static IEnumerable<string> Paths(JsonNode items, JsonNode table) => items.AsArray().SelectMany(item => item switch
    {
        JsonObject part when part["use"] is { } use => Paths(table["parts"]![(string)use!]!, table).Prepend(item.GetPath()),
        JsonObject bracket when bracket["when"] is not null => Paths(bracket["then"]!, table)
            .Concat(bracket["else"] is { } other ? Paths(other, table) : []).Append(bracket["when"]!.GetPath()).Prepend(item.GetPath()),
        JsonObject list => Paths(list["each"]!, table).Append(list["count"]!.GetPath()).Prepend(item.GetPath()),
        _ => [item!.GetPath()],
    }).Distinct();

    private static IEnumerable<(string Change, Action<JsonNode> Make)> Changes(JsonNode item)
    {
        if (item.Parent is JsonArray array)
        {
            int at = item.GetElementIndex();
            yield return ("left out", node => node.Parent!.AsArray().RemoveAt(at));
            if (at + 1 < array.Count && !ExcludeEachOther(item, array[at + 1]!))
            {
                yield return ("after the next", node => Exchange(node.Parent!.AsArray(), at));
            }
        }

        if (item is JsonObject list && list["each"] is not null)
        {
            yield return ("items of at least 400 bytes", node => node["least"] = 400);
        }

        if (item is not JsonValue text)
        {
            yield break;
        }

        string field = (string)text!;
        bool isCount = item.Parent is JsonObject && item.GetPropertyName() == "count";
        foreach (string other in Rewritten(field, isCount).Where(other => other != field))
        {
            yield return ($"\"{field}\" as \"{other}\"", node => node.ReplaceWith(other));
        }
    }

    private static IEnumerable<string> Rewritten(string field, bool isCount)
    {
        Match kind = Kind().Match(field);
        if (kind.Success && OtherKinds.TryGetValue(kind.Value[1..], out string? other))
        {
            // No frame is long enough for a count of more than 32 bits, and what lies between bounds fits them anyway.
            bool isBounded = isCount || field.Contains(" between ", StringComparison.Ordinal);
            yield return Kind().Replace(field, ":" + (isBounded ? "u16" : other), 1);
            yield return Rule().Replace(field, "", 1);
            string name = field.Split(':')[0];
            if (!Unnamed.Contains(name))
            {
                // Conditions still find it.
                yield return "renamed" + field[name.Length..] + (field.Contains(" as ", StringComparison.Ordinal) ? "" : " as " + name);
            }
        }

        foreach (Match number in Number().Matches(field))
        {
            ulong value = ulong.Parse(number.Value, CultureInfo.InvariantCulture);
            foreach (ulong near in new[] { value + 1, value - 1 })
            {
                if (near != ulong.MaxValue)
                {
                    yield return field[..number.Index] + near.ToString(CultureInfo.InvariantCulture) + field[(number.Index + number.Length)..];
                }
            }
        }
    }

    /// <summary>Whether no more than one of two brackets can be there.</summary>
    private static bool ExcludeEachOther(JsonNode one, JsonNode other)
    {
        if (one is not JsonObject || other is not JsonObject || one["when"] is not { } first || other["when"] is not { } second)
        {
            return false;
        }

        LayoutCondition a = LayoutCondition.Parse((string)first!);
        LayoutCondition b = LayoutCondition.Parse((string)second!);
        return a.Field == b.Field && a.Operator == "=" && b.Operator == "=" && !a.Values.Intersect(b.Values).Any();
    }

    private static void Exchange(JsonArray array, int at)
    {
        JsonNode item = array[at]!;
        array.RemoveAt(at);
        array.Insert(at + 1, item);
    }

    private static JsonNode Frame(JsonNode table, string name) => table["frames"]!.AsArray().Single(frame => (string)frame!["name"]! == name)!;

    /// <summary>The node at a path such as <c>$.frames[3].body[0]</c>.</summary>
    private static JsonNode At(JsonNode table, string path) => Step().Matches(path[1..]).Aggregate(
        table,
        (node, step) => step.Groups["name"] is { Success: true } name
            ? node[name.Value]!
            : node[int.Parse(step.Groups["at"].Value, CultureInfo.InvariantCulture)]!);

    [GeneratedRegex(@"\.(?<name>\w+)|\[(?<at>\d+)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Step();

    [GeneratedRegex(@":\w+", RegexOptions.None, 1000)]
    private static partial Regex Kind();

    [GeneratedRegex(@" (mask|max|min|in|between|finite|above)( \d+)*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rule();

    [GeneratedRegex(@"(?<= )\d+", RegexOptions.None, 1000)]
    private static partial Regex Number();
}
