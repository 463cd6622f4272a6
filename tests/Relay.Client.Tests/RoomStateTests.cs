using System.Globalization;
using Relay.Client.Tests.Kit;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §6.4 and §11.8.</summary>
public sealed class RoomStateTests
{
    private static readonly byte[] One = [1], Two = [2], Nothing = [], Map = [0x81, 0xA1, (byte)'a', 1], PathA = [0xA1, (byte)'a'];
    private static readonly byte[] PathBC = [0xA1, (byte)'b', 0xA1, (byte)'c'];

    private readonly RoomView _view = new();

    public RoomStateTests()
    {
        Assert.Equal(ReadStatus.Ok, Joined.TryRead(Frames.Joined(1).AsSpan(FrameHeader.Size), out Joined joined));
        _view.Reset(new RoomInfo(joined));
        Presence(Frames.Snapshot((7, 3, "Ada"), (8, 0, "Ben")));
    }

    private RoomState State => _view.State;

    [Fact]
    public void Joined_tells_limits_and_roles()
    {
        RoomInfo room = _view.Room!;
        Assert.Equal((1000U, 4096U), (room.MaxObjects, room.MaxValue));
        Assert.Equal([new RoomRole("guest", 0), new RoomRole("member", (RoomPermissions)247)], room.Roles);
    }

    [Fact]
    public void Standing_changes_role_and_standing_of_a_member_and_nothing_else()
    {
        Batch(Frames.Batch(1, (0, 1.5)));
        Presence(Frames.Standing(8, role: 1, MemberStanding.Muted));
        Assert.True(_view.TryGetMember(8, out RoomMember ben));
        Assert.Equal(("Ben", (byte)1, MemberStanding.Muted, 0U), (ben.Name, ben.Role, ben.Standing, ben.Slot));
        Assert.Equal(1.5, ben.Transform!.Value.X, 6);

        // Nobody arrives by it.
        Presence(Frames.Standing(99, role: 1, MemberStanding.Lobby));
        Assert.Equal(2, _view.Count);
        Assert.False(_view.TryGetMember(99, out _));
    }

    [Fact]
    public void An_object_is_told_whole_and_found_by_id_by_name_and_under_its_parent()
    {
        Tell(() => Frames.Object(4, name: "table"));
        Tell(() => Frames.Object(
            5, parent: 4, owner: 8, name: "lamp", flags: ObjectFlags.Placed | ObjectFlags.Locked, slot: 6, generation: 2, holder: 7));
        Assert.True(State.TryFindObject("lamp", out RoomObject lamp));
        ObjectFlags flags = ObjectFlags.Placed | ObjectFlags.Locked;
        Assert.Equal(new RoomObject(5, 4, 8, 8, 7, flags, 6, 2, "thing", "lamp", ""), lamp);
        Assert.Equal([5U], Ids(State.ChildrenOf(4)));
        Assert.Equal([4U], Ids(State.ChildrenOf(0)));
        Assert.Equal([4U, 5], Ids(State.Objects()));

        // As it is from now on: moved, renamed, unlocked.
        Tell(() => Frames.Object(5, owner: 8, name: "light", flags: ObjectFlags.ParentByName, awaited: "desk"));
        Assert.False(State.TryFindObject("lamp", out _));
        Assert.True(State.TryFindObject("light", out lamp));
        Assert.Equal(("desk", 0U, 0U), (lamp.AwaitedParent, lamp.LockHolder, lamp.Parent));
        Assert.Empty(State.ChildrenOf(4));
        Assert.Equal([4U, 5], Ids(State.ChildrenOf(0)));
        Assert.Equal(2, State.ObjectCount);
    }

