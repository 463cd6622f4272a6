using System.Text;
using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>A room as it was at one moment. It does not change and may be kept.</summary>
public sealed class RoomImage
{
    internal RoomImage(Room room, TimeSpan elapsed)
    {
        Elapsed = elapsed;
        Members = [.. room.Members.Select(member => new RoomMember(member))];
        Objects = [.. room.World.Objects.Values.Select(made => new ObjectImage(made, room))];
    }

    /// <summary>How long ago the image before was made, on the server's clock; at the first tick <see cref="IRoomHandler.TickInterval"/>.
    /// More than the interval when ticks were skipped.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Who is there, in no order.</summary>
    public IReadOnlyList<RoomMember> Members { get; }

    /// <summary>What is there, in no order.</summary>
    public IReadOnlyList<ObjectImage> Objects { get; }
}

/// <summary>An object in a <see cref="RoomImage"/>.</summary>
public sealed class ObjectImage
{
    private readonly byte[] _type;
    private readonly byte[] _name;
    private readonly RoomSpace _space;
    private readonly PackedTransform _place;
    private readonly bool _hasPlace;

    internal ObjectImage(RoomObject made, Room room)
    {
        Id = made.Id;
        Owner = made.Owner;
        LockHolder = made.LockHolder;
        Parent = made.Parent?.Id ?? 0;
        Flags = made.Flags;
        _type = made.Type;
        _name = made.Name;
        _space = room.Space;
        _place = default;
        _hasPlace = made.Slot >= 0 && room.Slots.TryGet(made.Slot, out _place);
    }

    /// <summary>Its id: never 0, and never given again while the room is open.</summary>
    public uint Id { get; }

    /// <summary>The application's word for what it is.</summary>
    public string Type => Encoding.UTF8.GetString(_type);

    /// <summary>Its name; empty for none.</summary>
    public string Name => Encoding.UTF8.GetString(_name);

    /// <summary>Its owner's member id; 0 for nobody.</summary>
    public uint Owner { get; }

    /// <summary>The member that holds its lock; 0 for nobody.</summary>
    public uint LockHolder { get; }

    /// <summary>The object under which it stands; 0 for the root.</summary>
    public uint Parent { get; }

    /// <summary>Persistent, placed, fixed.</summary>
    public ObjectFlags Flags { get; }

    /// <summary>Where it is, in metres; null for nowhere.</summary>
    public Transform? Place => _hasPlace ? _space.Unpack(_place) : null;
}
