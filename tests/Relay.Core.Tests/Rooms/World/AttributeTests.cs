using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>Attributes: of what, set how, seen and written by whom, until when. protocol-spec.md §11.2 and §11.4.</summary>
public sealed class AttributeTests : StateTest
{
    private static readonly Access Everyone = new(AccessKind.Everyone);
    private static readonly Access Owner = new(AccessKind.Owner);

    [Theory]
    [InlineData(TargetKind.Room)]
    [InlineData(TargetKind.Object)]
    [InlineData(TargetKind.Member)]
    [InlineData(TargetKind.ObjectMember)]
    public void Attribute_ofEachTarget_isSetMergedAndDeleted(TargetKind kind)
    {
        SimulatedClient anna = Enter("Anna", "moderator");
        SimulatedClient ben = Enter("Ben");
        AttributeTarget target = Of(kind, Must(anna, anna.Create("table")), Id(anna));
        uint version = Must(anna, anna.Set(target, "k", StateAsks.Number(7)));

        Assert.Equal(new RoomMirror.AttributeFacts(version, Id(anna), AttributeTerms.Default, "07"), ben.Mirror.Attributes[(target, "k")]);
        Assert.Equal(ben.LastRoomSequence, version);
        uint merged = Must(anna, anna.Merge(target, "m", "a", StateAsks.Number(1)));
        Assert.True(merged > version);
        Assert.Equal("81A16101", ben.Mirror.Attributes[(target, "m")].Value);
        Must(anna, anna.Merge(target, "m", "b", StateAsks.Number(2)));
        Assert.Equal("merged m", ben.StateLog[^1]);
        Must(anna, anna.RemovePath(target, "m", "a"));
        Assert.Equal("81A16202", ben.Mirror.Attributes[(target, "m")].Value);
        Assert.Equal(0u, Must(anna, anna.Delete(target, "k")));
        Assert.DoesNotContain((target, "k"), ben.Mirror.Attributes.Keys);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Version_rises_alsoOverDeleteAndSetAgain()
    {
        (SimulatedClient anna, uint table, _) = AnnaHasATable();
        AttributeTarget target = OfObject(table);
        uint first = Must(anna, anna.Set(target, "k", [1]));
        uint same = Must(anna, anna.Set(target, "k", [1]));
        Must(anna, anna.Delete(target, "k"));
        uint again = Must(anna, anna.Set(target, "k", [1]));

        Assert.True(first < same && same < again);
    }

    [Fact]
    public void Version_isTheNumberOfTheMessageThatTellsIt_alsoWhereSomeOfThemAreForSome()
    {
        (SimulatedClient anna, _, SimulatedClient ben) = AnnaHasATable();
        ulong before = anna.LastRoomSequence;
        AttributeTerms secret = Terms(Owner, Owner);
        uint box = Must(
            anna,
            anna.Create("box", attributes: [("a", AttributeTerms.Default, [1]), ("b", secret, [2]), ("c", AttributeTerms.Default, [3])]));

        Assert.Equal(
            [before + 1, before + 2, before + 3],
            new[] { "a", "b", "c" }.Select(key => anna.Mirror.Attributes[(OfObject(box), key)].Version));
        Assert.Equal(before + 3, ben.LastRoomSequence);
    }

    [Fact]
    public void Expected_mustBeThePresentVersion()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        AttributeTarget target = OfObject(table);
        MustNot(anna, () => anna.Set(target, "k", [1], expected: 5), CloseCode.Conflict, 5, 0);
        uint version = Must(anna, anna.Set(target, "k", [1], expected: 0));
        MustNot(anna, () => anna.Set(target, "k", [2], expected: 0), CloseCode.Conflict, 0, version);
        MustNot(anna, () => anna.Set(target, "k", [2], expected: version - 1), CloseCode.Conflict, version - 1, version);
        MustNot(anna, () => anna.Delete(target, "k", expected: version + 1), CloseCode.Conflict, version + 1, version);
        uint next = Must(anna, anna.Set(target, "k", [2], expected: version));
        MustNot(anna, () => anna.Set(target, "k", [3], expected: version), CloseCode.Conflict, version, next);
        Must(anna, anna.Delete(target, "k", expected: next));
        MustNot(anna, () => anna.Set(target, "k", [3], expected: next), CloseCode.Conflict, next, 0);
        Must(anna, anna.Set(target, "k", [3], expected: 0));
        Assert.Equal("03", Assert.Single(ben.Mirror.Attributes).Value.Value);
    }

