using System.Text;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <summary>The room that the client is in, as Joined described it. Immutable. protocol-spec.md §6.2.</summary>
public sealed class RoomInfo
{
    internal RoomInfo(in Joined joined)
    {
        Name = Encoding.UTF8.GetString(joined.RoomUtf8);
        Epoch = joined.Epoch;
        Member = joined.Member;
        Slot = joined.Slot;
        Generation = joined.Generation;
        Space = joined.Space!;
        TickMicros = joined.TickMicros;
        AgeUnitMicros = Math.Max(1, joined.AgeUnitMicros);
        Capacity = joined.Capacity;
        MaxObjects = joined.MaxObjects;
        MaxValue = joined.MaxValue;
        Roles = ReadRoles(new RoleList(joined.Roles));
    }

    /// <summary>The room's name.</summary>
    public string Name { get; }

    /// <summary>Names this life of the room; versions and sequences count within it. Never 0.</summary>
    public ulong Epoch { get; }

    /// <summary>This client's member id. Never 0.</summary>
    public uint Member { get; }

    /// <summary>The slot of this client's avatar.</summary>
    public uint Slot { get; }

    /// <summary>The generation of <see cref="Slot"/>.</summary>
    public byte Generation { get; }

    /// <summary>Bounds and precision of positions.</summary>
    public RoomSpace Space { get; }

    /// <summary>Microseconds between batches; 0 when changes leave at once.</summary>
    public uint TickMicros { get; }

    /// <summary>Microseconds in one unit of a sample's age, at least 1. protocol-spec.md §8.2.</summary>
    public uint AgeUnitMicros { get; }

    /// <summary>The most members that the room takes.</summary>
    public uint Capacity { get; }

    /// <summary>The most objects that this client may own. protocol-spec.md §11.1.</summary>
    public uint MaxObjects { get; }

    /// <summary>The most bytes of an attribute's value. protocol-spec.md §11.2.</summary>
    public uint MaxValue { get; }

    /// <summary>The room's roles, lowest first, at most 32: a member's role is a place in this list. protocol-spec.md §11.6.</summary>
    public IReadOnlyList<RoomRole> Roles { get; }

    private static RoomRole[] ReadRoles(RoleList list)
    {
        var roles = new RoomRole[list.Count];
        for (int i = 0; list.TryRead(out RoomPermissions permissions, out ReadOnlySpan<byte> name); i++)
        {
            roles[i] = new RoomRole(Encoding.UTF8.GetString(name), permissions);
        }

        return roles;
    }
}

/// <summary>A role that members of a room may have. protocol-spec.md §11.6.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Permissions">What its members may do; bits that are not named belong to a later server.</param>
public sealed record RoomRole(string Name, RoomPermissions Permissions);
