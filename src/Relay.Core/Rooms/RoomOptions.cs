using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>The measures and limits of a room. Checked when the server starts; a room keeps those that it was opened
/// with, unless the server gives it others (<c>RelayRooms.ApplyAsync</c>).</summary>
public sealed class RoomOptions
{
    /// <summary>
    /// Times a second that a room tells its members what moved; 0 sends at the end of the wake-up in which something moved.
    /// Default 20: one batch each 50 ms costs a tenth of one send per message, and clients interpolate over that anyway. Range 0 to 1,000.
    /// </summary>
    public double TickRate { get; set; } = 20;

    /// <summary>The most members at once, enforced atomically. Default 500. Range 1 to 65,535.</summary>
    public int Capacity { get; set; } = 500;

    /// <summary>Lowest corner of the room in metres. Default −65.536 on each axis: with <see cref="Max"/>, 17 bits at 1 mm.</summary>
    public RoomCorner Min { get; set; } = new(-65.536, -65.536, -65.536);

    /// <summary>Highest corner of the room in metres, itself outside. Default 65.536 on each axis.</summary>
    public RoomCorner Max { get; set; } = new(65.536, 65.536, 65.536);

    /// <summary>Metres in one step of a position. Default 0.001 (1 mm), finer than a headset can show.</summary>
    public double Precision { get; set; } = 0.001;

    /// <summary>How many reliable messages a room keeps for receivers that lag or come back. Default 4,096. Range 16 to 65,536. Beyond it
    /// a receiver gets a snapshot.</summary>
    public int ReliableRingMessages { get; set; } = 4096;

    /// <summary>How many bytes of reliable messages a room keeps. Default 1,048,576 (1 MiB). Range 16 KiB to 64 MiB.</summary>
    public int ReliableRingBytes { get; set; } = 1024 * 1024;

    /// <summary>How long a room keeps reliable messages. Default 60 s: twice as long as a session waits for its client. Range 1 s to
    /// 10 min.</summary>
    public TimeSpan ReliableRingTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Bytes that the room's flight recorder keeps: what its members asked for and what it told, for <c>relay record</c>. Default 65,536
    /// (64 KiB): a second of a hundred avatars that move all the time, a long while of a quiet room; whoever records goes on with what
    /// follows. It grows as it is needed. A power of two from 4,096 to 67,108,864, or 0 for none.
    /// </summary>
    public int RecorderBytes { get; set; } = 64 * 1024;

    /// <summary>The roles of the room, lowest first; 1 to 32. Default guest, member, moderator, owner: see protocol-spec.md
    /// §11.6.</summary>
    public IList<RoomRole> Roles { get; } = [];

    /// <summary>The role of a member that the authorizer gives none. Default "member".</summary>
    public string DefaultRole { get; set; } = "member";

    /// <summary>Whether newcomers wait in a lobby, from where they see the room but do nothing in it, until they enter. Default
    /// no.</summary>
    public bool HasLobby { get; set; }

    /// <summary>What becomes of a join when the room is full. Default <see cref="RoomOverflow.Refuse"/>.</summary>
    public RoomOverflow Overflow { get; set; }

    /// <summary>What happens when a user comes in who is in the room already. Default <see cref="DoubleLogin.NewestWins"/>: the old
    /// connection is usually one that nobody looks at any more.</summary>
    public DoubleLogin DoubleLogin { get; set; }

    /// <summary>The most objects in the room. Default 10,000. Range 0 to 500,000.</summary>
    public int MaxObjects { get; set; } = 10_000;

    /// <summary>The most objects that one member may own. Default 1,000. Range 0 to 500,000.</summary>
    public int MaxObjectsPerMember { get; set; } = 1_000;

    /// <summary>The most levels of the tree of objects. Default 32. Range 1 to 256.</summary>
    public int MaxTreeDepth { get; set; } = 32;

    /// <summary>The most attributes in the room. Default 100,000. Range 0 to 5,000,000.</summary>
    public int MaxAttributes { get; set; } = 100_000;