    [Fact]
    public void Names_that_change_places_are_found_where_they_are()
    {
        Tell(() => Frames.Object(4, name: "a"));
        Tell(() => Frames.Object(5, name: "b"));
        Tell(() => Frames.Object(4));
        Tell(() => Frames.Object(5, name: "a"));
        Tell(() => Frames.Object(4, name: "b"));
        Assert.True(State.TryFindObject("a", out RoomObject a));
        Assert.True(State.TryFindObject("b", out RoomObject b));
        Assert.Equal((5U, 4U), (a.Id, b.Id));
        Assert.False(State.TryFindObject("", out _));
    }

    [Fact]
    public void Removing_an_object_takes_what_is_under_it_their_attributes_and_their_places()
    {
        Tell(() => Frames.Object(4, name: "table"));
        Tell(() => Frames.Object(5, parent: 4, name: "board", flags: ObjectFlags.Placed, slot: 6));
        Tell(() => Frames.Object(6, parent: 5, name: "king"));
        Tell(() => Frames.Object(9, name: "door"));
        foreach (uint id in (uint[])[4, 6, 9])
        {
            Tell(() => Frames.Attribute(AttributeTarget.OfObject(id), "colour", One));
            Tell(() => Frames.Attribute(AttributeTarget.OfObjectMember(id, 8), "vote", One));
        }

        Batch(Frames.Batch(1, (6, 1.5)));
        Tell(() => Frames.Removed(4));
        Assert.Equal([9U], Ids(State.Objects()));
        Assert.Equal(2, State.AttributeCount);
        Assert.All(State.Attributes(), attribute => Assert.Equal(9U, attribute.Target.Object));
        Assert.False(State.TryFindObject("king", out _));
        Assert.Empty(State.ChildrenOf(4));

        // The slot is another's, which has no place yet.
        Tell(() => Frames.Object(10, flags: ObjectFlags.Placed, slot: 6, generation: 2));
        Assert.False(State.TryGetTransform(10, out _));
    }

    [Fact]
    public void A_placed_object_is_where_batches_say()
    {
        Tell(() => Frames.Object(4, flags: ObjectFlags.Placed, slot: 6));
        Assert.False(State.TryGetTransform(4, out _));
        Batch(Frames.Batch(1, (0, 1.0), (6, 2.5)));
        Assert.Equal(2.5, X(4)!.Value, 6);
        Assert.True(State.TryGetExtension(4, out TransformExtension extension, out uint sampled));
        Assert.Equal((TransformFlags.None, 1000U), (extension.Flags, sampled));

        // Whatever else changes, it stays where it is.
        Tell(() => Frames.Object(4, owner: 8, name: "x", flags: ObjectFlags.Placed, slot: 6));
        Assert.Equal(2.5, X(4)!.Value, 6);
        Batch(Frames.Batch(2, BatchFlags.None, [6]));
        Assert.Null(X(4));
        Tell(() => Frames.Object(5));
        Assert.False(State.TryGetTransform(5, out _) || State.TryGetExtension(5, out _, out _));
    }

    [Fact]
    public void A_slot_that_goes_from_a_member_to_an_object_shows_neither_the_others_place()
    {
        Batch(Frames.Batch(1, (0, 1.0)));
        Presence(Frames.Departure(8));
        Tell(() => Frames.Object(8, flags: ObjectFlags.Placed, slot: 0, generation: 2));
        Assert.Null(X(8));
        Batch(Frames.Batch(2, (0, 2.0)));
        Assert.Equal(2.0, X(8)!.Value, 6);
        Tell(() => Frames.Removed(8));
        Presence(Frames.Arrival(8, slot: 0, generation: 3, "Cy"));
        Assert.False(_view.TryGetTransform(8, out _));
    }

    [Fact]
    public void Places_of_those_that_stay_outlast_a_snapshot()
    {
        Tell(() => Frames.Object(4, flags: ObjectFlags.Placed, slot: 6));
        Tell(() => Frames.Object(5, flags: ObjectFlags.Placed, slot: 7));
        Batch(Frames.Batch(1, (6, 1.0), (7, 2.0)));
        Presence(Frames.SnapshotPart(PresenceFlags.First | PresenceFlags.StateFollows, (7, 3, "Ada")));
        Apply(Frames.StatePart(isLast: false, () => Frames.Object(4, flags: ObjectFlags.Placed, slot: 6)));
        Apply(Frames.StatePart(isLast: true, () => Frames.Object(11, flags: ObjectFlags.Placed, slot: 7, generation: 2)));
        Assert.Equal(1.0, X(4)!.Value, 6);
        Assert.Null(X(11));
    }