    [Fact]
    public void Expected_ofConcurrentWriters_letsOneThrough()
    {
        SimulatedClient[] crowd = [.. Enumerable.Range(0, 5).Select(i => Enter($"c{i}", "moderator"))];
        uint version = Must(crowd[0], crowd[0].Set(AttributeTarget.OfRoom(), "turn", [0]));
        foreach ((SimulatedClient client, int index) in crowd.Select((client, index) => (client, index)))
        {
            client.Set(AttributeTarget.OfRoom(), "turn", [(byte)(index + 1)], expected: version);
        }

        Settle();
        Assert.Single(crowd, client => client.Refusals.Count == 0);
        Assert.All(crowd.SelectMany(client => client.Refusals), refusal => Assert.Equal(CloseCode.Conflict, refusal.Code));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Merge_makesMapsOnTheWay_andKeepsItsHandsOffWhatIsNoMap()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        AttributeTarget target = OfObject(table);
        Must(anna, Merge(anna, target, "k", ["a", "b", "c"], [1]));
        Assert.Equal("81A16181A16281A16301", ben.Mirror.Attributes[(target, "k")].Value);
        Must(anna, Merge(anna, target, "k", ["a", "d"], [2]));
        Must(anna, Remove(anna, target, "k", ["a", "b", "c"]));
        Assert.Equal("81A16182A16280A16402", ben.Mirror.Attributes[(target, "k")].Value);
        Must(anna, Remove(anna, target, "k", ["nothing", "there"]));
        Must(anna, anna.Set(target, "n", [5]));

        MustNot(anna, () => Merge(anna, target, "k", ["a", "d", "e"], [1]), CloseCode.BadValue, 0, 6);
        MustNot(anna, () => Remove(anna, target, "k", ["a", "d", "e"]), CloseCode.BadValue, 0, 6);
        MustNot(anna, () => anna.Merge(target, "n", "a", [1]), CloseCode.BadValue, 0, 2);
        MustNot(anna, () => Merge(anna, target, "k", [], [1]), CloseCode.BadValue, 0, 0);
        MustNot(anna, () => Remove(anna, target, "k", []), CloseCode.BadValue, 0, 0);
        MustNot(anna, () => MergeRaw(anna, target, "k", [0x05], [1]), CloseCode.BadValue, 0, 1);
        MustNot(anna, () => MergeRaw(anna, target, "k", [0xA3, 0x61], [1]), CloseCode.BadValue, 0, 2);
        MustNot(anna, () => MergeRaw(anna, target, "new", [0xA1, 0xFF], [1]), CloseCode.BadValue);
        MustNot(anna, () => anna.Merge(target, "k", "x", [0xC1]), CloseCode.BadValue, 1, 0);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Delete_ofWhatIsNotThere_isNotFound()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        MustNot(anna, () => anna.Delete(OfObject(table), "k"), CloseCode.NotFound);
        MustNot(anna, () => anna.Delete(OfObject(99), "k"), CloseCode.NotFound, 0, 99);
        MustNot(anna, () => anna.Set(OfObject(99), "k", [1]), CloseCode.NotFound, 0, 99);
        MustNot(anna, () => anna.Set(AttributeTarget.OfMember(99), "k", [1]), CloseCode.NotFound, 0, 99);
        MustNot(anna, () => anna.Set(AttributeTarget.OfObjectMember(table, 99), "k", [1]), CloseCode.NotFound, 0, table);
        MustNot(ben, () => ben.Set(AttributeTarget.OfObjectMember(99, Id(ben)), "k", [1]), CloseCode.NotFound, 0, 99);
    }

