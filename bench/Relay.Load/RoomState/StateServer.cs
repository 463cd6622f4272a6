using System.Globalization;
using Relay.Load.Cli;

namespace Relay.Load.RoomState;

/// <summary>How a server is started for a run of room state: with the limits that the run would meet lifted, and those that the check goes
/// by as the check has them.</summary>
internal static class StateServer
{
    /// <summary>Members may set attributes of the room too.</summary>
    private const string Permissions = "Move, SendEvents, Chat, CreateObjects, Pin, TakeObjects, LockObjects, SetRoomAttributes";

    private const int FewestObjects = 50_000;

    /// <summary>As many as the server allows: members that set attributes of the room have eight each.</summary>
    public const int MostAttributesPerTarget = 1024;

    /// <summary>Its arguments.</summary>
    public static IReadOnlyList<string> Arguments(LoadOptions options)
    {
        int objects = Math.Max(FewestObjects, options.LateJoin.DefaultIfEmpty().Max());
        (string Name, object Value)[] settings =
        [
            ("Relay:Limits:EventsPerSecond", 0),

            // A hundred clients that open at once on a busy machine are no flood.
            ("Relay:Limits:HelloTimeout", TimeSpan.FromSeconds(60)),
            ("Relay:Room:MaxObjects", objects),
            ("Relay:Room:MaxObjectsPerMember", objects),
            ("Relay:Room:MaxAttributes", objects * Filler.AttributesEach * 2),
            ("Relay:Room:MaxAttributesPerTarget", MostAttributesPerTarget),
            ("Relay:Room:MaxStateBytes", 1024 * 1024 * 1024),
            ("Relay:Room:ReliableRingMessages", RingLimits.Usual.Messages),
            ("Relay:Room:ReliableRingBytes", RingLimits.Usual.Bytes),
            ("Relay:Room:Roles:0:Name", "guest"),
            ("Relay:Room:Roles:1:Name", "member"),
            ("Relay:Room:Roles:1:Permissions", Permissions),
        ];
        return [.. settings.Select(setting => string.Create(CultureInfo.InvariantCulture, $"--{setting.Name}={setting.Value}"))];
    }
}