    [Fact]
    public void An_attribute_is_set_merged_and_removed()
    {
        AttributeTarget room = AttributeTarget.OfRoom();
        Tell(() => Frames.Attribute(room, "map", Map, version: 10));
        Assert.True(State.TryGetAttribute(room, "map", out RoomAttribute before));
        Assert.Equal((10UL, 7U, AttributeTerms.Default), (before.Version, before.Author, before.Terms));
        Tell(() => Frames.Merged(room, "map", PathBC, Two, version: 11, author: 8));
        Assert.True(State.TryGetAttribute(room, "map", out RoomAttribute after));
        Assert.Equal([0x82, 0xA1, (byte)'a', 1, 0xA1, (byte)'b', 0x81, 0xA1, (byte)'c', 2], after.Value.ToArray());
        Assert.Equal((11UL, 8U, AttributeTerms.Default), (after.Version, after.Author, after.Terms));
        Tell(() => Frames.Merged(room, "map", PathA, Nothing, version: 12));
        Assert.True(State.TryGetAttribute(room, "map", out after));
        Assert.Equal([0x81, 0xA1, (byte)'b', 0x81, 0xA1, (byte)'c', 2], after.Value.ToArray());

        // What was handed out is as it was.
        Assert.Equal(Map, before.Value.ToArray());
        Tell(() => Frames.Gone(room, "map"));
        Assert.False(State.TryGetAttribute(room, "map", out _));
        Assert.Equal(0, State.AttributeCount);
    }

    [Fact]
    public void Attributes_of_a_target_are_listed_by_key()
    {
        Tell(() => Frames.Object(4));
        Tell(() => Frames.Attribute(AttributeTarget.OfObject(4), "a", One));
        Tell(() => Frames.Attribute(AttributeTarget.OfObject(4), "b", One));
        Tell(() => Frames.Attribute(AttributeTarget.OfObject(4), "a", Two));
        Tell(() => Frames.Attribute(AttributeTarget.OfRoom(), "a", One));
        Assert.Equal(
            ["a 02", "b 01"],
            State.AttributesOf(AttributeTarget.OfObject(4)).Select(one => $"{one.Key} {Convert.ToHexString(one.Value.Span)}").Order());
        Assert.Equal(3, State.AttributeCount);
        Assert.Empty(State.AttributesOf(AttributeTarget.OfObject(5)));
    }

    [Fact]
    public void A_member_that_leaves_takes_its_attributes_with_it()
    {
        Tell(() => Frames.Object(4));
        Tell(() => Frames.Attribute(AttributeTarget.OfMember(8), "hand", One));
        Tell(() => Frames.Attribute(AttributeTarget.OfObjectMember(4, 8), "vote", One));
        Tell(() => Frames.Attribute(AttributeTarget.OfObjectMember(4, 7), "vote", One));
        Tell(() => Frames.Attribute(AttributeTarget.OfMember(7), "hand", One));
        Presence(Frames.Departure(8));
        Assert.Equal(2, State.AttributeCount);
        Assert.All(State.Attributes(), attribute => Assert.Equal(7U, attribute.Target.Member));
        Assert.Equal(1, State.ObjectCount);
    }