    /// <summary>Anna owns the target, Ben is named, Cleo has the role that is named, Dora is anybody.</summary>
    [Theory]
    [InlineData(TargetKind.Room)]
    [InlineData(TargetKind.Object)]
    [InlineData(TargetKind.Member)]
    [InlineData(TargetKind.ObjectMember)]
    public void Access_ofEveryKind_opensToThoseItNames(TargetKind kind)
    {
        Options.Roles.Add(new RoomRole { Name = "member", Permissions = (RoomPermissions)0xFF });
        Options.Roles.Add(new RoomRole { Name = "artist", Permissions = (RoomPermissions)0xFF });
        Options.Roles.Add(new RoomRole { Name = "host", Permissions = (RoomPermissions)0xFF | RoomPermissions.SetRoomAttributes });
        SimulatedClient anna = Enter("Anna", "host");
        SimulatedClient[] crowd = [anna, Enter("Ben"), Enter("Cleo", "artist"), Enter("Dora")];
        AttributeTarget target = Of(kind, Must(anna, anna.Create("table")), Id(anna));
        (Access Access, bool[] Names)[] rows =
        [
            (Everyone, [true, true, true, true]),
            (Owner, [true, false, false, false]),
            (new Access(AccessKind.Member, Id(crowd[1])), [false, true, false, false]),
            (new Access(AccessKind.Roles, 1 << 1), [false, false, true, false]),
            (new Access(AccessKind.Roles, (1 << 1) | (1 << 2)), [true, false, true, false]),
            (new Access(AccessKind.Member, 0), [false, false, false, false]),
        ];
        byte number = 0;
        foreach ((Access readers, bool[] reads) in rows)
        {
            foreach ((Access writers, bool[] writes) in rows)
            {
                string key = $"k{++number}";
                Must(anna, anna.Set(target, key, [0], new AttributeTerms(AttributeFlags.None, readers, writers)));
                for (int i = 0; i < crowd.Length; i++)
                {
                    SimulatedClient client = crowd[i];
                    byte[] value = [(byte)(i + 1)];

                    // For the room, owner means those who may write its attributes, and they always may.
                    if (writes[i] || (kind == TargetKind.Room && i == 0))
                    {
                        Must(client, client.Set(target, key, value));
                    }
                    else
                    {
                        MustNot(client, () => client.Set(target, key, value), CloseCode.Forbidden);
                        MustNot(client, () => client.Merge(target, key, "a", [1]), CloseCode.Forbidden);
                        MustNot(client, () => client.Delete(target, key), CloseCode.Forbidden);
                    }

                    Assert.Equal(reads, crowd.Select(reader => reader.Mirror.Attributes.ContainsKey((target, key))));
                }
            }
        }

        AssertAllSeeTheTruth();
        Enter("Late");
        Enter("Artist", "artist");
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void NewAttribute_isMadeByTheOwnerOfItsTargetAlone_orAModerator()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        SimulatedClient mod = Enter("Mod", "moderator");
        MustNot(ben, () => ben.Set(AttributeTarget.OfRoom(), "k", [1], Terms(Everyone, Everyone)), CloseCode.Forbidden, 1 << 9, 0xF7);
        MustNot(ben, () => ben.Set(OfObject(table), "k", [1], Terms(Everyone, Everyone)), CloseCode.Forbidden, 1 << 8, 0xF7);
        MustNot(
            ben,
            () => ben.Set(AttributeTarget.OfMember(Id(anna)), "k", [1], Terms(Everyone, Everyone)),
            CloseCode.Forbidden,
            1 << 10,
            0xF7);
        MustNot(
            anna,
            () => anna.Set(AttributeTarget.OfObjectMember(table, Id(ben)), "k", [1], Terms(Everyone, Everyone)),
            CloseCode.Forbidden,
            1 << 10,
            0xF7);
        foreach (TargetKind kind in Enum.GetValues<TargetKind>())
        {
            Must(mod, mod.Set(Of(kind, table, Id(anna)), "k", [1]));
        }

        Must(ben, ben.Set(AttributeTarget.OfObjectMember(table, Id(ben)), "vote", [1]));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Author_whoMayNotRead_isAnsweredAndToldNothing()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        AttributeTarget target = OfObject(table);
        Must(anna, anna.Set(target, "box", [0x80], Terms(Owner, Everyone)));
        ben.StateLog.Clear();
        anna.StateLog.Clear();
        Must(ben, ben.Set(target, "box", [0x81, 0xA1, 0x61, 1]));
        Must(ben, ben.Merge(target, "box", "b", [2]));

        Assert.Equal(["attribute box", "merged box"], anna.StateLog);
        Assert.Empty(ben.StateLog);
        Assert.Equal("82A16101A16202", Assert.Single(anna.Mirror.Attributes).Value.Value);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void OwnerChange_showsAndHides_afterTheObjectItself()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        SimulatedClient cleo = Enter("Cleo");
        Must(anna, anna.Set(OfObject(table), "owners", [1], Terms(Owner, Owner)));
        Must(anna, anna.Set(OfObject(table), "bens", [2], Terms(new(AccessKind.Member, Id(ben)), Owner)));
        Must(anna, anna.Set(AttributeTarget.OfObjectMember(table, Id(anna)), "vote", [3], Terms(Owner, Owner)));
        foreach (SimulatedClient client in Clients)
        {
            client.StateLog.Clear();
        }

        Must(ben, ben.Claim(table, ClaimAction.Take, Id(anna)));
        Assert.Equal([$"object {table}", "hidden owners"], anna.StateLog);
        Assert.Equal([$"object {table}", "attribute owners"], ben.StateLog);
        Assert.Equal([$"object {table}"], cleo.StateLog);
        AssertAllSeeTheTruth();

        Must(ben, ben.Claim(table, ClaimAction.Release));
        Assert.Equal("hidden owners", ben.StateLog[^1]);
        AssertAllSeeTheTruth();
        Must(cleo, cleo.Claim(table, ClaimAction.Take, 0));
        Must(cleo, cleo.Claim(table, ClaimAction.Give, Id(anna)));
        AssertAllSeeTheTruth();
        anna.Leave();
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void RoleChange_showsAndHides_afterTheStandingItself()
    {
        SimulatedClient boss = Enter("Boss", "owner");
        SimulatedClient ben = Enter("Ben");
        SimulatedClient cleo = Enter("Cleo");
        uint table = Must(boss, boss.Create("table"));
        Must(boss, boss.Set(AttributeTarget.OfRoom(), "staff", [1], Terms(new(AccessKind.Roles, (1 << 2) | (1 << 3)), Owner)));
        Must(boss, boss.Set(AttributeTarget.OfRoom(), "hosts", [2], Terms(Owner, Owner)));
        Must(boss, boss.Set(OfObject(table), "members", [3], Terms(new(AccessKind.Roles, 1 << 1), Owner)));
        Must(ben, ben.Set(AttributeTarget.OfMember(Id(ben)), "mine", [4], Terms(Owner, Owner)));
        AssertAllSeeTheTruth();
        ben.StateLog.Clear();
        cleo.StateLog.Clear();

        Must(boss, boss.Manage(ManageAction.SetRole, Id(ben), 2));
        Assert.Equal(["attribute hosts", "attribute staff", "hidden members"], ben.StateLog.Order());
        Assert.Empty(cleo.StateLog);
        Assert.Equal(2, cleo.Members[Id(ben)].Role);
        AssertAllSeeTheTruth();
        Must(boss, boss.Manage(ManageAction.SetRole, Id(ben), 0));
        Assert.Equal(["mine"], ben.Mirror.Attributes.Keys.Select(place => place.Key));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void TermsChange_showsAndHides()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        SimulatedClient cleo = Enter("Cleo");
        AttributeTarget target = OfObject(table);
        Access[] steps =
        [
            Everyone, new(AccessKind.Member, Id(ben)), new(AccessKind.Member, Id(cleo)), Owner, new(AccessKind.Roles, 2), Owner,
            new(AccessKind.Roles, 4), Everyone, new(AccessKind.Roles, 0), new(AccessKind.Member, Id(ben)),
        ];
        foreach (Access readers in steps)
        {
            Must(anna, anna.Set(target, "k", [1], Terms(readers, Owner)));
            AssertAllSeeTheTruth();

            // Terms by a merge: the same, though the whole value is told.
            anna.Set(target, "m", [0x80]);
            anna.Write(AttributeOperation.Merge, target, "m", StateAsks.Text("a"), [7], Terms(readers, Owner));
            AssertAllSeeTheTruth();
        }

        Assert.Single(cleo.Mirror.Objects);
        Assert.Empty(cleo.Mirror.Attributes);
        Assert.Equal(2, ben.Mirror.Attributes.Count);
        Assert.Empty(anna.Mirror.Attributes);
    }

    [Fact]
    public void Terms_notNamed_stayAsTheyAre()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        AttributeTerms terms = new(AttributeFlags.Cloneable | AttributeFlags.Persistent, Everyone, Everyone);
        Must(anna, anna.Set(OfObject(table), "k", [1], terms));
        Must(ben, ben.Set(OfObject(table), "k", [2]));
        Assert.Equal(terms, Assert.Single(anna.Mirror.Attributes).Value.Terms);
        Must(ben, ben.Set(OfObject(table), "k", [2], Terms(Everyone, Owner)));
        MustNot(ben, () => ben.Set(OfObject(table), "k", [3]), CloseCode.Forbidden);
    }

