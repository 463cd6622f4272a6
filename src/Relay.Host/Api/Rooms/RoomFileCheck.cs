using System.Text;
using Relay.Core.Rooms;
using Relay.Host.Api.Problems;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Host.Api.Rooms;

/// <summary>Makes sure that a room may hold what is in a file.</summary>
internal static class RoomFileCheck
{
    private const int MaxName = 64, MaxNodes = 1024;
    private const double MaxMetres = 1e9;

    /// <summary>Checks the objects.</summary>
    /// <exception cref="ApiProblem">422: the first that is wrong.</exception>
    public static void Objects(RoomFile file, RoomOptions options)
    {
        if (file.Objects.Count > options.MaxObjects)
        {
            throw ApiProblem.Invalid("objects", $"a room like this takes at most {options.MaxObjects}; there are {file.Objects.Count}.");
        }

        var depths = new Dictionary<uint, int>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < file.Objects.Count; i++)
        {
            FileObject made = file.Objects[i];
            string field = $"objects.{i}";
            int above = 0;
            Demand(
                made.Parent == 0 || depths.TryGetValue(made.Parent, out above),
                field + ".parent",
                "must be 0 or an object that stands before");
            Demand(made.Id != 0 && depths.TryAdd(made.Id, above + 1), field + ".id", "must be 1 or higher, and not come twice");
            Demand(above + 1 <= options.MaxTreeDepth, field + ".parent", $"a tree has at most {options.MaxTreeDepth} levels");
            Demand(
                (made.Flags & ~7) == 0 && (made.Flags & 1) != 0,
                field + ".flags",
                "must be 1 (persistent) with 2 (placed) and 4 (fixed) where they are wanted");
            Demand(IsName(made.Type, mayBeEmpty: true), field + ".type", NameRule);
            Demand(IsName(made.AwaitedParent, mayBeEmpty: true), field + ".awaitedParent", NameRule);
            Demand(
                IsName(made.Name, mayBeEmpty: true) && (made.Name.Length == 0 || names.Add(made.Name)),
                field + ".name",
                NameRule + ", and not come twice");
            Demand(
                made.Place is null or { Count: 7 or 8 } &&
                    (made.Place ?? []).All(number => double.IsFinite(number) && Math.Abs(number) <= MaxMetres),
                field + ".place",
                "must be seven or eight numbers");
        }
    }

    /// <summary>Checks the attributes; the objects have been checked.</summary>
    /// <exception cref="ApiProblem">422: the first that is wrong.</exception>
    public static void Attributes(RoomFile file, RoomOptions options)
    {
        if (file.Attributes.Count > options.MaxAttributes)
        {
            throw ApiProblem.Invalid(
                "attributes", $"a room like this takes at most {options.MaxAttributes}; there are {file.Attributes.Count}.");
        }

        HashSet<uint> objects = [0, .. file.Objects.Select(made => made.Id)];
        var keys = new HashSet<(uint, string)>();
        var limits = new MessagePackLimits
        {
            MaxBytes = options.MaxAttributeBytes,
            MaxDepth = options.MaxAttributeDepth,
            MaxNodes = MaxNodes,
        };
        for (int i = 0; i < file.Attributes.Count; i++)
        {
            FileAttribute value = file.Attributes[i];
            string field = $"attributes.{i}";
            Demand(objects.Contains(value.Object), field + ".object", "must be 0 or an object of the file");
            Demand(
                IsName(value.Key, mayBeEmpty: false) && keys.Add((value.Object, value.Key)),
                field + ".key",
                NameRule + ", and not come twice");
            Demand(
                (value.Flags & ~(int)(AttributeFlags.Cloneable | AttributeFlags.Persistent)) == 0 &&
                    (value.Flags & (int)AttributeFlags.Persistent) != 0,
                field + ".flags",
                "must be 4 (persistent), or 6 with cloneable");
            Demand(IsAccess(value.Readers), field + ".readers", AccessRule);
            Demand(IsAccess(value.Writers), field + ".writers", AccessRule);
            MessagePackVerdict verdict = MessagePackValidator.Check(value.Value, limits);
            Demand(
                verdict.Status == MessagePackStatus.Ok,
                field + ".value",
                $"must be one MessagePack value within the room's limits ({verdict.Status})");
        }
    }

    private const string
        NameRule = "takes at most 64 bytes of UTF-8 without control characters",
        AccessRule = "must be [0, 0] everyone, [1, 0] the owner or [3, roles]";

    private static bool IsName(string text, bool mayBeEmpty) =>
        (mayBeEmpty || text.Length > 0) && Encoding.UTF8.GetByteCount(text) <= MaxName && !text.Any(unit => unit < 0x20 || unit == 0x7F);

    private static bool IsAccess(IReadOnlyList<uint> access) =>
        access is [(uint)AccessKind.Everyone or (uint)AccessKind.Owner, 0] or [(uint)AccessKind.Roles, _];

    private static void Demand(bool holds, string field, string rule)
    {
        if (!holds)
        {
            throw ApiProblem.Invalid(field, rule + ".");
        }
    }
}