    [Fact]
    public void A_snapshot_in_parts_forgets_with_the_first_and_is_whole_with_the_last()
    {
        Assert.True(_view.IsWhole);
        Tell(() => Frames.Object(4, name: "table"));
        Tell(() => Frames.Attribute(AttributeTarget.OfRoom(), "topic", One));
        Presence(Frames.SnapshotPart(PresenceFlags.First, (7, 3, "Ada")));
        Assert.Equal((0, 0, 1, false), (State.ObjectCount, State.AttributeCount, _view.Count, _view.IsWhole));
        Presence(Frames.SnapshotPart(PresenceFlags.StateFollows, (8, 0, "Ben")));
        Assert.False(_view.IsWhole);
        Apply(Frames.StatePart(isLast: false, () => Frames.Object(5)));
        Assert.False(_view.IsWhole);
        Apply(Frames.StatePart(isLast: true, () => Frames.Attribute(AttributeTarget.OfMember(8), "hand", Two)));
        Assert.Equal((1, 1, 2, true), (State.ObjectCount, State.AttributeCount, _view.Count, _view.IsWhole));
        _view.Reset(null);
        Assert.Equal((0, 0, false), (State.ObjectCount, State.AttributeCount, _view.IsWhole));
    }

    [Fact]
    public void What_no_server_would_send_is_left_out()
    {
        // No object, nobody there, nothing to merge into, nothing to remove, the root.
        Tell(() => Frames.Object(0, name: "root"));
        Tell(() => Frames.Attribute(AttributeTarget.OfObject(44), "a", One));
        Tell(() => Frames.Attribute(AttributeTarget.OfMember(44), "a", One));
        Tell(() => Frames.Attribute(AttributeTarget.OfObjectMember(44, 8), "a", One));
        Tell(() => Frames.Merged(AttributeTarget.OfRoom(), "a", PathA, One));
        Tell(() => Frames.Gone(AttributeTarget.OfRoom(), "a"));
        Tell(() => Frames.Removed(44));
        Tell(() => Frames.Removed(0));
        Assert.Equal((0, 0), (State.ObjectCount, State.AttributeCount));

        // Not a map, not MessagePack, not a path.
        foreach (byte[] value in (byte[][])[One, Nothing, [0xC1], [0x81, 0xA1]])
        {
            Tell(() => Frames.Attribute(AttributeTarget.OfRoom(), "a", value));
            Tell(() => Frames.Merged(AttributeTarget.OfRoom(), "a", PathA, One));
            Tell(() => Frames.Merged(AttributeTarget.OfRoom(), "a", PathA, Nothing));
            Assert.True(State.TryGetAttribute(AttributeTarget.OfRoom(), "a", out RoomAttribute kept));
            Assert.Equal(value, kept.Value.ToArray());
        }

        Tell(() => Frames.Attribute(AttributeTarget.OfRoom(), "a", Map));
        Tell(() => Frames.Merged(AttributeTarget.OfRoom(), "a", [0xC0], One));
        Tell(() => Frames.Merged(AttributeTarget.OfRoom(), "a", Nothing, One));
        Tell(() => Frames.Merged(AttributeTarget.OfRoom(), "a", PathA, [0xC1]));
        Assert.True(State.TryGetAttribute(AttributeTarget.OfRoom(), "a", out RoomAttribute map));
        Assert.Equal(Map, map.Value.ToArray());
    }

