using System.Globalization;
using System.Numerics;

namespace Relay.Protocol.Tests;

/// <summary>Layouts written as protocol-spec.md writes them: what stands in its blocks without a name, on one line each.</summary>
internal sealed class LayoutNotation
{
    private LayoutNotation()
    {
    }

    /// <summary>The definitions that a layout needs: its own, called "", then those of what it names ("entry", "parent", "extension").</summary>
    public Dictionary<string, string> Definitions { get; } = new(StringComparer.Ordinal);

    public static Dictionary<string, string> Of(IReadOnlyList<LayoutItem> items)
    {
        var notation = new LayoutNotation();
        notation.Definitions[""] = notation.Write(items, "");
        return notation.Definitions;
    }

    private string Write(IReadOnlyList<LayoutItem> items, string after)
    {
        var words = new List<string>();
        for (int i = 0; i < items.Count; i++)
        {
            if (items[i] is LayoutWhen { Else.Count: 0 } first && first.Condition.Operator == "=")
            {
                LayoutWhen[] choices = Choices(items, i);
                words.Add(choices.Length > 1 ? WriteChoices(choices) : WriteBracket(first));
                i += choices.Length - 1;
            }
            else
            {
                words.Add(Write(items[i], ref after));
            }
        }

        return string.Join(' ', words.Append(after).Where(word => word.Length > 0));
    }

    private string Write(LayoutItem item, ref string after) => item switch
    {
        LayoutField { Kind: "record" } => "record",
        LayoutField { Kind: "rest" } field => field.Name,
        LayoutField { Kind: "varint64" or "slot" } field => field.Name + ":varint",
        LayoutField field => field.Name + ":" + field.Kind,
        LayoutWhen { Else.Count: > 0 } bracket => WriteEither(bracket),
        LayoutWhen { Condition.Field: "extended" } bracket => WriteExtension(bracket),
        LayoutWhen bracket => WriteBracket(bracket),
        LayoutPart { As: { } name } part => name + ":" + part.Use,
        LayoutPart { Use: "target" or "terms" } part => part.Use,
        LayoutPart part => Write(part.Items, ""),
        LayoutList list => WriteList(list, ref after),
        _ => throw new InvalidOperationException(item.ToString()),
    };

    private string WriteList(LayoutList list, ref string after)
    {
        if (list.Count.Rule == "min")
        {
            after = string.Create(CultureInfo.InvariantCulture, $"{list.Count.Name} ≥ {list.Count.Bounds[0]}");
        }

        string each = Write(list.Each, "");
        if (list.Each[0] is LayoutField { Name: "kind" })
        {
            Definitions["entry"] = each;
            each = "entry";
        }

        string item = each.Contains(' ', StringComparison.Ordinal) ? "(" + each + ")" : each;
        return $"{list.Count.Name}:{list.Count.Kind} {list.Count.Name} × {item}";
    }

    /// <summary>Neighbours that exclude each other: each for other values of the same field.</summary>
    private static LayoutWhen[] Choices(IReadOnlyList<LayoutItem> items, int from)
    {
        var seen = new HashSet<ulong>();
        string field = ((LayoutWhen)items[from]).Condition.Field;
        return items.Skip(from).Select(item => item as LayoutWhen)
            .TakeWhile(bracket => bracket is not null && bracket.Condition.Field == field && bracket.Condition.Values.All(seen.Add))
            .Select(bracket => bracket!)
            .ToArray();
    }

    private string WriteChoices(LayoutWhen[] choices) => choices[0].Condition.Field == "kind"
        ? string.Join(' ', choices.Select(choice => $"kind {Value(choice)}: {Write(choice.Then, "")}"))
        : "[" + string.Join(" | ", choices.Select(choice => Write(choice.Then, ""))) + "]";

    private static string Value(LayoutWhen bracket) => bracket.Condition.Values.Single().ToString(CultureInfo.InvariantCulture);

    private string WriteBracket(LayoutWhen bracket) => "[" + Write(bracket.Then, "") + "]";

    private string WriteExtension(LayoutWhen bracket)
    {
        Definitions["extension"] = $"{Write(bracket.Then, "")} present if `{bracket.Condition.Field}` is {Value(bracket)}";
        return "[extension]";
    }

    private string WriteEither(LayoutWhen bracket)
    {
        string name = ((LayoutField)bracket.Else.Single()).Name;
        int bit = BitOperations.TrailingZeroCount(bracket.Condition.Values.Single());
        Definitions[name] = string.Create(
            CultureInfo.InvariantCulture, $"{Write(bracket.Else, "")}, or if bit {bit} of {bracket.Condition.Field} is set {Write(bracket.Then, "")}");
        return name;
    }
}