    /// <summary>The most attributes of one object, member or room. Default 64. Range 0 to 1,024.</summary>
    public int MaxAttributesPerTarget { get; set; } = 64;

    /// <summary>The most bytes of an attribute's value. Default 4,096. Range 1 to 1 MiB.</summary>
    public int MaxAttributeBytes { get; set; } = 4096;

    /// <summary>The most levels of arrays and maps in an attribute's value. Default 16. Range 0 to 64.</summary>
    public int MaxAttributeDepth { get; set; } = 16;

    /// <summary>The most bytes of all keys and values in the room. Default 33,554,432 (32 MiB). Range 0 to 1 GiB.</summary>
    public long MaxStateBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// How many different cursors are encoded for in one tick; receivers beyond it get the full set. Default 8: congestion then costs at
    /// most eight encodings a tick. Range 1 to 64.
    /// </summary>
    public int MaxCursorGroups { get; set; } = 8;

    /// <summary>How many freed slots are remembered as removals; a cursor older than the oldest of them gets the full set. Default 256.
    /// Range 0 to 65,535.</summary>
    public int MaxTombstones { get; set; } = 256;

    /// <summary>Whether a user who comes in again is put where they were when they left, if the room is stored
    /// (<see cref="Stores.IRoomStore"/>). Default yes.</summary>
    public bool RestorePlaces { get; set; } = true;

    /// <summary>
    /// What the embedder tells of the room to its members, in the attribute <c>relay.room</c> beside what the server tells there
    /// (protocol-spec.md §11.2): title, scene and the like. A MessagePack map whose keys are strings, without "capacity" and "roles"; at
    /// most <see cref="MaxAttributeBytes"/>. Default empty: nothing, and the attribute is only made when settings of an open room change.
    /// </summary>
    public ReadOnlyMemory<byte> Info { get; set; }

    /// <summary>The roles, the default ones if none are named.</summary>
    public IReadOnlyList<RoomRole> EffectiveRoles => Roles.Count > 0 ? [.. Roles] : RoomRole.Defaults;

    /// <summary>Microseconds between batches; 0 for none.</summary>
    internal long TickMicros => TickRate <= 0 ? 0 : (long)Math.Round(1_000_000 / TickRate);

    /// <summary>Microseconds in a unit of a sample's age: fourteen of them span a tick, so that an age saturates only past one. At least
    /// 1 ms.</summary>
    internal uint AgeUnitMicros => (uint)Math.Max(1000, ((TickMicros + 13_999) / 14_000) * 1000);

    /// <summary>Says what is wrong with these options, if anything: one line each.</summary>
    /// <param name="path">Where they stand, for the message.</param>
    public IEnumerable<string> Validate(string path)
    {
        if (!(TickRate is >= 0 and <= 1000))
        {
            yield return $"{path}.TickRate must be 0 to 1000 Hz; it is {TickRate}.";
        }

        if (Capacity is < 1 or > ushort.MaxValue)
        {
            yield return $"{path}.Capacity must be 1 to 65535 members; it is {Capacity}.";
        }

        if (ReliableRingMessages is < 16 or > 65536)
        {
            yield return $"{path}.ReliableRingMessages must be 16 to 65536; it is {ReliableRingMessages}.";
        }

        if (ReliableRingBytes is < 16 * 1024 or > 64 * 1024 * 1024)
        {
            yield return $"{path}.ReliableRingBytes must be 16384 to 67108864 bytes; it is {ReliableRingBytes}.";
        }

        if (MaxCursorGroups is < 1 or > 64)
        {
            yield return $"{path}.MaxCursorGroups must be 1 to 64; it is {MaxCursorGroups}.";
        }

        if (MaxTombstones is < 0 or > ushort.MaxValue)
        {
            yield return $"{path}.MaxTombstones must be 0 to 65535; it is {MaxTombstones}.";
        }

        foreach (string problem in ValidateState(path))
        {
            yield return problem;
        }

        if (TryCreateSpace(out string? fault) is null)
        {
            yield return $"{path}: {fault}";
        }
    }

