using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>Mute, kick, ban, block, roles, closing, and who gets in. protocol-spec.md §11.6.</summary>
public sealed class ModerationTests : StateTest
{
    private readonly FakeModerationStore _store = new();
    private readonly ShardSettings _settings;

    public ModerationTests()
    {
        _settings = new ShardSettings { IdleTimeoutMicros = long.MaxValue, HeartbeatMicros = long.MaxValue, Store = _store };
        Simulation = new Simulation(_settings);
    }

    [Fact]
    public void Mute_stopsEvents_andNothingElse_untilUnmuted()
    {
        (SimulatedClient mod, SimulatedClient ben) = ModeratorAnd("Ben");
        SimulatedClient cleo = Enter("Cleo");
        Must(mod, mod.Manage(ManageAction.Mute, Id(ben)));
        Assert.All(Clients, client => Assert.Equal(MemberStanding.Muted, client.Members[Id(ben)].Standing));
        Assert.Equal(MemberStanding.Muted, Enter("Late").Members[Id(ben)].Standing);
        foreach (EventAudience audience in new[] { EventAudience.Others, EventAudience.Everyone, EventAudience.Member })
        {
            ben.Send("no", Simulation.Pool, audience, Id(cleo));
        }

        ben.Move(5, Simulation.Now);
        Must(ben, ben.Create("ball"));
        Assert.Equal(3, ben.Refusals.Count);
        Assert.All(ben.Refusals, refusal => Assert.Equal((FrameType.SendEvent, CloseCode.Muted), (refusal.Type, refusal.Code)));
        Assert.Empty(cleo.Events);
        Assert.Contains(ben.Seat!.Slot, cleo.Values.Keys);

        // What is so already is no error, and no news.
        ulong sequence = cleo.LastRoomSequence;
        Must(mod, mod.Manage(ManageAction.Mute, Id(ben)));
        Assert.Equal(sequence, cleo.LastRoomSequence);
        Must(mod, mod.Manage(ManageAction.Unmute, Id(ben)));
        ben.Send("yes", Simulation.Pool);
        AssertAllSeeTheTruth();
        Assert.Equal(["yes"], cleo.Events);
    }

    [Fact]
    public void Mute_lastsOverARejoin()
    {
        (SimulatedClient mod, SimulatedClient ben) = ModeratorAnd("Ben");
        Must(mod, mod.Manage(ManageAction.Mute, Id(ben)));
        ben.Leave();
        Settle();
        ben.Join("plaza");
        Settle();
        Assert.Equal(MemberStanding.Muted, mod.Members[Id(ben)].Standing);
        Must(mod, mod.Manage(ManageAction.Unmute, Id(ben)));
        ben.Leave();
        Settle();
        ben.Join("plaza");
        Settle();
        Assert.Equal(MemberStanding.None, mod.Members[Id(ben)].Standing);
    }

