using System.Text;
using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>What tests of a room's state share: a room, its members, and the two questions that each of them asks: was it done, or was it
/// refused without a trace?</summary>
public abstract class StateTest
{
    private protected List<SimulatedClient> Clients { get; } = [];

    private protected Simulation Simulation { get; set; } = new();

    private protected RoomOptions Options { get; set; } = new();

    private protected Room Room => Simulation.Shard.FindRoom("plaza")!;

    private protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private protected static uint Id(SimulatedClient client) => client.Seat!.Member;

    private protected static AttributeTarget OfObject(uint id) => AttributeTarget.OfObject(id);

    /// <summary>A place as CreateObject carries it.</summary>
    private protected static byte[] Place(RoomSpace space, uint x, uint y = 1, uint z = 2, TransformExtension extension = default)
    {
        byte[] room = new byte[64];
        var writer = new FrameWriter(room);
        TransformRecord.Write(ref writer, space, space.Pack(x, y, z, SmallestThree.Identity), extension);
        return room[..writer.Written];
    }

    private protected SimulatedClient Enter(string name, string? role = null, string? userId = null)
    {
        SimulatedClient client = Simulation.ConnectAndJoin(name, "plaza", Options, role, userId);
        Assert.NotNull(client.Seat);
        Clients.Add(client);
        return client;
    }

    /// <summary>Lets everything that was asked for be done and told.</summary>
    private protected void Settle() => Simulation.Run(60);

    /// <summary>Waits for an answer for which something has to be stored.</summary>
    private protected void Answered(SimulatedClient client, ulong sequence) =>
        Simulation.Await(() => client.Done.ContainsKey(sequence) || client.Refusals.Exists(refusal => refusal.Sequence == sequence));

    /// <summary>What was asked for is done.</summary>
    /// <returns>The value of Done.</returns>
    private protected uint Must(SimulatedClient client, ulong sequence)
    {
        Settle();
        Assert.True(
            client.Done.ContainsKey(sequence),
            client.Refusals.Find(refusal => refusal.Sequence == sequence)?.ToString() ?? "No answer at all.");
        Assert.DoesNotContain(client.Refusals, refusal => refusal.Sequence == sequence);
        return (uint)client.Done[sequence];
    }

    /// <summary>What was asked for is refused, with these numbers, and nobody sees any difference, nor does the server.</summary>
    private protected SimulatedClient.RefusalFacts MustNot(
        SimulatedClient client, Func<ulong> ask, CloseCode code, double limit = 0, double value = 0)
    {
        SimulatedClient.RefusalFacts refusal = MustNot(client, ask, code);
        Assert.Equal((limit, value), (refusal.Limit, refusal.Value));
        return refusal;
    }

    private protected SimulatedClient.RefusalFacts MustNot(SimulatedClient client, Func<ulong> ask, CloseCode code)
    {
        Settle();
        string[] before = Everything();
        ulong sequence = ask();
        Settle();
        SimulatedClient.RefusalFacts refusal = Assert.Single(client.Refusals, refusal => refusal.Sequence == sequence);
        Assert.Equal(code, refusal.Code);
        Assert.NotEmpty(refusal.Text);
        Assert.DoesNotContain(sequence, client.Done.Keys);
        Assert.Equal(before, Everything());
        return refusal;
    }

    /// <summary>Everybody sees what the server has, as far as it is theirs to see.</summary>
    private protected void AssertAllSeeTheTruth()
    {
        Settle();
        foreach (SimulatedClient client in Clients.Where(client => client.Seat is not null))
        {
            Assert.Equal(Truth.Dump(Room, Id(client)), client.Mirror.Dump());
        }
    }

    private string[] Everything() =>
    [
        .. Clients.Select(client => client.Mirror.Dump() + string.Join(' ', client.Members) + string.Join(' ', client.Values.Keys)),
        .. Room.Members.Select(member => $"{member.Id} {member.Role} {member.Standing} {member.Owned} {Truth.Dump(Room, member.Id)}"),
        Truth.Ledger(Room),
    ];
}