    private IEnumerable<string> ValidateState(string path)
    {
        if (ReliableRingTime < TimeSpan.FromSeconds(1) || ReliableRingTime > TimeSpan.FromMinutes(10))
        {
            yield return $"{path}.ReliableRingTime must be 00:00:01 to 00:10:00; it is {ReliableRingTime}.";
        }

        (string Name, long Value, long Low, long High)[] ranges =
        [
            (nameof(MaxObjects), MaxObjects, 0, 500_000),
            (nameof(MaxObjectsPerMember), MaxObjectsPerMember, 0, 500_000),
            (nameof(MaxTreeDepth), MaxTreeDepth, 1, 256),
            (nameof(MaxAttributes), MaxAttributes, 0, 5_000_000),
            (nameof(MaxAttributesPerTarget), MaxAttributesPerTarget, 0, 1024),
            (nameof(MaxAttributeBytes), MaxAttributeBytes, 1, 1024 * 1024),
            (nameof(MaxAttributeDepth), MaxAttributeDepth, 0, 64),
            (nameof(MaxStateBytes), MaxStateBytes, 0, 1024 * 1024 * 1024),
            (nameof(Roles), Roles.Count, 0, RoleList.MaxRoles),
        ];
        foreach ((string name, long value, long low, long high) in ranges)
        {
            if (value < low || value > high)
            {
                yield return $"{path}.{name} must be {low} to {high}; it is {value}.";
            }
        }

        if (RecorderBytes != 0 && (RecorderBytes is < 4096 or > 64 * 1024 * 1024 || !int.IsPow2(RecorderBytes)))
        {
            yield return $"{path}.RecorderBytes must be 0 or a power of two from 4096 to 67108864; it is {RecorderBytes}.";
        }

        if (RoomFacts.Check(this) is { } fault)
        {
            yield return $"{path}.Info {fault}";
        }

        foreach (RoomRole role in Roles)
        {
            if (role.Name.Length is < 1 or > 32)
            {
                yield return $"{path}.Roles: a name takes 1 to 32 characters; \"{role.Name}\" has {role.Name.Length}.";
            }

            if (Roles.Count(other => other.Name == role.Name) > 1)
            {
                yield return $"{path}.Roles: \"{role.Name}\" comes twice.";
            }
        }

        if (!EffectiveRoles.Any(role => role.Name == DefaultRole))
        {
            yield return $"{path}.DefaultRole must be one of {string.Join(", ", EffectiveRoles.Select(role => role.Name))}; " +
                $"it is \"{DefaultRole}\".";
        }
    }

    /// <summary>The space that bounds and precision describe.</summary>
    /// <exception cref="ArgumentException">They describe none.</exception>
    internal RoomSpace CreateSpace() => TryCreateSpace(out string? problem) ?? throw new ArgumentException(problem);

    private RoomSpace? TryCreateSpace(out string? problem)
    {
        problem = null;
        try
        {
            return RoomSpace.Create(Min.X, Min.Y, Min.Z, Max.X, Max.Y, Max.Z, Precision);
        }
        catch (ArgumentException e)
        {
            problem = e.Message;
            return null;
        }
    }
}

/// <summary>What becomes of a join when a room is full.</summary>
public enum RoomOverflow
{
    /// <summary>It is refused with Error 4430.</summary>
    Refuse,

    /// <summary>It leads into a numbered instance of the room: "name~2", "name~3" and so on, the first that has a seat.</summary>
    Spill,
}

/// <summary>What happens when a user comes into a room who is there already, over another connection.</summary>
public enum DoubleLogin
{
    /// <summary>The old connection is closed with 4436.</summary>
    NewestWins,

    /// <summary>The new one is refused with Error 4437.</summary>
    Refuse,

    /// <summary>Both stay.</summary>
    Allow,
}

/// <summary>A corner of a room.</summary>
/// <param name="X">Metres along x.</param>
/// <param name="Y">Metres along y.</param>
/// <param name="Z">Metres along z.</param>
public readonly record struct RoomCorner(double X, double Y, double Z);
