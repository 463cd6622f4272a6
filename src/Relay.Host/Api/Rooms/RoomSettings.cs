using System.Text.Json;
using System.Text.Json.Serialization;
using Relay.Core.Rooms;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Http;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Host.Api.Rooms;

/// <summary>A room's settings as JSON. What is null is as the server's section <c>Relay:Room</c> says.</summary>
internal sealed record RoomSettings
{
    /// <summary>The most members at once, 1 to 65,535.</summary>
    public int? Capacity { get; init; }

    /// <summary>Times a second that members are told what moved, 0 to 1,000. Waits until the room is opened the next time.</summary>
    public double? TickRate { get; init; }

    /// <summary>The room's corners and its precision, in metres. Waits until the room is opened the next time.</summary>
    public RoomBounds? Bounds { get; init; }

    /// <summary>Whether newcomers wait in a lobby.</summary>
    public bool? Lobby { get; init; }

    /// <summary>What becomes of a join when the room is full.</summary>
    public RoomOverflow? Overflow { get; init; }

    /// <summary>What becomes of a user who comes in again.</summary>
    public DoubleLogin? DoubleLogin { get; init; }

    /// <summary>The role of members that nobody gave one.</summary>
    public string? DefaultRole { get; init; }

    /// <summary>The roles, lowest first, at most 32.</summary>
    public IReadOnlyList<RoleSettings>? Roles { get; init; }

    /// <summary>The most objects, 0 to 500,000.</summary>
    public int? MaxObjects { get; init; }

    /// <summary>The most objects of one member, 0 to 500,000.</summary>
    public int? MaxObjectsPerMember { get; init; }

    /// <summary>The most levels of the tree of objects, 1 to 256.</summary>
    public int? MaxTreeDepth { get; init; }

    /// <summary>The most attributes, 0 to 5,000,000.</summary>
    public int? MaxAttributes { get; init; }

    /// <summary>The most attributes of one object, member or room, 0 to 1,024.</summary>
    public int? MaxAttributesPerTarget { get; init; }

    /// <summary>The most bytes of an attribute's value as MessagePack, 1 to 1,048,576.</summary>
    public int? MaxAttributeBytes { get; init; }

    /// <summary>Whether a user who comes in again is put where they were.</summary>
    public bool? RestorePlaces { get; init; }

    /// <summary>What the members see, by a name or URL of the application's, at most 2,048 characters: <c>scene</c> in
    /// <c>relay.room</c>.</summary>
    public string? Scene { get; init; }

    /// <summary>What else the members are told of the room, whatever it is: <c>info</c> in <c>relay.room</c>.</summary>
    public JsonElement? Info { get; init; }
}

/// <summary>A role.</summary>
/// <param name="Name">1 to 32 characters.</param>
/// <param name="Permissions">What its members may do.</param>
internal sealed record RoleSettings(string Name, IReadOnlyList<string> Permissions);

/// <summary>A room's corners.</summary>
/// <param name="Min">Lowest x, y, z in metres.</param>
/// <param name="Max">Highest x, y, z in metres, themselves outside.</param>
/// <param name="Precision">Metres in one step of a position. Default 0.001.</param>
internal sealed record RoomBounds(IReadOnlyList<double> Min, IReadOnlyList<double> Max, double? Precision = null);

/// <summary>Makes options of settings.</summary>
internal static class RoomSettingsReader
{
    private const int MaxScene = 2048, MaxInfo = 4096;