    [Fact]
    public void Kick_takesOut_withTheReason_andLetsInAgain()
    {
        (SimulatedClient mod, SimulatedClient ben) = ModeratorAnd("Ben");
        uint member = Id(ben);
        Must(mod, mod.Manage(ManageAction.Kick, member, text: "loud"));
        Assert.Equal((CloseCode.Kicked, null, null), (ben.Left, ben.Seat, ben.Closed));
        Assert.Equal([(member, CloseCode.Kicked)], mod.Departures);
        ben.Create("late");
        Settle();
        Assert.Equal(CloseCode.NotInRoom, Assert.Single(ben.Refusals).Code);
        ben.Join("plaza");
        Settle();
        Assert.NotEqual(member, Id(ben));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Kick_ofOneWhoIsAway_takesItsSessionOut()
    {
        Simulation = new Simulation(_settings with { ResumeWindowMicros = 30_000_000 });
        (SimulatedClient mod, SimulatedClient ben) = ModeratorAnd("Ben");
        Must(ben, ben.Create("ball"));
        uint member = Id(ben);
        ben.Outlet.IsLossy = true;
        ben.Vanish();
        Settle();
        Must(mod, mod.Manage(ManageAction.Kick, member));
        Assert.Equal([(member, CloseCode.Kicked)], mod.Departures);
        Assert.Equal(Id(mod), Assert.Single(mod.Mirror.Objects).Value.Owner);
        ben.BeginResume();
        Settle();
        Assert.Null(ben.Seat);
        Assert.Equal(CloseCode.Kicked, ben.Left);
        ben.Join("plaza");
        AssertAllSeeTheTruth();
    }

    [Theory]
    [InlineData(ManageAction.Mute)]
    [InlineData(ManageAction.Unmute)]
    [InlineData(ManageAction.Kick)]
    [InlineData(ManageAction.Ban)]
    [InlineData(ManageAction.SetRole)]
    public void Action_onEqualsHigherOnesOneselfOrNobody_isRefused(ManageAction action)
    {
        Options.Roles.Add(new RoomRole { Name = "member" });
        Options.Roles.Add(new RoomRole { Name = "moderator", Permissions = (RoomPermissions)0xFFFF });
        Options.Roles.Add(new RoomRole { Name = "owner", Permissions = (RoomPermissions)0xFFFF });
        (SimulatedClient mod, SimulatedClient _) = ModeratorAnd("Ben");
        SimulatedClient equal = Enter("Equal", "moderator");
        SimulatedClient boss = Enter("Boss", "owner");
        MustNot(mod, () => mod.Manage(action, Id(equal)), CloseCode.Forbidden, 1, 1);
        MustNot(mod, () => mod.Manage(action, Id(boss)), CloseCode.Forbidden, 1, 2);
        MustNot(mod, () => mod.Manage(action, Id(mod)), CloseCode.BadValue, 0, Id(mod));
        MustNot(mod, () => mod.Manage(action, 0), CloseCode.NotFound);
        MustNot(mod, () => mod.Manage(action, uint.MaxValue), CloseCode.NotFound, 0, uint.MaxValue);
        Assert.Empty(_store.Calls);
    }

    [Fact]
    public void SetRole_goesUpToOnesOwn_andNoFurther()
    {
        Options.Roles.Add(new RoomRole { Name = "member" });
        Options.Roles.Add(new RoomRole { Name = "moderator", Permissions = (RoomPermissions)0xFFFF });
        Options.Roles.Add(new RoomRole { Name = "owner", Permissions = (RoomPermissions)0xFFFF });
        (SimulatedClient mod, SimulatedClient ben) = ModeratorAnd("Ben");
        MustNot(mod, () => mod.Manage(ManageAction.SetRole, Id(ben), 3), CloseCode.BadValue, 3, 3);
        MustNot(mod, () => mod.Manage(ManageAction.SetRole, Id(ben), uint.MaxValue), CloseCode.BadValue, 3, uint.MaxValue);
        MustNot(mod, () => mod.Manage(ManageAction.SetRole, Id(ben), 2), CloseCode.Forbidden, 1, 2);
        Must(mod, mod.Manage(ManageAction.SetRole, Id(ben), 1));
        Assert.Equal(1, ben.Members[Id(ben)].Role);
        MustNot(mod, () => mod.Manage(ManageAction.SetRole, Id(ben), 0), CloseCode.Forbidden, 1, 1);
    }

    [Theory]
    [InlineData("ben-7", "user:ben-7")]
    [InlineData(null, "address:Ben")]
    public void Ban_isStoredFirst_thenDone_thenAnswered(string? userId, string subject)
    {
        TaskCompletionSource stored = Hold();
        SimulatedClient boss = Enter("Boss", "owner");
        SimulatedClient ben = Enter("Ben", userId: userId);
        SimulatedClient other = Enter("Other", userId: "other");
        uint member = Id(ben);
        ulong ban = boss.Manage(ManageAction.Ban, member, 0, "rude");
        ulong next = boss.Create("after");
        Await(() => !_store.Calls.IsEmpty);
        Settle();
        Assert.Equal([$"ban {subject} from plaza for good: rude"], _store.Calls);
        Assert.Empty(boss.Done);
        Assert.NotNull(ben.Seat);

        // What others ask for goes on meanwhile; what the moderator asks for waits, so that its answers keep their order.
        Must(other, other.Create("meanwhile"));
        Assert.Empty(boss.Done);
        stored.SetResult();
        Answered(boss, ban);
        Assert.Equal([ban, next], boss.Done.Keys);
        Assert.Equal((CloseCode.Banned, null), (ben.Left, ben.Seat));
        Assert.Equal([(member, CloseCode.Banned)], other.Departures);
        Assert.Equal(CloseCode.Banned, Knock("Ben again", userId, subject).Code);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Ban_lastsForItsTime_alsoInTheRoomThatIsOpen()
    {
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        Answered(boss, boss.Manage(ManageAction.Ban, Id(ben), 2));
        Assert.Contains("for a time", Assert.Single(_store.Calls), StringComparison.Ordinal);
        Simulation.Run(60_000);
        ben.Join("plaza");
        Settle();
        Assert.Equal(CloseCode.Banned, Assert.Single(ben.Refusals).Code);
        Simulation.Run(61_000);
        ben.Join("plaza");
        Settle();
        Assert.NotNull(ben.Seat);
    }

    [Fact]
    public void Ban_ofUnimaginableLength_isForGood()
    {
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        ulong ban = boss.Manage(ManageAction.Ban, Id(ben), uint.MaxValue);
        Answered(boss, ban);
        Assert.Contains(ban, boss.Done.Keys);
        Assert.Contains("for good", Assert.Single(_store.Calls), StringComparison.Ordinal);
    }

    [Fact]
    public void Ban_ofOneWhoComesMeanwhile_throwsThemOut_andStopsThoseUnderWay()
    {
        TaskCompletionSource stored = Hold();
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        ulong ban = boss.Manage(ManageAction.Ban, Id(ben));
        Await(() => !_store.Calls.IsEmpty);
        ben.Leave();
        Settle();

        // The store said "may enter" to both; one gets in before the ban is stored, one arrives after.
        ben.Join("plaza", admission: RoomAdmission.Open);
        Settle();
        Assert.NotNull(ben.Seat);
        stored.SetResult();
        Answered(boss, ban);
        Assert.Equal((CloseCode.Banned, null), (ben.Left, ben.Seat));
        ben.Join("plaza", admission: RoomAdmission.Open);
        Settle();
        Assert.Equal(CloseCode.Banned, Assert.Single(ben.Refusals).Code);
        AssertAllSeeTheTruth();
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("never answers")]
    [InlineData("blocks its thread")]
    public void Store_thatFails_changesNothing(string how)
    {
        using var end = new ManualResetEventSlim();
        int failures = 0;
        Simulation = new Simulation(_settings with
        {
            StoreTimeout = TimeSpan.FromMilliseconds(how == "throws" ? 60_000 : 50),
            StoreFailed = _ => Interlocked.Increment(ref failures),
        });
        _store.Gate = how switch
        {
            "throws" => _ => throw new InvalidOperationException("The disk is full."),
            "never answers" => _ => new TaskCompletionSource().Task,
            _ => Block,
        };
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        ManageAction[] actions = [ManageAction.Ban, ManageAction.Unban, ManageAction.CloseRoom, ManageAction.OpenRoom];
        foreach (ManageAction action in actions)
        {
            SimulatedClient.RefusalFacts refusal = MustNotStore(boss, () => boss.Manage(action, Id(ben), text: "user:x"));
            Assert.Equal((CloseCode.StoreUnavailable, how == "throws" ? 60_000d : 50d), (refusal.Code, refusal.Limit));
        }

        end.Set();
        Assert.Equal(actions.Length, failures);
        Assert.NotNull(ben.Seat);
        Must(boss, boss.Create("on we go"));
        AssertAllSeeTheTruth();

        Task Block(CancellationToken token)
        {
            end.Wait(CancellationToken.None);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public void Unban_letsInAgain_andKnowsWhomItDoesNotKnow()
    {
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        Answered(boss, boss.Manage(ManageAction.Ban, Id(ben)));
        ulong unknown = boss.Manage(ManageAction.Unban, text: "user:nobody");
        Answered(boss, unknown);
        Assert.Equal((unknown, CloseCode.NotFound), Assert.Single(boss.Refusals.Select(refusal => (refusal.Sequence, refusal.Code))));
        Answered(boss, boss.Manage(ManageAction.Unban, text: "user:ben"));
        Come(ben);
        Assert.NotNull(ben.Seat);
    }

    [Fact]
    public void Asker_whoIsTakenOutMeanwhile_isAnsweredAllTheSame()
    {
        TaskCompletionSource stored = Hold();
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        SimulatedClient mod = Enter("Mod", "owner", "mod");
        ulong ban = mod.Manage(ManageAction.Ban, Id(ben));
        Await(() => !_store.Calls.IsEmpty);
        Settle();
        mod.Vanish();
        Settle();
        Assert.Contains(Id(mod), boss.Members.Keys);
        stored.SetResult();
        Answered(mod, ban);
        Assert.Equal(CloseCode.Banned, ben.Left);
        Assert.Contains(ban, mod.Done.Keys);
        Assert.DoesNotContain(mod.Seat!.Member, boss.Members.Keys);
        Clients.Remove(mod);
        AssertAllSeeTheTruth();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Block_partsTwoMembers_inBothDirections_overARejoin(bool users)
    {
        SimulatedClient anna = Enter("Anna", userId: users ? "anna" : null);
        SimulatedClient ben = Enter("Ben", userId: users ? "ben" : null);
        SimulatedClient cleo = Enter("Cleo");
        uint ball = Must(ben, ben.Create("ball", flags: ObjectFlags.Placed, place: Place(RoomSpace.Default, 5)));
        anna.Move(1, Simulation.Now);
        ben.Move(2, Simulation.Now);
        cleo.Move(3, Simulation.Now);
        Settle();
        Assert.Equal(4, anna.Values.Count);
        Must(anna, anna.Manage(ManageAction.Block, Id(ben)));
        AssertParted();

        // The one that blocks, and the one that is blocked, go and come again.
        anna.Leave();
        Settle();
        anna.Join("plaza");
        Settle();
        AssertParted();
        ben.Leave();
        Settle();
        ben.Join("plaza");
        Settle();
        ball = Must(ben, ben.Create("ball", flags: ObjectFlags.Placed, place: Place(RoomSpace.Default, 5)));
        AssertParted();

        // The other's unblock is not one's own.
        Must(ben, ben.Manage(ManageAction.Unblock, Id(anna)));
        AssertParted();
        Must(ben, ben.Manage(ManageAction.Block, Id(anna)));
        Must(anna, anna.Manage(ManageAction.Unblock, Id(ben)));
        AssertParted();
        Must(ben, ben.Manage(ManageAction.Unblock, Id(anna)));
        Settle();
        Assert.Contains(ben.Seat!.Slot, anna.Values.Keys);
        Assert.Contains(anna.Seat!.Slot, ben.Values.Keys);
        anna.Send("peace", Simulation.Pool);
        Settle();
        Assert.Equal("peace", ben.Events[^1]);
        AssertAllSeeTheTruth();

        void AssertParted()
        {
            anna.Move((uint)Simulation.Now % 1000, Simulation.Now);
            ben.Move((uint)Simulation.Now % 1000, Simulation.Now);
            Settle();
            Assert.DoesNotContain(ben.Seat!.Slot, anna.Values.Keys);
            Assert.DoesNotContain(anna.Seat!.Slot, ben.Values.Keys);
            Assert.Contains(anna.Seat!.Slot, cleo.Values.Keys);
            Assert.Contains(ben.Seat!.Slot, cleo.Values.Keys);
            Assert.Contains(cleo.Seat!.Slot, anna.Values.Keys);
            Assert.Contains(anna.Mirror.Objects[ball].Slot, anna.Values.Keys);
            foreach ((SimulatedClient from, SimulatedClient to) in new[] { (anna, ben), (ben, anna) })
            {
                int before = to.Events.Count;
                int heard = cleo.Events.Count;
                from.Send("a", Simulation.Pool);
                from.Send("b", Simulation.Pool, EventAudience.Everyone);
                from.Send("c", Simulation.Pool, EventAudience.Member, Id(to));
                from.Send("d", Simulation.Pool, EventAudience.Member, Id(cleo));
                Say(from, EventAudience.Roles, roles: 0xFF);
                Say(from, EventAudience.Nearby, radius: 1000);
                Settle();
                Assert.Equal(before, to.Events.Count);
                Assert.Equal(heard + 5, cleo.Events.Count);
                Assert.Empty(from.Refusals);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Block_thatIsMissedByABrokenConnection_holdsAfterIt(bool block)
    {
        Simulation = new Simulation(_settings with { ResumeWindowMicros = 30_000_000 });
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben");
        ben.Move(2, Simulation.Now);
        Settle();
        if (!block)
        {
            Must(ben, ben.Manage(ManageAction.Block, Id(anna)));
        }

        anna.Outlet.IsLossy = true;
        anna.Vanish();
        Settle();
        Must(ben, ben.Manage(block ? ManageAction.Block : ManageAction.Unblock, Id(anna)));
        anna.BeginResume();
        Settle();
        Settle();
        Assert.Equal(!block, anna.Values.ContainsKey(ben.Seat!.Slot));
    }

    [Fact]
    public void Block_ofAPerson_isOfAllItsLogins()
    {
        Options = new RoomOptions { DoubleLogin = DoubleLogin.Allow };
        SimulatedClient anna = Enter("Anna", userId: "anna");
        SimulatedClient ben = Enter("Ben", userId: "ben");
        SimulatedClient twin = Enter("Ben", userId: "ben");
        ben.Move(2, Simulation.Now);
        twin.Move(2, Simulation.Now);
        Must(anna, anna.Manage(ManageAction.Block, Id(ben)));
        Assert.Empty(anna.Values);
        twin.Send("psst", Simulation.Pool);
        Settle();
        Assert.Empty(anna.Events);
        Must(anna, anna.Manage(ManageAction.Unblock, Id(twin)));
        Assert.Equal(2, anna.Values.Count);
    }

    [Fact]
    public void CloseRoom_takesOutAllWhoMayNotOpenIt_andLetsOnlyThoseIn()
    {
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        SimulatedClient mod = Enter("Mod", "moderator");
        TaskCompletionSource stored = Hold();
        ulong close = boss.Manage(ManageAction.CloseRoom, text: "night");
        Await(() => !_store.Calls.IsEmpty);
        Settle();
        Assert.NotNull(ben.Seat);
        stored.SetResult();
        Answered(boss, close);
        Assert.Equal((CloseCode.RoomClosed, CloseCode.RoomClosed, null), (ben.Left, mod.Left, boss.Left));
        Assert.Equal([(2u, CloseCode.RoomClosed), (3u, CloseCode.RoomClosed)], boss.Departures.Order());
        Assert.Equal(CloseCode.RoomClosed, Knock("New", null, "address:new").Code);

        // One that passed the store's check just before.
        ben.Join("plaza", admission: RoomAdmission.Open);
        Settle();
        Assert.Equal(CloseCode.RoomClosed, Assert.Single(ben.Refusals).Code);
        SimulatedClient second = Enter("Second", "owner");
        Must(second, second.Create("inside"));

        ulong open = second.Manage(ManageAction.OpenRoom);
        Answered(second, open);
        Assert.Contains(open, second.Done.Keys);

        // And one that failed it just before: refused, but the room stays open.
        ben.Join("plaza", admission: RoomAdmission.Closed);
        Settle();
        Assert.Null(ben.Seat);
        Come(ben);
        Assert.NotNull(ben.Seat);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void ClosedRoom_isOpenedByItsOwner_whoComesBackToIt()
    {
        (SimulatedClient boss, _) = OwnerAnd("Ben", "ben");
        Answered(boss, boss.Manage(ManageAction.CloseRoom));
        boss.Leave();
        Settle();
        Assert.Null(Room);
        Assert.Equal(CloseCode.RoomClosed, Knock("New", null, "address:new").Code);
        Assert.Null(Room);
        boss.Join("plaza", Options, role: "owner", admission: Admission(boss));
        Settle();
        Assert.Equal(CloseCode.RoomClosed, Knock("New", null, "address:new", RoomAdmission.Open).Code);
        Answered(boss, boss.Manage(ManageAction.OpenRoom));
        SimulatedClient newcomer = Simulation.Connect("New");
        Come(newcomer);
        Assert.NotNull(newcomer.Seat);
    }

    [Fact]
    public void FullRoom_spillsOver_intoTheFirstInstanceWithASeat()
    {
        Options = new RoomOptions { Capacity = 2, Overflow = RoomOverflow.Spill };
        SimulatedClient[] crowd = [.. Enumerable.Range(0, 5).Select(i => Enter($"c{i}", i == 0 ? "owner" : null, $"u{i}"))];
        Assert.Equal(["plaza", "plaza", "plaza~2", "plaza~2", "plaza~3"], crowd.Select(client => client.RoomName));
        crowd[1].Leave();
        Settle();
        Assert.Equal("plaza", Enter("New").RoomName);
        Assert.Equal("plaza~3", Enter("New").RoomName);

        // A ban and a closed room hold in all of them.
        ulong closing = crowd[0].Manage(ManageAction.CloseRoom);
        Answered(crowd[0], closing);
        Assert.All(crowd.Skip(2), client => Assert.Equal(CloseCode.RoomClosed, client.Left));
        Assert.Equal("close plaza", Assert.Single(_store.Calls));
        Assert.Equal(1, Simulation.Shard.Stats.Rooms);
    }

    [Fact]
    public void FullRoom_refuses_ifThatIsItsRule()
    {
        Options = new RoomOptions { Capacity = 1 };
        Enter("Anna");
        SimulatedClient ben = Simulation.ConnectAndJoin("Ben", "plaza", Options);
        SimulatedClient.RefusalFacts refusal = Assert.Single(ben.Refusals);
        Assert.Equal((CloseCode.RoomFull, 1d), (refusal.Code, refusal.Limit));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void DoubleLogin_newestWins_andTheOldLeavesOnce_alsoInAFullRoom(int capacity, bool away)
    {
        Simulation = new Simulation(_settings with { ResumeWindowMicros = 30_000_000 });
        Options = new RoomOptions { Capacity = capacity };
        SimulatedClient? watcher = capacity == 2 ? Enter("Watcher") : null;
        SimulatedClient old = Enter("Anna", userId: "anna");
        Must(old, old.Create("ball"));
        ulong epoch = old.Seat!.Epoch;
        uint member = Id(old);
        if (away)
        {
            old.Vanish();
            Settle();
        }

        SimulatedClient young = Enter("Anna", userId: "anna");
        Settle();
        Assert.Equal(epoch, young.Seat!.Epoch);
        Assert.Same(Room, Simulation.Shard.FindRoom("plaza"));
        Assert.Single(Room.Members, inside => inside.Id == Id(young));
        Assert.Equal(capacity, Room.Members.Count);
        Assert.Equal(away ? null : CloseCode.Replaced, old.Closed);
        if (watcher is not null)
        {
            Assert.Equal([(member, CloseCode.Replaced)], watcher.Departures);
        }

        Clients.Remove(old);
        AssertAllSeeTheTruth();
        Must(young, young.Create("works"));
    }

    [Fact]
    public void DoubleLogin_refused_orAllowed()
    {
        Options = new RoomOptions { DoubleLogin = DoubleLogin.Refuse };
        SimulatedClient old = Enter("Anna", userId: "anna");
        SimulatedClient young = Simulation.ConnectAndJoin("Anna", "plaza", Options, userId: "anna");
        Assert.Equal(
            (CloseCode.AlreadyPresent, (double)Id(old)), Assert.Single(young.Refusals.Select(refusal => (refusal.Code, refusal.Value))));
        Assert.Null(old.Closed);
        old.Leave();
        Settle();
        young.Join("plaza", Options);
        Settle();
        Assert.NotNull(young.Seat);

        var both = new RoomOptions { DoubleLogin = DoubleLogin.Allow };
        SimulatedClient first = Simulation.ConnectAndJoin("Ben", "both", both, userId: "ben");
        SimulatedClient second = Simulation.ConnectAndJoin("Ben", "both", both, userId: "ben");
        Assert.Equal(2, first.Members.Count);
        Assert.Equal(2, second.Members.Count);
    }

    [Theory]
    [InlineData(DoubleLogin.NewestWins)]
    [InlineData(DoubleLogin.Refuse)]
    public void ChangeRoom_toTheSameRoom_isNoDoubleLogin(DoubleLogin rule)
    {
        Options = new RoomOptions { DoubleLogin = rule };
        SimulatedClient anna = Enter("Anna", userId: "anna");
        anna.Join("plaza", Options, change: true);
        Settle();
        Assert.Null(anna.Closed);
        Assert.Empty(anna.Refusals);
        Assert.Equal(2, anna.Joins);
        Assert.Single(Room.Members);
    }

    [Fact]
    public void DoubleLogin_ofManyAtOnce_leavesOne()
    {
        SimulatedClient[] crowd = [.. Enumerable.Range(0, 10).Select(_ => Simulation.Connect("Anna", "anna"))];
        foreach (SimulatedClient client in crowd)
        {
            client.Join("plaza", Options);
        }

        Settle();
        Assert.Single(crowd, client => client.Closed is null);
        Assert.Equal(Id(crowd.Single(client => client.Closed is null)), Assert.Single(Room.Members).Id);
    }

    [Fact]
    public void ForgedMembers_getNobodyAnything()
    {
        (SimulatedClient boss, SimulatedClient ben) = OwnerAnd("Ben", "ben");
        uint ball = Must(boss, boss.Create("ball"));
        foreach (uint forged in new uint[] { 0, 3, uint.MaxValue })
        {
            MustNot(ben, () => ben.Manage(ManageAction.Block, forged), CloseCode.NotFound, 0, forged);
            MustNot(ben, () => ben.Set(AttributeTarget.OfMember(forged), "k", [1]), CloseCode.NotFound, 0, forged);
            MustNot(ben, () => ben.Claim(ball, ClaimAction.Take, forged), CloseCode.Conflict, forged, Id(boss));
            MustNot(boss, () => boss.Claim(ball, ClaimAction.Give, forged), CloseCode.NotFound, 0, forged);
            ben.Send("x", Simulation.Pool, EventAudience.Member, forged);
            Settle();
            Assert.Equal((CloseCode.NotFound, (double)forged), (ben.Refusals[^1].Code, ben.Refusals[^1].Value));
        }

        // Whoever it claims to be, the server stamps who it is.
        MustNot(ben, () => ben.Set(AttributeTarget.OfMember(Id(boss)), "k", [1]), CloseCode.Forbidden);
        ben.Send("me", Simulation.Pool);
        Must(ben, ben.Set(AttributeTarget.OfMember(Id(ben)), "k", [1]));
        Assert.Equal(Id(ben), boss.Heard[^1].Sender);
        Assert.Equal(Id(ben), Assert.Single(boss.Mirror.Attributes).Value.Author);
    }

    private TaskCompletionSource Hold()
    {
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.Gate = _ => stored.Task;
        return stored;
    }

    private (SimulatedClient Moderator, SimulatedClient Other) ModeratorAnd(string name) => (Enter("Mod", "moderator"), Enter(name));

    private (SimulatedClient Owner, SimulatedClient Other) OwnerAnd(string name, string userId) =>
        (Enter("Boss", "owner"), Enter(name, userId: userId));

    private void Await(Func<bool> condition)
    {
        Settle();
        Assert.True(SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(30)), "It never came.");
    }

    private SimulatedClient.RefusalFacts MustNotStore(SimulatedClient client, Func<ulong> ask) => MustNot(
        client,
        () =>
        {
            ulong sequence = ask();
            Answered(client, sequence);
            return sequence;
        },
        CloseCode.StoreUnavailable);

    private RoomAdmission Admission(SimulatedClient client) => _store.Check("plaza", client.Connection.Subject);

    /// <summary>Comes in as the road does it: the store is asked first.</summary>
    private void Come(SimulatedClient client)
    {
        client.Join("plaza", Options, admission: Admission(client));
        Settle();
    }

    private SimulatedClient.RefusalFacts Knock(string name, string? userId, string subject, RoomAdmission? says = null)
    {
        SimulatedClient client = Simulation.Connect(name, userId);
        client.Join("plaza", Options, admission: says ?? _store.Check("plaza", subject));
        Settle();
        Assert.Null(client.Seat);
        return Assert.Single(client.Refusals);
    }

    private void Say(SimulatedClient client, EventAudience audience, uint roles = 0, float radius = 0)
    {
        client.Say((ref Protocol.Primitives.FrameWriter writer, ulong sequence) => new SendEvent
        {
            Sequence = sequence,
            Audience = audience,
            Roles = roles,
            Radius = radius,
            Kind = 2000,
            Payload = "say"u8,
        }.Write(ref writer));
        Simulation.Wake();
    }
}