    [Fact]
    public void Ephemeral_vanishesWithItsLastAuthor_andNoEarlierOne()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        SimulatedClient cleo = Enter("Cleo");
        var ephemeral = new AttributeTerms(AttributeFlags.Ephemeral, Everyone, Everyone);
        var secret = new AttributeTerms(AttributeFlags.Ephemeral, new(AccessKind.Member, Id(cleo)), Everyone);
        Must(anna, anna.Set(OfObject(table), "bens", [1], ephemeral));
        Must(ben, ben.Set(OfObject(table), "bens", [2]));
        Must(ben, ben.Set(AttributeTarget.OfMember(Id(ben)), "hat", [2], ephemeral));
        Must(anna, anna.Set(OfObject(table), "annas", [3], ephemeral));
        Must(anna, anna.Set(OfObject(table), "secret", [4], secret));
        Must(anna, anna.Set(OfObject(table), "kept", [5], ephemeral));
        Must(anna, anna.Set(OfObject(table), "kept", [5], Terms(Everyone, Everyone)));
        Must(anna, anna.Set(OfObject(table), "gone", [6], ephemeral));
        Must(anna, anna.Delete(OfObject(table), "gone"));
        anna.Leave();
        AssertAllSeeTheTruth();
        Assert.Equal(["bens", "hat", "kept"], cleo.Mirror.Attributes.Keys.Select(place => place.Key).Order());
        Assert.Single(cleo.StateLog, "hidden annas");
        Assert.Single(cleo.StateLog, "hidden secret");
        Assert.True(cleo.StateLog.IndexOf("hidden annas") < cleo.StateLog.IndexOf("left 1"));