    /// <summary>The permissions by the names that settings use.</summary>
    public static IReadOnlyDictionary<string, RoomPermissions> PermissionNames { get; } = Enum.GetValues<RoomPermissions>()
        .Where(value => value != RoomPermissions.None)
        .ToDictionary(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()), StringComparer.Ordinal);

    /// <summary>Reads settings as they are stored.</summary>
    public static RoomSettings Parse(string json) =>
        JsonBody.Parse(System.Text.Encoding.UTF8.GetBytes(json), ApiJson.Default.RoomSettings, "settings");

    /// <summary>Makes a room's options.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="title">Its title.</param>
    /// <param name="defaults">What holds where the settings say nothing.</param>
    /// <param name="problems">What is wrong with them, a problem for each field.</param>
    public static RoomOptions ToOptions(RoomSettings settings, string title, RoomOptions defaults, out IReadOnlyList<FieldProblem> problems)
    {
        var found = new List<FieldProblem>();
        RoomBounds? bounds = settings.Bounds;
        var options = new RoomOptions
        {
            Capacity = settings.Capacity ?? defaults.Capacity,
            TickRate = settings.TickRate ?? defaults.TickRate,
            Min = Corner(bounds?.Min, "settings.bounds.min", defaults.Min, found),
            Max = Corner(bounds?.Max, "settings.bounds.max", defaults.Max, found),
            Precision = bounds?.Precision ?? defaults.Precision,
            HasLobby = settings.Lobby ?? defaults.HasLobby,
            Overflow = settings.Overflow ?? defaults.Overflow,
            DoubleLogin = settings.DoubleLogin ?? defaults.DoubleLogin,
            DefaultRole = settings.DefaultRole ?? defaults.DefaultRole,
            MaxObjects = settings.MaxObjects ?? defaults.MaxObjects,
            MaxObjectsPerMember = settings.MaxObjectsPerMember ?? defaults.MaxObjectsPerMember,
            MaxTreeDepth = settings.MaxTreeDepth ?? defaults.MaxTreeDepth,
            MaxAttributes = settings.MaxAttributes ?? defaults.MaxAttributes,
            MaxAttributesPerTarget = settings.MaxAttributesPerTarget ?? defaults.MaxAttributesPerTarget,
            MaxAttributeBytes = settings.MaxAttributeBytes ?? defaults.MaxAttributeBytes,
            RestorePlaces = settings.RestorePlaces ?? defaults.RestorePlaces,
            MaxAttributeDepth = defaults.MaxAttributeDepth,
            MaxStateBytes = defaults.MaxStateBytes,
            ReliableRingMessages = defaults.ReliableRingMessages,
            ReliableRingBytes = defaults.ReliableRingBytes,
            ReliableRingTime = defaults.ReliableRingTime,
            RecorderBytes = defaults.RecorderBytes,
            MaxCursorGroups = defaults.MaxCursorGroups,
            MaxTombstones = defaults.MaxTombstones,
        };
        AddRoles(options, settings, defaults, found);
        options.Info = Info(settings, title, found);
        found.AddRange(options.Validate("settings").Select(Problem)
            .Where(problem => found.TrueForAll(other => other.Field != problem.Field)));
        problems = found;
        return options;
    }

    /// <summary>What properties of <see cref="RoomOptions"/> are called in settings.</summary>
    public static IReadOnlyList<string> NamesOf(IEnumerable<string> properties) => [.. properties.Select(property => property switch
    {
        nameof(RoomOptions.HasLobby) => "lobby",
        nameof(RoomOptions.Min) or nameof(RoomOptions.Max) or nameof(RoomOptions.Precision) => "bounds",
        _ => JsonNamingPolicy.CamelCase.ConvertName(property),
    }).Distinct(StringComparer.Ordinal)];

    private static void AddRoles(RoomOptions options, RoomSettings settings, RoomOptions defaults, List<FieldProblem> problems)
    {
        foreach (RoomRole role in settings.Roles is null ? defaults.Roles : [])
        {
            options.Roles.Add(role);
        }

        for (int i = 0; i < (settings.Roles?.Count ?? 0); i++)
        {
            RoleSettings? role = settings.Roles![i];
            if (role?.Name is null || role.Permissions is null)
            {
                problems.Add(new FieldProblem($"settings.roles.{i}", "must be an object with name and permissions."));
                continue;
            }

            RoomPermissions permissions = RoomPermissions.None;
            foreach (string name in role.Permissions)
            {
                if (name is null || !PermissionNames.TryGetValue(name, out RoomPermissions one))
                {
                    problems.Add(new FieldProblem(
                        $"settings.roles.{i}.permissions",
                        $"must be of {string.Join(", ", PermissionNames.Keys)}; one is \"{ApiRequest.Shown(name ?? "null")}\"."));
                    break;
                }

                permissions |= one;
            }

            if (role.Name.Any(char.IsControl))
            {
                problems.Add(new FieldProblem($"settings.roles.{i}.name", "must be without control characters."));
            }

            options.Roles.Add(new RoomRole { Name = role.Name, Permissions = permissions });
        }
    }

    private static RoomCorner Corner(IReadOnlyList<double>? corner, string field, RoomCorner otherwise, List<FieldProblem> problems)
    {
        if (corner is null or { Count: 3 })
        {
            return corner is null ? otherwise : new RoomCorner(corner[0], corner[1], corner[2]);
        }

        problems.Add(new FieldProblem(field, $"must be three numbers: x, y, z; it has {corner.Count}."));
        return otherwise;
    }

    /// <summary>What goes to the members with the attribute relay.room.</summary>
    private static byte[] Info(RoomSettings settings, string title, List<FieldProblem> problems)
    {
        if (settings.Scene is { Length: > MaxScene } scene)
        {
            problems.Add(new FieldProblem("settings.scene", $"takes at most {MaxScene} characters; it has {scene.Length}."));
            return [];
        }

        byte[] info = [];
        if (settings.Info is { ValueKind: not JsonValueKind.Undefined } given)
        {
            try
            {
                info = JsonMessagePack.Encode(given, "settings.info");
            }
            catch (ApiProblem problem)
            {
                problems.AddRange(problem.Body.Errors ?? []);
                return [];
            }
        }

        if (info.Length > MaxInfo)
        {
            problems.Add(new FieldProblem("settings.info", $"takes at most {MaxInfo} bytes as MessagePack; it takes {info.Length}."));
            return [];
        }

        int count = (title.Length > 0 ? 1 : 0) + (settings.Scene is null ? 0 : 1) + (info.Length > 0 ? 1 : 0);
        if (count == 0)
        {
            return [];
        }

        var writer = new MessagePackWriter(new byte[32 + ((title.Length + (settings.Scene?.Length ?? 0)) * 3) + info.Length]);
        writer.WriteMapHeader(count);
        if (title.Length > 0)
        {
            writer.WriteString("title"u8);
            writer.WriteString(title);
        }

        if (settings.Scene is { } named)
        {
            writer.WriteString("scene"u8);
            writer.WriteString(named);
        }

        if (info.Length > 0)
        {
            writer.WriteString("info"u8);
            writer.WriteRaw(info);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>"settings.Capacity must be …" is of the field settings.capacity.</summary>
    private static FieldProblem Problem(string line)
    {
        int end = line.IndexOfAny([' ', ':']);
        string field = line[..end];
        int dot = field.IndexOf('.', StringComparison.Ordinal);
        string name = dot < 0 ? "settings.bounds" : field[(dot + 1)..] switch
        {
            "HasLobby" => "settings.lobby",
            var other => "settings." + JsonNamingPolicy.CamelCase.ConvertName(other),
        };
        return new FieldProblem(name, line[(end + 1)..].Trim());
    }
}

/// <summary>Makes the enumerations of settings camelCase words.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
