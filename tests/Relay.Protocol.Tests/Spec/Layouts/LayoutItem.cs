using System.Globalization;

namespace Relay.Protocol.Tests;

/// <summary>One part of a layout of protocol-layouts.json.</summary>
internal abstract record LayoutItem;

/// <summary>A field: <c>name:kind rule as key</c>.</summary>
/// <param name="Name">As the document calls it.</param>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Rule">One of <see cref="Rules"/>, or empty.</param>
/// <param name="Bounds">The numbers of the rule.</param>
/// <param name="Key">What conditions call it: its name, unless "as" says otherwise.</param>
internal sealed record LayoutField(string Name, string Kind, string Rule, ulong[] Bounds, string Key) : LayoutItem
{
    public static readonly string[] Kinds =
    [
        "u8", "u16", "u32", "u64", "i16", "f32", "f64", "varint", "varint64", "bytes8", "bytes16", "bytes", "string8", "rest", "record", "slot",
    ];

    /// <summary>Each rule with the number of its bounds, 0 for as many as there are.</summary>
    public static readonly Dictionary<string, int> Rules = new(StringComparer.Ordinal)
    {
        ["mask"] = 1,
        ["max"] = 1,
        ["min"] = 1,
        ["in"] = 0,
        ["between"] = 2,
        ["finite"] = 0,
        ["above"] = 1,
    };

    public static LayoutField Parse(string text)
    {
        string[] words = text.Split(' ');
        string[] head = words[0].Split(':');
        int at = Array.IndexOf(words, "as");
        string[] rule = words[1..(at < 0 ? words.Length : at)];
        string key = at < 0 ? head[0] : words[at + 1];
        ulong[] bounds = rule.Skip(1).Select(bound => ulong.Parse(bound, CultureInfo.InvariantCulture)).ToArray();
        bool known = head.Length == 2 && Kinds.Contains(head[1]) && (at < 0 || at == words.Length - 2);
        known &= rule.Length == 0 || (Rules.TryGetValue(rule[0], out int count) && (count == 0 || count == bounds.Length));
        return known
            ? new LayoutField(head[0], head[1], rule.FirstOrDefault(""), bounds, key)
            : throw new FormatException($"protocol-layouts.json: \"{text}\" is no field.");
    }

    /// <summary>Whether the rule, if there is one, allows a value.</summary>
    public bool Allows(object value) => Rule switch
    {
        "" => true,
        "mask" => ((ulong)value & ~Bounds[0]) == 0,
        "max" => (ulong)value <= Bounds[0],
        "min" => (ulong)value >= Bounds[0],
        "in" => Bounds.Contains((ulong)value),
        "between" => (ulong)value >= Bounds[0] && (ulong)value <= Bounds[1],
        "finite" => double.IsFinite((double)value),
        "above" => double.IsFinite((double)value) && (double)value > Bounds[0],
        _ => throw new FormatException($"protocol-layouts.json: no rule is called \"{Rule}\"."),
    };
}

/// <summary>What a field must be for a part to be there: <c>field &amp; n</c> any of these bits, <c>field = n m</c> one of these values,
/// <c>field</c> not empty.</summary>
internal sealed record LayoutCondition(string Field, string Operator, ulong[] Values)
{
    public static LayoutCondition Parse(string text)
    {
        string[] words = text.Split(' ');
        ulong[] values = words.Skip(2).Select(value => ulong.Parse(value, CultureInfo.InvariantCulture)).ToArray();
        return words.Length == 1 || (values.Length > 0 && words[1] == "=") || (values.Length == 1 && words[1] == "&")
            ? new LayoutCondition(words[0], words.ElementAtOrDefault(1) ?? "", values)
            : throw new FormatException($"protocol-layouts.json: \"{text}\" is no condition.");
    }

    public bool Holds(Dictionary<string, object> scope) => !scope.TryGetValue(Field, out object? value)
        ? throw new FormatException($"protocol-layouts.json: a condition names \"{Field}\", which does not come before it.")
        : Operator switch
        {
            "&" => ((ulong)value & Values[0]) != 0,
            "=" => Values.Contains((ulong)value),
            _ => ((byte[])value).Length > 0,
        };
}

/// <summary>Items that are there under a condition.</summary>
internal sealed record LayoutWhen(LayoutCondition Condition, IReadOnlyList<LayoutItem> Then, IReadOnlyList<LayoutItem> Else) : LayoutItem;

/// <summary>A list: its count, then the items of each.</summary>
/// <param name="Count">The field that counts.</param>
/// <param name="Each">What one holds.</param>
/// <param name="Least">The fewest bytes that one takes.</param>
internal sealed record LayoutList(LayoutField Count, IReadOnlyList<LayoutItem> Each, int Least) : LayoutItem;

/// <summary>A part that several layouts share; with a name of its own it has fields of its own.</summary>
internal sealed record LayoutPart(string Use, string? As, IReadOnlyList<LayoutItem> Items) : LayoutItem;

/// <summary>A frame's row of the table.</summary>
internal sealed record FrameLayout(
    byte Type, string Name, string Section, string From, bool IsNumbered, bool IsAnswered, bool IsReliable, IReadOnlyList<LayoutItem> Body);