    [Fact]
    public void Circles_strangers_and_slots_beyond_belief_end_with_their_objects()
    {
        Tell(() => Frames.Object(1, parent: 3));
        Tell(() => Frames.Object(2, parent: 1));
        Tell(() => Frames.Object(3, parent: 2));
        Tell(() => Frames.Object(4, parent: 4));
        Tell(() => Frames.Object(5, parent: 99, flags: ObjectFlags.Placed, slot: uint.MaxValue));
        Tell(() => Frames.Object(6, flags: ObjectFlags.Placed, slot: 3));
        Assert.False(State.TryGetTransform(5, out _));
        Tell(() => Frames.Removed(2));
        Assert.Equal([4U, 5, 6], Ids(State.Objects()));
        Tell(() => Frames.Removed(4));
        Tell(() => Frames.Removed(5));
        Tell(() => Frames.Removed(6));
        Assert.Equal(0, State.ObjectCount);
        Assert.All((uint[])[0, 1, 2, 3, 4, 99], parent => Assert.Empty(State.ChildrenOf(parent)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Whatever_comes_nothing_throws_and_everything_goes_with_the_next_snapshot(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++)
        {
            uint id = (uint)random.Next(12);
            var target = new AttributeTarget((TargetKind)random.Next(4), (uint)random.Next(12), (uint)random.Next(12));
            target = target.Kind switch
            {
                TargetKind.Room => default,
                TargetKind.Object => AttributeTarget.OfObject(target.Object),
                TargetKind.Member => AttributeTarget.OfMember(target.Member),
                _ => target,
            };
            byte[] value = [.. Enumerable.Range(0, random.Next(4)).Select(_ => (byte)random.Next(256))];
            string key = random.Next(3).ToString(CultureInfo.InvariantCulture);
            switch (random.Next(9))
            {
                case 0 or 1:
                    Tell(() => Frames.Object(
                        id,
                        (uint)random.Next(12),
                        name: key,
                        flags: (ObjectFlags)random.Next(32),
                        slot: (uint)random.Next(8),
                        awaited: key));
                    break;
                case 2:
                    Tell(() => Frames.Removed(id));
                    break;
                case 3:
                    Tell(() => Frames.Attribute(target, key, random.Next(2) == 0 ? Map : value));
                    break;
                case 4 or 5:
                    Tell(() => Frames.Merged(target, key, random.Next(2) == 0 ? PathBC : value, random.Next(2) == 0 ? One : value));
                    break;
                case 6:
                    Tell(() => Frames.Gone(target, key));
                    break;
                case 7:
                    Presence(random.Next(2) == 0 ? Frames.Arrival(id, (uint)random.Next(8), 1, key) : Frames.Departure(id));
                    break;
                default:
                    Batch(Frames.Batch(1, ((uint)random.Next(8), 1.0)));
                    break;
            }

            // What the lists tell is what there is.
            IReadOnlyList<RoomObject> all = State.Objects();
            Assert.Equal(all.Count, all.Select(one => one.Parent).Distinct().Sum(parent => State.ChildrenOf(parent).Count));
            Assert.Equal(State.AttributeCount, State.Attributes().Count);
            Assert.All(State.Attributes(), one => Assert.True(one.Target.Object == 0 || State.TryGetObject(one.Target.Object, out _)));
            Assert.All(State.Attributes(), one => Assert.True(one.Target.Member == 0 || _view.TryGetMember(one.Target.Member, out _)));
        }

        Presence(Frames.Snapshot((7, 3, "Ada")));
        Assert.Equal((0, 0, 1), (State.ObjectCount, State.AttributeCount, _view.Count));
        Assert.All(Enumerable.Range(0, 12), parent => Assert.Empty(State.ChildrenOf((uint)parent)));
    }

    private static IEnumerable<uint> Ids(IEnumerable<RoomObject> objects) => objects.Select(one => one.Id).Order();

    private double? X(uint id) => State.TryGetTransform(id, out Transform transform) ? transform.X : null;

    private void Tell(Frames.StateEntryAction entry) => Apply(Frames.State(entry));

    private void Apply(byte[] frame)
    {
        Assert.Equal(ReadStatus.Ok, Protocol.Messages.State.TryRead(frame.AsSpan(FrameHeader.Size), out State state));
        _view.Apply(ref state);
    }

    private void Presence(byte[] frame)
    {
        Assert.Equal(ReadStatus.Ok, Protocol.Messages.Presence.TryRead(frame.AsSpan(FrameHeader.Size), out Presence presence));
        _view.Apply(ref presence);
    }

    private void Batch(byte[] frame)
    {
        Assert.Equal(ReadStatus.Ok, TransformBatch.TryRead(frame.AsSpan(FrameHeader.Size), Frames.Space, out TransformBatch batch));
        if (!_view.Apply(ref batch))
        {
            Assert.Fail("The batch was refused.");
        }
    }
}
