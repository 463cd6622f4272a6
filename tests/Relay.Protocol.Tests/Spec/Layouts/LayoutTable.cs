using System.Text.Json.Nodes;

namespace Relay.Protocol.Tests;

/// <summary>A row of the table of codes.</summary>
internal sealed record LayoutCode(ushort Code, string Name, string Where, bool Retry, string Meaning);

/// <summary>protocol-layouts.json, read without tolerance: what is not known is a <see cref="FormatException"/> that names it.</summary>
internal sealed class LayoutTable
{
    private static readonly string[] FrameProperties = ["type", "name", "section", "from", "numbered", "answered", "reliable", "body"];
    private static readonly string[] ItemProperties = ["when", "then", "else", "each", "count", "as", "least", "use"];
    private static readonly Lazy<string> File = new(() => System.IO.File.ReadAllText(Path.Combine(SpecDocument.RepositoryRoot, "protocol-layouts.json")));
    private static readonly Lazy<LayoutTable> Whole = new(() => Parse(Json()));

    private readonly JsonObject _parts;

    private LayoutTable(JsonNode json)
    {
        _parts = json["parts"]!.AsObject();
        Parts = _parts.ToDictionary(part => part.Key, part => (IReadOnlyList<LayoutItem>)ParseItems(part.Value!));
        Frames = json["frames"]!.AsArray().Select(frame => ParseFrame(frame!.AsObject())).ToArray();
        Codes = json["closeCodes"]!.AsArray().Select(code => new LayoutCode(
            (ushort)code!["code"]!, (string)code["name"]!, (string)code["where"]!, (bool)code["retry"]!, (string)code["meaning"]!)).ToArray();
        Signals = json["signals"]!.AsObject().ToDictionary(signal => signal.Key, signal => (uint)signal.Value!);
        Permissions = Names(json["permissions"]!);
        ClaimActions = Names(json["claimActions"]!);
        ManageActions = Names(json["manageActions"]!);
    }

    public static LayoutTable Instance => Whole.Value;

    public IReadOnlyList<FrameLayout> Frames { get; }

    public IReadOnlyDictionary<string, IReadOnlyList<LayoutItem>> Parts { get; }

    public IReadOnlyList<LayoutCode> Codes { get; }

    public IReadOnlyDictionary<string, uint> Signals { get; }

    public IReadOnlyList<string> Permissions { get; }

    public IReadOnlyList<string> ClaimActions { get; }

    public IReadOnlyList<string> ManageActions { get; }

    /// <summary>The file as JSON, for tests that change it.</summary>
    public static JsonNode Json() => JsonNode.Parse(File.Value)!;

    public static LayoutTable Parse(JsonNode json) => new(json);

    public FrameLayout Frame(string name) => Frames.Single(frame => frame.Name == name);

    private FrameLayout ParseFrame(JsonObject frame)
    {
        Demand(frame, FrameProperties);
        return new FrameLayout(
            (byte)frame["type"]!, (string)frame["name"]!, (string)frame["section"]!, (string)frame["from"]!,
            Flag(frame, "numbered"), Flag(frame, "answered"), Flag(frame, "reliable"), ParseItems(frame["body"]!));
    }

    private LayoutItem[] ParseItems(JsonNode items) => items.AsArray().Select(item => ParseItem(item!)).ToArray();

    private LayoutItem ParseItem(JsonNode item)
    {
        if (item is JsonValue text)
        {
            return LayoutField.Parse((string)text!);
        }

        JsonObject parts = item.AsObject();
        Demand(parts, ItemProperties);
        if (parts["when"] is { } condition)
        {
            return new LayoutWhen(LayoutCondition.Parse((string)condition!), ParseItems(parts["then"]!), ParseItems(parts["else"] ?? new JsonArray()));
        }

        return parts["each"] is { } each
            ? new LayoutList(LayoutField.Parse((string)parts["count"]!), ParseItems(each), (int)parts["least"]!)
            : new LayoutPart((string)parts["use"]!, (string?)parts["as"], ParseItems(_parts[(string)parts["use"]!]!));
    }

    private static bool Flag(JsonObject frame, string name) => frame[name] is { } flag && (bool)flag;

    private static string[] Names(JsonNode names) => names.AsArray().Select(name => (string)name!).ToArray();

    private static void Demand(JsonObject parts, string[] known)
    {
        if (parts.FirstOrDefault(part => !known.Contains(part.Key)).Key is { } stranger)
        {
            throw new FormatException($"protocol-layouts.json: \"{stranger}\" has no meaning in {parts.ToJsonString()}");
        }
    }
}
