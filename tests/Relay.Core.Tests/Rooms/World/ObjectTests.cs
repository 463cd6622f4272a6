using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>Objects: made, changed, moved in the tree, removed, copied; and whatever of that must not be, leaves no trace.
/// protocol-spec.md §11.1 and §11.3.</summary>
public sealed class ObjectTests : StateTest
{
    private const ObjectFlags Placed = ObjectFlags.Persistent | ObjectFlags.Placed;

    [Fact]
    public void Create_atTheRoot_isToldWholeToEverybody()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint made = Must(anna, anna.Create("table", flags: ObjectFlags.Persistent | ObjectFlags.Fixed, type: "furniture"));

        RoomMirror.ObjectFacts table = Assert.Single(ben.Mirror.Objects).Value;
        Assert.Equal(
            new RoomMirror.ObjectFacts(
                0, Id(anna), Id(anna), 0, ObjectFlags.Persistent | ObjectFlags.Fixed, 0, 0, "furniture", "table", ""),
            table);
        Assert.Equal(made, Assert.Single(ben.Mirror.Objects).Key);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Create_withAttributes_appearsInOneMessage()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        int before = ben.Changes;
        Must(anna, anna.Create("table", attributes: [("a", AttributeTerms.Default, [1]), ("b", AttributeTerms.Default, [2])]));

        Assert.Equal(before + 1, ben.Changes);
        Assert.Equal(["object 1", "attribute a", "attribute b"], ben.StateLog);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Create_underAParent_byIdAndByName()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint table = Must(anna, anna.Create("table"));
        uint byId = Must(ben, ben.Create("lamp", table));
        uint byName = Must(ben, ben.Create("cup", parentName: "table"));

        Assert.Equal(table, anna.Mirror.Objects[byId].Parent);
        Assert.Equal(table, anna.Mirror.Objects[byName].Parent);
        Assert.Equal(ObjectFlags.Persistent, anna.Mirror.Objects[byName].Flags);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Create_underANameThatComesLater_waitsAtTheRootAndMovesIn()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint lamp = Must(anna, anna.Create("lamp", parentName: "table"));
        uint cup = Must(ben, ben.Create("cup", parentName: "table"));
        Assert.Equal((0u, "table"), (ben.Mirror.Objects[lamp].Parent, ben.Mirror.Objects[lamp].AwaitedParent));
        Assert.True(ben.Mirror.Objects[lamp].Flags.HasFlag(ObjectFlags.ParentByName));
        SimulatedClient late = Enter("Late");
        Assert.Equal("table", late.Mirror.Objects[cup].AwaitedParent);

        uint table = Must(ben, ben.Create("table"));

        Assert.Equal((table, ""), (ben.Mirror.Objects[lamp].Parent, ben.Mirror.Objects[lamp].AwaitedParent));
        Assert.False(ben.Mirror.Objects[lamp].Flags.HasFlag(ObjectFlags.ParentByName));
        Assert.Equal(table, late.Mirror.Objects[cup].Parent);
        AssertAllSeeTheTruth();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WaitingChild_movesIn_whenARenameOrACopyBringsTheName(bool rename)
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint desk = Must(anna, anna.Create("desk"));
        uint lamp = Must(ben, ben.Create("lamp", parentName: "table"));
        uint table = rename ? desk : 0;
        uint answer = Must(anna, rename ? anna.Update(desk, name: "table") : anna.Clone(desk, name: "table"));
        table = rename ? table : answer;

        Assert.Equal(table, ben.Mirror.Objects[lamp].Parent);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void WaitingChild_givenAParent_waitsNoMore()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint shelf = Must(anna, anna.Create("shelf"));
        uint lamp = Must(anna, anna.Create("lamp", parentName: "table"));
        uint cup = Must(anna, anna.Create("cup", parentName: "table"));
        Must(anna, anna.Update(lamp, parent: shelf));
        Must(anna, anna.Update(cup, parent: 0));
        Assert.Equal("", ben.Mirror.Objects[cup].AwaitedParent);
        Must(anna, anna.Create("table"));