        ben.Leave();
        AssertAllSeeTheTruth();
        Assert.Equal("kept", Assert.Single(cleo.Mirror.Attributes).Key.Key);
        Assert.Single(cleo.StateLog, "hidden bens");
    }

    [Fact]
    public void LeavingMembersAttributes_goWithoutAWord_alsoThoseOnObjects()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        SimulatedClient cleo = Enter("Cleo");
        Must(ben, ben.Set(AttributeTarget.OfMember(Id(ben)), "hat", [1]));
        Must(ben, ben.Set(AttributeTarget.OfObjectMember(table, Id(ben)), "vote", [2], Terms(Owner, Owner)));
        Must(anna, anna.Set(AttributeTarget.OfObjectMember(table, Id(anna)), "vote", [3]));
        cleo.StateLog.Clear();
        uint gone = Id(ben);
        ben.Leave();
        AssertAllSeeTheTruth();

        Assert.Equal([$"left {gone}"], cleo.StateLog);
        Assert.Equal(AttributeTarget.OfObjectMember(table, Id(anna)), Assert.Single(cleo.Mirror.Attributes).Key.Target);
        MustNot(anna, () => anna.Set(AttributeTarget.OfMember(gone), "hat", [1]), CloseCode.NotFound, 0, gone);

        // Who comes again begins anew.
        ben.Join("plaza");
        AssertAllSeeTheTruth();
        Assert.DoesNotContain(ben.Mirror.Attributes, pair => pair.Key.Target.Member == Id(ben));
    }

    [Fact]
    public void Locked_keepsOthersFromTheObjectsAttributes()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        SimulatedClient mod = Enter("Mod", "moderator");
        Must(anna, anna.Set(OfObject(table), "k", [1], Terms(Everyone, Everyone)));
        Must(anna, anna.Claim(table, ClaimAction.Lock));

        MustNot(ben, () => ben.Set(OfObject(table), "k", [2]), CloseCode.Locked, 0, Id(anna));
        MustNot(ben, () => ben.Delete(OfObject(table), "k"), CloseCode.Locked, 0, Id(anna));
        Must(ben, ben.Set(AttributeTarget.OfObjectMember(table, Id(ben)), "vote", [1]));
        Must(anna, anna.Set(OfObject(table), "k", [3]));
        Must(mod, mod.Set(OfObject(table), "k", [4]));
        Must(anna, anna.Claim(table, ClaimAction.Unlock));
        Must(ben, ben.Set(OfObject(table), "k", [5]));
    }

    [Fact]
    public void Persistent_needsPin_whereItIsNew()
    {
        Options.Roles.Add(new RoomRole { Name = "visitor", Permissions = RoomPermissions.SendEvents });
        Options.Roles.Add(new RoomRole { Name = "member", Permissions = (RoomPermissions)0xFF });
        SimulatedClient visitor = Enter("Vi", "visitor", "vi");
        SimulatedClient anna = Enter("Anna");
        AttributeTarget target = AttributeTarget.OfMember(Id(visitor));
        var pinned = new AttributeTerms(AttributeFlags.Persistent, Everyone, Everyone);
        MustNot(
            visitor,
            () => visitor.Set(target, "k", [1], pinned),
            CloseCode.Forbidden,
            (uint)RoomPermissions.Pin,
            (uint)RoomPermissions.SendEvents);
        Must(visitor, visitor.Set(target, "k", [1], Terms(Everyone, Everyone)));
        Must(anna, anna.Set(target, "k", [1], pinned));
        Must(visitor, visitor.Set(target, "k", [2]));
        Must(visitor, visitor.Set(target, "k", [2], pinned));
        Must(visitor, visitor.Set(target, "k", [2], pinned with { Flags = AttributeFlags.None }));
        MustNot(visitor, () => visitor.Set(target, "k", [1], pinned), CloseCode.Forbidden);

        // With delete, terms mean nothing.
        Must(visitor, visitor.Write(AttributeOperation.Delete, target, "k", terms: pinned));
    }

    [Fact]
    public void Moderators_mayAlways_evenThoseWhoMayNotSendEvents()
    {
        Options.Roles.Add(new RoomRole { Name = "member", Permissions = (RoomPermissions)0xFF });
        Options.Roles.Add(new RoomRole { Name = "curator", Permissions = RoomPermissions.SetRoomAttributes | RoomPermissions.EditObjects });
        SimulatedClient curator = Enter("Cu", "curator");
        SimulatedClient anna = Enter("Anna");
        uint table = Must(anna, anna.Create("table"));
        Must(anna, anna.Set(OfObject(table), "k", [1], Terms(Everyone, new(AccessKind.Member, Id(curator)))));

        Must(curator, curator.Set(AttributeTarget.OfRoom(), "topic", [1]));
        Must(curator, curator.Set(OfObject(table), "k", [2]));
        MustNot(curator, () => curator.Set(AttributeTarget.OfMember(Id(curator)), "k", [2]), CloseCode.Forbidden);
        MustNot(anna, () => anna.Set(OfObject(table), "k", [3]), CloseCode.Forbidden);
    }

    [Fact]
    public void Limits_ofValues_areKept()
    {
        (SimulatedClient anna, uint table, _) = AnnaHasATable();
        AttributeTarget target = OfObject(table);
        byte[] largest = [0xDA, 0x0F, 0xFD, .. new byte[4093]];
        Must(anna, anna.Set(target, "k", largest));
        MustNot(anna, () => anna.Set(target, "k", [0xDA, 0x0F, 0xFE, .. new byte[4094]]), CloseCode.PayloadTooLarge, 4096, 4097);
        Must(anna, anna.Set(target, "k", Nested(16)));
        MustNot(anna, () => anna.Set(target, "k", Nested(17)), CloseCode.TooDeep, 16, 17);
        Must(anna, anna.Set(target, "k", [0xDC, 0x03, 0xFF, .. new byte[1023]]));
        MustNot(anna, () => anna.Set(target, "k", [0xDC, 0x04, 0x00, .. new byte[1024]]), CloseCode.BadValue, 1024, 1025);

        // The result of a merge keeps them too.
        Must(anna, anna.Merge(target, "m", "a", Nested(15)));
        MustNot(anna, () => anna.Merge(target, "m", "a", Nested(16)), CloseCode.TooDeep, 16, 17);
        Must(anna, anna.Merge(target, "m", "b", [0xDA, 0x0F, 0xA0, .. new byte[4000]]));
        MustNot(anna, () => anna.Merge(target, "m", "c", [0xD9, 0x80, .. new byte[128]]), CloseCode.PayloadTooLarge);
        AssertAllSeeTheTruth();
    }

    [Theory]
    [InlineData("")]
    [InlineData("C1")]
    [InlineData("0101")]
    [InlineData("91")]
    [InlineData("A2FFFE")]
    [InlineData("A3616200FF")]
    [InlineData("DDFFFFFFFF")]
    [InlineData("DFFFFFFFFF01")]
    [InlineData("DBFFFFFFFF61")]
    [InlineData("DC0400")]
    [InlineData("81A161")]
    [InlineData("D6FF")]
    [InlineData("C7FFFF")]
    public void Value_thatIsNotOneMessagePackValue_isRefused(string hex)
    {
        (SimulatedClient anna, uint table, _) = AnnaHasATable();
        byte[] value = Convert.FromHexString(hex);
        MustNot(anna, () => anna.Set(OfObject(table), "k", value), CloseCode.BadValue);
        if (value.Length > 0)
        {
            MustNot(anna, () => anna.Merge(OfObject(table), "k", "a", value), CloseCode.BadValue);
        }
    }

    [Fact]
    public void Bombs_areRefused_howeverTheyArePacked()
    {
        (SimulatedClient anna, uint table, _) = AnnaHasATable();
        AttributeTarget target = OfObject(table);

        // A thousand levels in a thousand bytes; a map of maps in each of which every key is the same; arrays of arrays of nothing.
        MustNot(anna, () => anna.Set(target, "k", Nested(1000)), CloseCode.TooDeep, 16, 17);
        byte[] wide = [0xDC, 0x0F, 0x00, .. Enumerable.Repeat((byte)0x90, 0x0F00)];
        MustNot(anna, () => anna.Set(target, "k", wide), CloseCode.BadValue, 1024, 0x0F01);
        byte[] maps = [0xDE, 0x03, 0xE8, .. Enumerable.Repeat(new byte[] { 0x00, 0x80 }, 1000).SelectMany(pair => pair)];
        MustNot(anna, () => anna.Set(target, "k", maps), CloseCode.BadValue, 1024, 2001);
        Must(anna, anna.Set(target, "k", [0x82, 0xC0, 0xC0, 0xC0, 0xC0]));
        AssertAllSeeTheTruth();
    }

    [Theory]
    [InlineData(0, 'x', 64, 0)]
    [InlineData(65, 'x', 64, 65)]
    [InlineData(255, 'x', 64, 255)]
    [InlineData(33, 'é', 64, 66)]
    [InlineData(1, '\0', 32, 0)]
    [InlineData(64, '\n', 32, 10)]
    [InlineData(1, '\u007F', 32, 127)]
    public void Key_thatIsNoKey_isRefused(int count, char character, double limit, double value)
    {
        // 255 bytes are the most that a string8 holds: a key of 64 KiB cannot even be written down.
        (SimulatedClient anna, uint table, _) = AnnaHasATable();
        string key = new(character, count);
        MustNot(anna, () => anna.Set(OfObject(table), key, [1]), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Merge(OfObject(table), key, "a", [1]), CloseCode.BadValue, limit, value);
        MustNot(anna, () => anna.Delete(OfObject(table), key), CloseCode.BadValue, limit, value);
        Must(anna, anna.Set(OfObject(table), new string('x', 64), [1]));
        Must(anna, anna.Set(OfObject(table), "\u0085 é ٪", [1]));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Attributes_ofOneTarget_areLimited()
    {
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        for (int i = 0; i < 64; i++)
        {
            Must(anna, anna.Set(OfObject(table), $"k{i}", [1]));
        }

        MustNot(anna, () => anna.Set(OfObject(table), "more", [1]), CloseCode.QuotaExceeded, 64, 65);
        Must(anna, anna.Set(OfObject(table), "k0", [2]));
        Must(ben, ben.Set(AttributeTarget.OfObjectMember(table, Id(ben)), "more", [1]));
        Must(anna, anna.Delete(OfObject(table), "k1"));
        Must(anna, anna.Set(OfObject(table), "more", [1]));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Attributes_ofTheRoom_areLimited_inNumberAndBytes()
    {
        Options = new RoomOptions { MaxAttributes = 4, MaxStateBytes = 60 };
        (SimulatedClient anna, uint table, SimulatedClient ben) = AnnaHasATable();
        AttributeTarget target = OfObject(table);
        var cloneable = AttributeTerms.Default with { Flags = AttributeFlags.Cloneable };
        Must(anna, anna.Set(target, "a", [1], cloneable));
        Must(anna, anna.Set(target, "b", [1], cloneable));
        Must(ben, ben.Set(AttributeTarget.OfMember(Id(ben)), "c", [1]));
        MustNot(anna, () => anna.Clone(table), CloseCode.QuotaExceeded, 4, 5);
        Must(anna, anna.Set(target, "d", [1]));
        MustNot(anna, () => anna.Set(target, "e", [1]), CloseCode.QuotaExceeded, 4, 5);

        // 8 bytes so far; a key of one and 53 of value would be 61.
        Must(anna, anna.Delete(target, "d"));
        MustNot(anna, () => anna.Set(target, "d", [0xD9, 52, .. new byte[52]]), CloseCode.QuotaExceeded, 60, 61);
        Must(anna, anna.Set(target, "d", [0xD9, 51, .. new byte[51]]));
        MustNot(anna, () => anna.Set(target, "a", [0xCC, 0xFF]), CloseCode.QuotaExceeded, 60, 61);
        Must(anna, anna.Set(target, "a", [2]));
        Must(anna, anna.Set(target, "d", [1]));
        ben.Leave();
        AssertAllSeeTheTruth();
        Must(anna, anna.Set(target, "e", [1]));
        Assert.Equal("4 8 0", Truth.Ledger(Room));
    }

    [Fact]
    public void LateJoiner_getsExactlyWhatItMaySee_inParts()
    {
        Options = new RoomOptions { MaxStateBytes = 1 << 24 };
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben", "moderator");
        const uint CleosId = 3;
        AttributeTerms[] kinds =
        [
            Terms(Everyone, Owner),
            Terms(Owner, Owner),
            Terms(new(AccessKind.Member, CleosId), Owner),
            Terms(new(AccessKind.Roles, 1 << 2), Owner),
            Terms(new(AccessKind.Roles, 1 << 1), Owner),
        ];
        for (int i = 0; i < 1000; i++)
        {
            anna.Create(
                $"o{i}",
                i % 10 == 0 ? 0 : (uint)i,
                attributes: [.. Enumerable.Range(0, 10).Select(k => ($"k{k}", kinds[k % 5], StateAsks.Text($"value {i} {k}")))]);
        }

        Must(ben, ben.Set(AttributeTarget.OfRoom(), "topic", [1]));
        Must(ben, ben.Set(AttributeTarget.OfMember(Id(ben)), "hat", [1], Terms(Owner, Owner)));
        AssertAllSeeTheTruth();
        SimulatedClient cleo = Enter("Cleo");
        SimulatedClient mod = Enter("Mod", "moderator");
        SimulatedClient guest = Enter("Guest", "guest");
        AssertAllSeeTheTruth();

        Assert.Equal(CleosId, Id(cleo));
        Assert.Equal((1000, 6001), (cleo.Mirror.Objects.Count, cleo.Mirror.Attributes.Count));
        Assert.Equal(4001, mod.Mirror.Attributes.Count);
        Assert.Equal(2001, guest.Mirror.Attributes.Count);
        Assert.All([cleo, mod, guest], client => Assert.Equal(1, client.Snapshots));
        Assert.True(cleo.Outlet.Flushes > 3);
        Assert.Empty(cleo.StateLog);
    }

    [Fact]
    public void Snapshot_ofARoomWithNothingButSecrets_isWhole()
    {
        SimulatedClient anna = Enter("Anna");
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "k", [1], Terms(Owner, Owner)));
        SimulatedClient ben = Enter("Ben");
        Assert.False(ben.Mirror.IsPartial);
        Assert.Empty(ben.Mirror.Attributes);
        Must(ben, ben.Create("x"));
        AssertAllSeeTheTruth();
    }

    private static AttributeTerms Terms(Access readers, Access writers) => new(AttributeFlags.None, readers, writers);

    private static AttributeTarget Of(TargetKind kind, uint id, uint member) => kind switch
    {
        TargetKind.Room => AttributeTarget.OfRoom(),
        TargetKind.Object => AttributeTarget.OfObject(id),
        TargetKind.Member => AttributeTarget.OfMember(member),
        _ => AttributeTarget.OfObjectMember(id, member),
    };

    private static byte[] Nested(int levels) => [.. Enumerable.Repeat((byte)0x91, levels - 1), 0x90];

    private static ulong Merge(SimulatedClient client, AttributeTarget target, string key, string[] path, byte[] value) =>
        MergeRaw(client, target, key, [.. path.SelectMany(StateAsks.Text)], value);

    private static ulong MergeRaw(SimulatedClient client, AttributeTarget target, string key, byte[] path, byte[] value) =>
        client.Write(AttributeOperation.Merge, target, key, path, value);

    private static ulong Remove(SimulatedClient client, AttributeTarget target, string key, string[] path) =>
        client.Write(AttributeOperation.RemovePath, target, key, [.. path.SelectMany(StateAsks.Text)]);

    private (SimulatedClient Anna, uint Table, SimulatedClient Ben) AnnaHasATable()
    {
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben");
        return (anna, Must(anna, anna.Create("table")), ben);
    }
}
