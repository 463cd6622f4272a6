using System.Text;
using Relay.Core.Rooms;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>A member of a room at one moment, with what an operator wants to know of its connection.</summary>
public sealed class InspectedMember
{
    private readonly byte[] _name;
    private readonly RoomSpace _space;
    private readonly PackedTransform _place;
    private readonly bool _hasPlace;

    internal InspectedMember(Member member, long now, string[] roles)
    {
        Room room = member.Room;
        Receiver receiver = member.Receiver;
        Connection connection = receiver.Connection;
        Id = member.Id;
        _name = member.NameUtf8;
        Role = roles[member.Role];
        Standing = member.Standing;
        UserId = connection.Who.UserId;
        Session = connection.Session;
        Transport = connection.Source.Transport;
        Road = connection.Source.Road;
        Remote = connection.Source.Remote;
        IsAway = connection.IsAway;
        Connected = TimeSpan.FromMicroseconds(now - connection.Opened);
        Silent = TimeSpan.FromMicroseconds(Math.Max(0, now - connection.LastInbound));
        IsSlow = !IsAway && !connection.Outlet.IsReady;
        SlowFor = IsSlow && connection.BlockedSince > 0 ? TimeSpan.FromMicroseconds(now - connection.BlockedSince) : TimeSpan.Zero;
        NeedsSnapshot = receiver.NeedsSnapshot;
        VersionsBehind = room.Slots.Version - Math.Min(room.Slots.Version, receiver.Cursor);
        MessagesBehind = NeedsSnapshot ? 0 : room.Ring.Head - Math.Min(room.Ring.Head, receiver.Position);
        HeldBytes = connection.Outlet.HeldBytes;
        Owned = member.Owned;
        Attributes = RoomInspection.Copy(member.Attributes, roles);
        _space = room.Space;
        _hasPlace = room.Slots.TryGet(member.Slot, out _place);
    }

    /// <summary>Its id: never 0, and never given again while the room is open.</summary>
    public uint Id { get; }

    /// <summary>The name that others see.</summary>
    public string Name => Encoding.UTF8.GetString(_name);

    /// <summary>The name of its role.</summary>
    public string Role { get; }

    /// <summary>Whether it is muted, or waits in the lobby.</summary>
    public MemberStanding Standing { get; }

    /// <summary>Who the user is; null for one whom nobody knows. <see cref="ConnectDecision.UserId"/>.</summary>
    public string? UserId { get; }

    /// <summary>Names its session in the log.</summary>
    public Guid Session { get; }

    /// <summary>"tcp" or "websocket".</summary>
    public string Transport { get; }

    /// <summary>"direct" or "pipe".</summary>
    public string Road { get; }

    /// <summary>Where it is, or was last, connected from; empty if that is not known.</summary>
    public string Remote { get; }

    /// <summary>Whether its connection broke and it may come back.</summary>
    public bool IsAway { get; }

    /// <summary>How long ago it was let in, or came back.</summary>
    public TimeSpan Connected { get; }

    /// <summary>How long ago anything arrived from it.</summary>
    public TimeSpan Silent { get; }

    /// <summary>Whether it has not taken what it was last sent.</summary>
    public bool IsSlow { get; }

    /// <summary>For how long, to within a quarter of a second.</summary>
    public TimeSpan SlowFor { get; }

    /// <summary>Whether it must be told from the beginning what is in the room: it is new, or was overtaken.</summary>
    public bool NeedsSnapshot { get; }

    /// <summary>How many versions of the moving things it is behind.</summary>
    public ulong VersionsBehind { get; }

    /// <summary>How many reliable messages it is behind; 0 while <see cref="NeedsSnapshot"/>.</summary>
    public ulong MessagesBehind { get; }

    /// <summary>Bytes that wait for it in user space; known for the direct road only.</summary>
    public long HeldBytes { get; }

    /// <summary>Objects that it owns.</summary>
    public int Owned { get; }

    /// <summary>Its attributes.</summary>
    public IReadOnlyList<InspectedAttribute> Attributes { get; }

    /// <summary>Where its avatar is, in metres; null until it has said so.</summary>
    public Transform? Place => _hasPlace ? _space.Unpack(_place) : null;
}