        Assert.Equal(shelf, ben.Mirror.Objects[lamp].Parent);
        Assert.Equal(0u, ben.Mirror.Objects[cup].Parent);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void WaitingChild_removed_isNotWaitedForAnyMore()
    {
        (SimulatedClient anna, _) = Two();
        uint lamp = Must(anna, anna.Create("lamp", parentName: "table"));
        Must(anna, anna.Remove(lamp));
        uint table = Must(anna, anna.Create("table"));

        Assert.Equal(table, Assert.Single(anna.Mirror.Objects).Key);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void WaitingChild_thatCannotMoveIn_waitsOn()
    {
        Options = new RoomOptions { MaxTreeDepth = 2 };
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint lamp = Must(anna, anna.Create("lamp", parentName: "lamp"));
        uint top = Must(anna, anna.Create("top", parentName: "table"));
        uint under = Must(anna, anna.Create("", top));
        uint table = Must(anna, anna.Create("table"));
        Assert.Equal("lamp", ben.Mirror.Objects[lamp].AwaitedParent);
        Assert.Equal("table", ben.Mirror.Objects[top].AwaitedParent);

        // Once it fits, the next object of that name takes it in.
        Must(anna, anna.Remove(under));
        Must(anna, anna.Update(table, name: "other"));
        Must(anna, anna.Update(table, name: "table"));
        Assert.Equal(table, ben.Mirror.Objects[top].Parent);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Update_changesTheFieldsThatItNames_andNoOthers()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint table = Must(anna, anna.Create("table", flags: Placed, place: Place(RoomSpace.Default, 5)));
        RoomMirror.ObjectFacts facts = ben.Mirror.Objects[table];

        Must(anna, anna.Update(table, type: "desk"));
        Assert.Equal(facts = facts with { Type = "desk" }, ben.Mirror.Objects[table]);
        Must(anna, anna.Update(table, name: "mine"));
        Assert.Equal(facts = facts with { Name = "mine" }, ben.Mirror.Objects[table]);
        Must(anna, anna.Update(table, flags: ObjectFlags.Fixed));
        Assert.Equal(facts = facts with { Flags = ObjectFlags.Fixed | ObjectFlags.Placed }, ben.Mirror.Objects[table]);
        Must(anna, anna.Update(table, flags: ObjectFlags.Persistent));
        Assert.Equal(facts = facts with { Flags = Placed }, ben.Mirror.Objects[table]);
        uint house = Must(anna, anna.Create("house"));
        Must(anna, anna.Update(table, parent: house, type: "a", name: "", flags: ObjectFlags.None));
        Assert.Equal(facts with { Parent = house, Type = "a", Name = "", Flags = ObjectFlags.Placed }, ben.Mirror.Objects[table]);
        Assert.Contains(facts.Slot, ben.Values.Keys);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Update_parent_movesTheSubtree()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint[] chain = Chain(anna, 4);
        uint other = Must(anna, anna.Create("other"));
        Must(anna, anna.Update(chain[1], parent: other));
        Must(anna, anna.Remove(chain[0]));

        Assert.Equal([chain[1], chain[2], chain[3], other], ben.Mirror.Objects.Keys.Order());
        Must(anna, anna.Update(chain[1], parent: 0));
        Must(anna, anna.Remove(other));
        Assert.Equal([chain[1], chain[2], chain[3]], ben.Mirror.Objects.Keys.Order());
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Update_underItself_isACycle()
    {
        (SimulatedClient anna, _) = Two();
        uint[] chain = Chain(anna, 3);

        MustNot(anna, () => anna.Update(chain[0], parent: chain[0]), CloseCode.Cycle, 0, chain[0]);
        MustNot(anna, () => anna.Update(chain[0], parent: chain[2], name: "new", type: "new"), CloseCode.Cycle, 0, chain[2]);
    }

    [Fact]
    public void Tree_deeperThanTheLimit_isRefused()
    {
        (SimulatedClient anna, _) = Two();
        uint[] chain = Chain(anna, 32);
        uint top = Must(anna, anna.Create("top"));
        Must(anna, anna.Create("under", top));

        MustNot(anna, () => anna.Create("deep", chain[31]), CloseCode.TooDeep, 32, 33);
        MustNot(anna, () => anna.Create("deep", parentName: "31"), CloseCode.TooDeep, 32, 33);
        MustNot(anna, () => anna.Update(top, parent: chain[30]), CloseCode.TooDeep, 32, 33);
        MustNot(anna, () => anna.Clone(top, chain[31]), CloseCode.TooDeep, 32, 34);
        Must(anna, anna.Update(top, parent: chain[29]));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Name_taken_isRefusedWithTheOther()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint table = Must(anna, anna.Create("table"));
        uint lamp = Must(ben, ben.Create("lamp"));

        MustNot(ben, () => ben.Create("table"), CloseCode.NameTaken, 0, table);
        MustNot(ben, () => ben.Update(lamp, name: "table", type: "new"), CloseCode.NameTaken, 0, table);
        MustNot(ben, () => ben.Clone(lamp, name: "table"), CloseCode.NameTaken, 0, table);
        Must(anna, anna.Update(table, name: "table"));
        Must(anna, anna.Update(table, name: "desk"));
        Must(ben, ben.Update(lamp, name: "table"));
        Must(anna, anna.Remove(table));
        Must(anna, anna.Create("desk"));
        Must(anna, anna.Create(""));
        Must(anna, anna.Create(""));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Object_orParentThatIsNotThere_isNotFound()
    {
        (SimulatedClient anna, _) = Two();
        uint table = Must(anna, anna.Create("table"));
        uint gone = Must(anna, anna.Create("gone"));
        Must(anna, anna.Remove(gone));

        MustNot(anna, () => anna.Create("new", 99), CloseCode.NotFound, 0, 99);
        MustNot(anna, () => anna.Create("new", gone), CloseCode.NotFound, 0, gone);
        MustNot(anna, () => anna.Update(gone, name: "x"), CloseCode.NotFound, 0, gone);
        MustNot(anna, () => anna.Update(table, parent: 99), CloseCode.NotFound, 0, 99);
        MustNot(anna, () => anna.Remove(0), CloseCode.NotFound, 0, 0);
        MustNot(anna, () => anna.Clone(99), CloseCode.NotFound, 0, 99);
        MustNot(anna, () => anna.Clone(table, gone), CloseCode.NotFound, 0, gone);
        MustNot(anna, () => anna.Claim(99, ClaimAction.Lock), CloseCode.NotFound, 0, 99);
        Assert.Equal(gone + 1, Must(anna, anna.Create("")));
    }

    [Fact]
    public void Remove_takesTheSubtreeWithItsAttributes_inOneEntry()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint[] chain = Chain(anna, 5);
        var ephemeral = AttributeTerms.Default with { Flags = AttributeFlags.Ephemeral };
        Must(anna, anna.Set(OfObject(chain[1]), "a", [1], ephemeral));
        Must(ben, ben.Set(AttributeTarget.OfObjectMember(chain[4], Id(ben)), "vote", [2], ephemeral));
        Must(ben, ben.Set(AttributeTarget.OfMember(Id(ben)), "hat", [3]));
        ben.StateLog.Clear();
        Must(anna, anna.Remove(chain[1]));

        Assert.Equal([$"removed {chain[1]}"], ben.StateLog);
        Assert.Equal(chain[0], Assert.Single(ben.Mirror.Objects).Key);
        Assert.Equal("hat", Assert.Single(ben.Mirror.Attributes).Key.Key);
        AssertAllSeeTheTruth();

        // What was in it is free again, and who wrote in it leaves in peace.
        Must(anna, anna.Create("3"));
        ben.Leave();
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void PlacedObject_isTakenOutOfBatches_andItsSlotGoesToAnotherGeneration()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint ball = Must(anna, anna.Create("ball", flags: Placed, place: Place(RoomSpace.Default, 77)));
        RoomMirror.ObjectFacts first = ben.Mirror.Objects[ball];
        Assert.Equal(RoomSpace.Default.Pack(77, 1, 2, SmallestThree.Identity), ben.Values[first.Slot]);
        Must(anna, anna.Remove(ball));
        Assert.Empty(ben.Values);

        uint next = Must(ben, ben.Create("next", flags: Placed));
        RoomMirror.ObjectFacts second = ben.Mirror.Objects[next];
        Assert.Equal(first.Slot, second.Slot);
        Assert.NotEqual(first.Generation, second.Generation);

        // Under way when the slot changed hands: dropped, and not a word about it.
        anna.MoveObject(first.Slot, first.Generation, 5, Simulation.Now);
        ben.MoveObject(first.Slot, first.Generation, 6, Simulation.Now);
        Settle();
        Assert.Empty(ben.Values);
        Assert.Empty(anna.Refusals);
        Assert.Empty(ben.Refusals);

        Must(ben, ben.Remove(next));
        ben.MoveObject(second.Slot, second.Generation, 7, Simulation.Now);
        Settle();
        Assert.Empty(ben.Values);
        Assert.Empty(ben.Refusals);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void PlacedObject_isNotMovedByOthers_andTheyAreToldOnceASecond()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        SimulatedClient mod = Enter("Mod", "moderator");
        uint ball = Must(anna, anna.Create("ball", flags: Placed));
        (uint slot, byte generation) = (ben.Mirror.Objects[ball].Slot, ben.Mirror.Objects[ball].Generation);
        for (int i = 0; i < 15; i++)
        {
            ben.MoveObject(slot, generation, 5, Simulation.Now);
            mod.MoveObject(anna.Seat!.Slot, anna.Seat.Generation, 5, Simulation.Now);
            Simulation.Run(100);
        }

        Assert.Equal(2, ben.Refusals.Count);
        Assert.All(ben.Refusals, refusal => Assert.Equal((CloseCode.NotOwner, 0d, slot), (refusal.Code, refusal.Limit, refusal.Value)));
        Assert.All(mod.Refusals, refusal => Assert.Equal((CloseCode.NotOwner, anna.Seat!.Slot), (refusal.Code, refusal.Value)));
        Assert.Empty(anna.Values);
    }

    [Fact]
    public void PlacedObject_lockedByItsOwner_orOwnerless_movesForTheHolderAlone()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint ball = Must(anna, anna.Create("ball", flags: Placed));
        (uint slot, byte generation) = (ben.Mirror.Objects[ball].Slot, ben.Mirror.Objects[ball].Generation);
        Must(anna, anna.Claim(ball, ClaimAction.Release));
        anna.MoveObject(slot, generation, 4, Simulation.Now);
        Settle();
        Assert.Empty(ben.Values);
        Assert.Equal(CloseCode.NotOwner, Assert.Single(anna.Refusals).Code);

        Must(ben, ben.Claim(ball, ClaimAction.Lock));
        ben.MoveObject(slot, generation, 6, Simulation.Now);
        Settle();
        Assert.Equal(6u, RoomSpace.Default.UnpackSteps(anna.Values[slot]).X);
    }

    [Fact]
    public void Clone_copiesTheSubtree_withPlacesAndWhatIsCloneable()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        var cloneable = new AttributeTerms(AttributeFlags.Cloneable, new Access(AccessKind.Everyone), new Access(AccessKind.Roles, 6));
        uint table = Must(
            anna, anna.Create("table", type: "furniture", flags: ObjectFlags.Fixed | Placed, place: Place(RoomSpace.Default, 77)));
        uint cup = Must(anna, anna.Create("cup", table, type: "dish", flags: ObjectFlags.None));
        Must(anna, anna.Set(OfObject(cup), "kept", [7], cloneable));
        Must(anna, anna.Set(OfObject(cup), "left", [8]));
        Must(anna, anna.Set(AttributeTarget.OfObjectMember(cup, Id(anna)), "vote", [9], cloneable));
        Must(anna, anna.Claim(table, ClaimAction.Lock));
        uint house = Must(anna, anna.Create("house"));
        uint copy = Must(ben, ben.Clone(table, house, "second"));

        RoomMirror.ObjectFacts top = anna.Mirror.Objects[copy];
        Assert.Equal(
            (house, Id(ben), Id(ben), 0u, ObjectFlags.Fixed | Placed, "furniture", "second"),
            (top.Parent, top.Owner, top.Creator, top.LockHolder, top.Flags, top.Type, top.Name));
        Assert.NotEqual(anna.Mirror.Objects[table].Slot, top.Slot);
        Assert.Equal(anna.Values[anna.Mirror.Objects[table].Slot], anna.Values[top.Slot]);
        (uint underId, RoomMirror.ObjectFacts under) = Assert.Single(anna.Mirror.Objects, pair => pair.Value.Parent == copy);
        Assert.Equal((ObjectFlags.None, "dish", ""), (under.Flags, under.Type, under.Name));
        ((AttributeTarget target, string key), RoomMirror.AttributeFacts kept) =
            Assert.Single(anna.Mirror.Attributes, pair => pair.Key.Target.Object is var of && (of == copy || of == underId));
        Assert.Equal((OfObject(underId), "kept", "07", cloneable, Id(ben)), (target, key, kept.Value, kept.Terms, kept.Author));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Clone_intoItself_copiesWhatWasThere()
    {
        (SimulatedClient anna, _) = Two();
        uint[] chain = Chain(anna, 3);
        Must(anna, anna.Clone(chain[0], chain[2]));
        Assert.Equal(6, anna.Mirror.Objects.Count);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Clone_doesNotCopyWhatTheClonerMayNotSee()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint box = Must(anna, anna.Create("box"));
        Must(anna, anna.Set(OfObject(box), "secret", [7], new(AttributeFlags.Cloneable, new(AccessKind.Owner), new(AccessKind.Owner))));
        Must(anna, anna.Set(OfObject(box), "open", [8], new(AttributeFlags.Cloneable, new(AccessKind.Everyone), new(AccessKind.Owner))));
        Must(ben, ben.Clone(box));
        Must(anna, anna.Clone(box));

        Assert.DoesNotContain(ben.Mirror.Attributes, pair => pair.Key.Key == "secret");
        Assert.Equal(2, anna.Mirror.Attributes.Count(pair => pair.Key.Key == "secret"));
        Assert.Equal(3, anna.Mirror.Attributes.Count(pair => pair.Key.Key == "open"));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Clone_ofWhatIsPersistent_needsPin()
    {
        Options.Roles.Add(new RoomRole { Name = "builder", Permissions = RoomPermissions.CreateObjects });
        Options.Roles.Add(new RoomRole { Name = "member", Permissions = (RoomPermissions)0xFF });
        (SimulatedClient anna, _) = Two();
        SimulatedClient builder = Enter("Bob", "builder");
        uint box = Must(anna, anna.Create("box"));
        uint tray = Must(anna, anna.Create("tray", flags: ObjectFlags.None));
        const AttributeFlags Both = AttributeFlags.Persistent | AttributeFlags.Cloneable;
        Must(anna, anna.Set(OfObject(tray), "a", [7], AttributeTerms.Default with { Flags = Both }));
        uint cup = Must(anna, anna.Create("cup", flags: ObjectFlags.None));
        Must(anna, anna.Set(OfObject(cup), "a", [7], AttributeTerms.Default with { Flags = AttributeFlags.Persistent }));

        MustNot(builder, () => builder.Clone(box), CloseCode.Forbidden, (uint)RoomPermissions.Pin, (uint)RoomPermissions.CreateObjects);
        MustNot(builder, () => builder.Clone(tray), CloseCode.Forbidden, (uint)RoomPermissions.Pin, (uint)RoomPermissions.CreateObjects);
        MustNot(builder, () => builder.Create("new"), CloseCode.Forbidden, (uint)RoomPermissions.Pin, (uint)RoomPermissions.CreateObjects);
        Must(builder, builder.Clone(cup));
        Must(builder, builder.Create("new", flags: ObjectFlags.None));
        uint mine = Must(builder, builder.Create("mine", flags: ObjectFlags.None));
        MustNot(
            builder,
            () => builder.Update(mine, flags: ObjectFlags.Persistent),
            CloseCode.Forbidden,
            (uint)RoomPermissions.Pin,
            (uint)RoomPermissions.CreateObjects);
        Must(builder, builder.Update(mine, flags: ObjectFlags.Fixed));
    }

    [Fact]
    public void TenThousandObjects_byOneMember_areRefusedFromTheLimitOn_eachByItsNumber()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        for (int i = 0; i < 10_000; i++)
        {
            anna.Create("", flags: ObjectFlags.None);
        }

        Settle();
        Assert.Equal(1_000, anna.Done.Count);
        Assert.Equal(9_000, anna.Refusals.Count);
        Assert.Equal(Enumerable.Range(1_002, 9_000).Select(number => (ulong)number), anna.Refusals.Select(refusal => refusal.Sequence));
        Assert.All(anna.Refusals, refusal => Assert.Equal(
            (FrameType.CreateObject, CloseCode.QuotaExceeded, 1_000d, 1_001d), (refusal.Type, refusal.Code, refusal.Limit, refusal.Value)));
        Assert.Equal(1_000, ben.Mirror.Objects.Count);
        Must(ben, ben.Create("another's"));
        AssertAllSeeTheTruth();

        // A place that becomes free can be used again.
        Must(anna, anna.Remove(1));
        Must(anna, anna.Create(""));
        MustNot(anna, () => anna.Create(""), CloseCode.QuotaExceeded, 1_000, 1_001);
    }

    [Fact]
    public void Objects_beyondWhatTheRoomHolds_areRefused()
    {
        Options = new RoomOptions { MaxObjects = 4, MaxObjectsPerMember = 3 };
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint[] chain = Chain(anna, 2);

        MustNot(anna, () => anna.Clone(chain[0]), CloseCode.QuotaExceeded, 3, 4);
        Must(ben, ben.Create(""));
        MustNot(ben, () => ben.Clone(chain[0]), CloseCode.QuotaExceeded, 4, 5);
        Must(ben, ben.Create(""));
        MustNot(ben, () => ben.Create(""), CloseCode.QuotaExceeded, 4, 5);
    }

    [Theory]
    [InlineData(65, 'x', 64, 65)]
    [InlineData(33, 'é', 64, 66)]
    [InlineData(1, '\0', 32, 0)]
    [InlineData(3, '\u001F', 32, 31)]
    [InlineData(1, '\u007F', 32, 127)]
    public void NamesAndTypes_thatAreTooLongOrHaveControlCharacters_areRefused(int count, char character, double limit, double value)
    {
        (SimulatedClient anna, _) = Two();
        uint table = Must(anna, anna.Create("table"));
        string bad = new(character, count);

        MustNot(anna, () => anna.Create(bad), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Create("x", type: bad), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Create("x", parentName: bad), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Update(table, name: bad), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Update(table, name: "x", type: bad), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Clone(table, name: bad), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Create("x", attributes: [(bad, AttributeTerms.Default, [1])]), CloseCode.BadValue, limit, value);
    }

    [Fact]
    public void NamesAndTypes_ofTheMostBytes_areTaken_andTheParentsNameIsNotEmpty()
    {
        (SimulatedClient anna, _) = Two();
        Must(anna, anna.Create(new string('é', 32), type: new string('x', 64), parentName: new string('y', 64)));
        MustNot(anna, () => anna.Create("x", parentName: ""), CloseCode.BadValue, 64, 0);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Place_outsideTheRoom_orNoRecord_isRefused()
    {
        Options = new RoomOptions { Min = new(0, 0, 0), Max = new(100, 50, 25), Precision = 0.001 };
        (SimulatedClient anna, SimulatedClient ben) = Two();
        RoomSpace space = anna.Seat!.Space;
        byte[] good = Place(space, 99_999, 49_999, 24_999);
        var tiny = new TransformExtension { Flags = TransformFlags.Scale, Scale = 1e-5f };
        var noNumber = new TransformExtension { Flags = TransformFlags.Scale, Scale = float.NaN };

        MustNot(anna, () => anna.Create("x", flags: Placed, place: Place(space, 100_000)), CloseCode.OutOfBounds, 100_000, 100_000);
        MustNot(anna, () => anna.Create("x", flags: Placed, place: Place(space, 60_000, 50_001)), CloseCode.OutOfBounds, 50_000, 50_001);
        MustNot(anna, () => anna.Create("x", flags: Placed, place: Place(space, 60_000, 1, 25_002)), CloseCode.OutOfBounds, 25_000, 25_002);
        MustNot(anna, () => anna.Create("x", flags: Placed, place: good[..^1]), CloseCode.BadValue, space.RecordSize, good.Length - 1);
        MustNot(anna, () => anna.Create("x", flags: Placed, place: [.. good, 0]), CloseCode.BadValue, space.RecordSize, good.Length + 1);
        MustNot(anna, () => anna.Create("x", flags: Placed, place: Place(space, 1, extension: tiny)), CloseCode.BadValue);
        MustNot(anna, () => anna.Create("x", flags: Placed, place: Place(space, 1, extension: noNumber)), CloseCode.BadValue);
        uint made = Must(anna, anna.Create("x", flags: Placed, place: good));
        Assert.Equal((99_999u, 49_999u, 24_999u), Steps(space, ben.Values[ben.Mirror.Objects[made].Slot]));
    }

    [Fact]
    public void Create_withAnAttributeThatMayNotBe_makesNothing()
    {
        Options = new RoomOptions { MaxAttributesPerTarget = 2, MaxAttributes = 3, MaxStateBytes = 40 };
        (SimulatedClient anna, _) = Two();
        Must(anna, anna.Create("first", attributes: [("a", AttributeTerms.Default, [1]), ("b", AttributeTerms.Default, [1])]));
        AttributeTerms open = AttributeTerms.Default;

        MustNot(anna, () => anna.Create("x", attributes: [("a", open, [1]), ("b", open, [2]), ("a", open, [3])]), CloseCode.BadValue, 0, 2);
        MustNot(anna, () => anna.Create("x", attributes: [("a", open, [1]), ("b", open, [0xC1])]), CloseCode.BadValue);
        MustNot(anna, () => anna.Create("x", attributes: [("a", open, [1]), ("b", open, [])]), CloseCode.BadValue);
        MustNot(anna, () => anna.Create("x", attributes: [("a", open, [1]), ("", open, [1])]), CloseCode.BadValue, 64, 0);
        MustNot(
            anna,
            () => anna.Create("x", attributes: [("a", open, [1]), ("b", open, [1]), ("c", open, [1])]),
            CloseCode.QuotaExceeded,
            2,
            3);
        MustNot(anna, () => anna.Create("x", attributes: [("a", open, [1]), ("b", open, [1])]), CloseCode.QuotaExceeded, 3, 4);
        byte[] large = StateAsks.Text(new string('x', 40));
        MustNot(anna, () => anna.Create("x", attributes: [("a", open, large)]), CloseCode.QuotaExceeded, 40, 47);
        Must(anna, anna.Create("x", attributes: [("a", open, [1])]));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void LargeSubtree_copiedAndRemoved_comesInSeveralMessagesAndIsWhole()
    {
        (SimulatedClient anna, SimulatedClient ben) = Two();
        uint top = Must(anna, anna.Create("top", type: new string('t', 64)));
        var restricted = new AttributeTerms(AttributeFlags.Cloneable, new Access(AccessKind.Owner), new Access(AccessKind.Owner));
        for (int i = 0; i < 300; i++)
        {
            anna.Create("", top, flags: Placed, type: new string('t', 64), attributes:
            [
                ("public", AttributeTerms.Default with { Flags = AttributeFlags.Cloneable }, StateAsks.Text(new string('v', 150))),
                ("mine", restricted, StateAsks.Number(i)),
            ]);
        }

        Must(anna, anna.Clone(top));
        Assert.Equal(602, ben.Mirror.Objects.Count);
        Assert.Equal(600, ben.Mirror.Attributes.Count);
        Assert.Equal(1200, anna.Mirror.Attributes.Count);
        AssertAllSeeTheTruth();
        Must(anna, anna.Remove(top));
        Assert.Equal(301, ben.Mirror.Objects.Count);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Ask_outsideARoom_isRefused()
    {
        SimulatedClient anna = Simulation.Connect("Anna");
        Simulation.Run(30);
        anna.Create("x");
        anna.Update(1, name: "x");
        anna.Remove(1);
        anna.Clone(1);
        anna.Claim(1, ClaimAction.Take);
        anna.Set(AttributeTarget.OfRoom(), "a", [1]);
        anna.Manage(ManageAction.Enter);
        Settle();

        Assert.Equal(Enumerable.Range(1, 7).Select(number => (ulong)number), anna.Refusals.Select(refusal => refusal.Sequence));
        Assert.All(anna.Refusals, refusal => Assert.Equal(CloseCode.NotInRoom, refusal.Code));
    }

    private static (uint X, uint Y, uint Z) Steps(RoomSpace space, PackedTransform value)
    {
        (uint x, uint y, uint z, _) = space.UnpackSteps(value);
        return (x, y, z);
    }

    private (SimulatedClient Anna, SimulatedClient Ben) Two() => (Enter("Anna"), Enter("Ben"));

    /// <summary>Objects, each under the one before, named "0", "1" and so on.</summary>
    private uint[] Chain(SimulatedClient client, int length)
    {
        var chain = new List<uint>();
        for (int i = 0; i < length; i++)
        {
            chain.Add(Must(client, client.Create($"{i}", i == 0 ? 0 : chain[^1])));
        }

        return [.. chain];
    }
}