/// <summary>The server's own state, written as <see cref="RoomMirror"/> writes what a client knows.</summary>
internal static class Truth
{
    /// <summary>What a member is to see. Who sees what is decided here, not asked of the server's own code.</summary>
    public static string Dump(Room room, uint viewer)
    {
        var mirror = new RoomMirror();
        foreach (RoomObject place in room.World.Objects.Values)
        {
            mirror.Objects.Add(place.Id, new RoomMirror.ObjectFacts(
                place.Parent?.Id ?? 0,
                place.Owner,
                place.Creator,
                place.LockHolder,
                FlagsOf(place),
                (uint)Math.Max(0, place.Slot),
                place.Generation,
                Encoding.UTF8.GetString(place.Type),
                Encoding.UTF8.GetString(place.Name),
                place.AwaitedParent ?? ""));
        }

        Member member = room.Find(viewer)!;
        foreach (StoredAttribute attribute in room.World.AllAttributes())
        {
            if (Sees(room, member, attribute))
            {
                mirror.Attributes.Add(
                    (attribute.Target, Encoding.UTF8.GetString(attribute.Key)),
                    new RoomMirror.AttributeFacts(
                        attribute.Version, attribute.Author, attribute.Terms, Convert.ToHexString(attribute.Value)));
            }
        }

        return mirror.Dump();
    }

    /// <summary>The sums that the server keeps, held against what they sum up.</summary>
    public static string Ledger(Room room)
    {
        RoomWorld world = room.World;
        StoredAttribute[] all = [.. world.AllAttributes()];
        Assert.Equal(all.Length, world.AttributeCount);
        Assert.Equal(all.Sum(attribute => attribute.Key.Length + attribute.Value.Length), world.StateBytes);
        Assert.Equal(all.Count(attribute => attribute.Terms.Readers.Kind != AccessKind.Everyone), world.RestrictedCount);
        foreach (Member member in room.Members)
        {
            Assert.Equal(world.Objects.Values.Count(place => place.Owner == member.Id), member.Owned);
            Assert.Equal(
                all.Count(attribute => attribute.Author == member.Id && (attribute.Terms.Flags & AttributeFlags.Ephemeral) != 0),
                member.Ephemeral.Count);
        }

        foreach (RoomObject place in world.Objects.Values)
        {
            Assert.Equal((place.Flags & ObjectFlags.Placed) != 0, place.Slot >= 0);
            Assert.Same(place.Slot >= 0 ? place : null, place.Slot >= 0 ? world.AtSlot((uint)place.Slot) : null);
            Assert.True(place.Name.Length == 0 || ReferenceEquals(world.Find(Encoding.UTF8.GetString(place.Name)), place), "Lost by name.");
            Assert.True(place.Owner == 0 || room.Find(place.Owner) is not null, "Owned by nobody that is here.");
            Assert.True(place.LockHolder == 0 || room.Find(place.LockHolder) is not null, "Locked by nobody that is here.");
        }

        return $"{world.AttributeCount} {world.StateBytes} {world.RestrictedCount}";
    }

    private static ObjectFlags FlagsOf(RoomObject place) =>
        place.Flags | (place.LockHolder != 0 ? ObjectFlags.Locked : 0) | (place.AwaitedParent is not null ? ObjectFlags.ParentByName : 0);

    private static bool Sees(Room room, Member member, StoredAttribute attribute)
    {
        Access readers = attribute.Terms.Readers;
        bool owns = attribute.Target.Kind switch
        {
            TargetKind.Room => (room.Roles[member.Role].Permissions & RoomPermissions.SetRoomAttributes) != 0,
            TargetKind.Object => room.World.Objects[attribute.Target.Object].Owner == member.Id,
            _ => attribute.Target.Member == member.Id,
        };
        return readers.Kind == AccessKind.Everyone ||
            (readers.Kind == AccessKind.Owner && owns) ||
            (readers.Kind == AccessKind.Member && readers.Argument == member.Id) ||
            (readers.Kind == AccessKind.Roles && (readers.Argument & (1u << member.Role)) != 0);
    }
}
