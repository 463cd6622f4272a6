using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>Who owns an object and who holds its lock, also when members leave, vanish and come back. protocol-spec.md §11.5.</summary>
public sealed class ClaimTests : StateTest
{
    private static readonly ShardSettings Resuming = new()
    {
        IdleTimeoutMicros = long.MaxValue,
        HeartbeatMicros = long.MaxValue,
        ResumeWindowMicros = 30_000_000,
    };

    [Fact]
    public void Take_fromTheOwnerThatIsExpected_isOnesOwn()
    {
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Take, 0), CloseCode.Conflict, 0, Id(anna));
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Take, 77), CloseCode.Conflict, 77, Id(anna));
        Must(ben, ben.Claim(ball, ClaimAction.Take, Id(anna)));
        Assert.Equal((Id(ben), Id(anna)), (anna.Mirror.Objects[ball].Owner, anna.Mirror.Objects[ball].Creator));

        // What is one's own already is no conflict, whatever was expected.
        int told = anna.Changes;
        Must(ben, ben.Claim(ball, ClaimAction.Take, Id(anna)));
        Assert.Equal(told, anna.Changes);
        AssertAllSeeTheTruth();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void ConcurrentTakes_haveOneWinner_onEveryClientAfterOneWakeUp(int takers)
    {
        (SimulatedClient anna, _, uint ball) = AnnaHasABall();
        SimulatedClient[] crowd = [.. Enumerable.Range(0, takers).Select(i => Enter($"c{i}"))];
        foreach (SimulatedClient client in crowd)
        {
            client.Claim(ball, ClaimAction.Take, Id(anna));
        }

        Simulation.Wake();
        SimulatedClient winner = Assert.Single(crowd, client => client.Done.Count == 1);
        Assert.All(Clients, client => Assert.Equal(Id(winner), client.Mirror.Objects[ball].Owner));
        Assert.All(crowd.Where(client => client != winner), client =>
        {
            SimulatedClient.RefusalFacts refusal = Assert.Single(client.Refusals);
            Assert.Equal((CloseCode.Conflict, Id(anna), Id(winner)), (refusal.Code, refusal.Limit, refusal.Value));
        });
        Assert.All(Clients, client => Assert.True(client.StateLog.Count(line => line == $"object {ball}") <= 2));
    }

    [Fact]
    public void Take_ofWhatIsFixed_isRefused_untilNobodyHasIt()
    {
        (SimulatedClient anna, SimulatedClient ben, _) = AnnaHasABall();
        uint statue = Must(anna, anna.Create("statue", flags: ObjectFlags.Persistent | ObjectFlags.Fixed));
        MustNot(ben, () => ben.Claim(statue, ClaimAction.Take, Id(anna)), CloseCode.Forbidden, 0, Id(anna));
        Must(anna, anna.Claim(statue, ClaimAction.Release));
        Must(ben, ben.Claim(statue, ClaimAction.Take, 0));
        Must(ben, ben.Claim(statue, ClaimAction.Give, Id(anna)));
        Assert.Equal(Id(anna), ben.Mirror.Objects[statue].Owner);
    }

    [Fact]
    public void Give_andRelease_areTheOwners_orAModerators()
    {
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        SimulatedClient mod = Enter("Mod", "moderator");
        SimulatedClient guest = Enter("Guest", "guest");
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Give, Id(ben)), CloseCode.Forbidden);
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Release), CloseCode.Forbidden);
        MustNot(anna, () => anna.Claim(ball, ClaimAction.Give, 99), CloseCode.NotFound, 0, 99);
        MustNot(anna, () => anna.Claim(ball, ClaimAction.Give, 0), CloseCode.NotFound, 0, 0);
        Must(anna, anna.Claim(ball, ClaimAction.Give, Id(guest)));
        Must(guest, guest.Claim(ball, ClaimAction.Give, Id(ben)));
        Must(mod, mod.Claim(ball, ClaimAction.Give, Id(anna)));
        Must(mod, mod.Claim(ball, ClaimAction.Release));
        Assert.Equal(0u, ben.Mirror.Objects[ball].Owner);
        MustNot(anna, () => anna.Claim(ball, ClaimAction.Release), CloseCode.Forbidden);
        Must(mod, mod.Claim(ball, ClaimAction.Release));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Claim_thatChangesNoOwner_leavesTheLockAlone()
    {
        Options = new RoomOptions { MaxObjectsPerMember = 1 };
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        SimulatedClient mod = Enter("Mod", "moderator");
        Must(anna, anna.Claim(ball, ClaimAction.Lock));
        Must(anna, anna.Claim(ball, ClaimAction.Give, Id(anna)));
        Must(anna, anna.Claim(ball, ClaimAction.Take, Id(anna)));
        Assert.Equal(Id(anna), ben.Mirror.Objects[ball].LockHolder);
        Must(anna, anna.Claim(ball, ClaimAction.Release));
        Must(ben, ben.Claim(ball, ClaimAction.Lock));
        Must(mod, mod.Claim(ball, ClaimAction.Release));
        Assert.Equal(Id(ben), anna.Mirror.Objects[ball].LockHolder);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void TakeAndGive_keepToTheNewOwnersQuota()
    {
        Options = new RoomOptions { MaxObjectsPerMember = 1 };
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        uint lamp = Must(ben, ben.Create("lamp"));
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Take, Id(anna)), CloseCode.QuotaExceeded, 1, 2);
        MustNot(anna, () => anna.Claim(ball, ClaimAction.Give, Id(ben)), CloseCode.QuotaExceeded, 1, 2);
        Must(ben, ben.Claim(lamp, ClaimAction.Release));
        Must(ben, ben.Claim(ball, ClaimAction.Take, Id(anna)));
        Must(anna, anna.Create("again"));
    }

    [Fact]
    public void Lock_isTheOwners_orAnybodysIfThereIsNone()
    {
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        SimulatedClient mod = Enter("Mod", "moderator");
        SimulatedClient guest = Enter("Guest", "guest");
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Lock), CloseCode.Forbidden);
        MustNot(mod, () => mod.Claim(ball, ClaimAction.Lock), CloseCode.Forbidden);
        Must(anna, anna.Claim(ball, ClaimAction.Lock));
        Assert.True(ben.Mirror.Objects[ball].Flags.HasFlag(ObjectFlags.Locked));
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Unlock), CloseCode.Forbidden);
        Must(anna, anna.Claim(ball, ClaimAction.Lock));
        Must(mod, mod.Claim(ball, ClaimAction.Unlock));
        Must(ben, ben.Claim(ball, ClaimAction.Unlock));

        Must(anna, anna.Claim(ball, ClaimAction.Release));
        MustNot(guest, () => guest.Claim(ball, ClaimAction.Lock), CloseCode.Forbidden);
        Must(ben, ben.Claim(ball, ClaimAction.Lock));
        MustNot(anna, () => anna.Claim(ball, ClaimAction.Lock), CloseCode.Locked, 0, Id(ben));
        MustNot(anna, () => anna.Claim(ball, ClaimAction.Take, 0), CloseCode.Locked, 0, Id(ben));
        Must(ben, ben.Claim(ball, ClaimAction.Unlock));
        Must(anna, anna.Claim(ball, ClaimAction.Lock));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Locked_isNotChangedByOthers_butByModerators()
    {
        Options = new RoomOptions { Roles = { new RoomRole { Name = "member", Permissions = (RoomPermissions)0xFF } } };
        Options.Roles.Add(new RoomRole { Name = "editor", Permissions = (RoomPermissions)0x1FF });
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        SimulatedClient editor = Enter("Ed", "editor");
        Must(anna, anna.Set(OfObject(ball), "k", [1], new(AttributeFlags.None, new(AccessKind.Everyone), new(AccessKind.Everyone))));
        Must(anna, anna.Claim(ball, ClaimAction.Lock));
        RoomMirror.ObjectFacts facts = ben.Mirror.Objects[ball];
        MustNot(ben, () => ben.Claim(ball, ClaimAction.Take, Id(anna)), CloseCode.Locked, 0, Id(anna));
        MustNot(ben, () => ben.Set(OfObject(ball), "k", [2]), CloseCode.Locked, 0, Id(anna));
        MustNot(ben, () => ben.Update(ball, name: "x"), CloseCode.Forbidden);
        MustNot(ben, () => ben.Remove(ball), CloseCode.Forbidden);
        ben.MoveObject(facts.Slot, facts.Generation, 5, Simulation.Now);
        editor.MoveObject(facts.Slot, facts.Generation, 5, Simulation.Now);
        Settle();
        Assert.Empty(anna.Values);

        Must(editor, editor.Update(ball, name: "edited"));
        Must(editor, editor.Set(OfObject(ball), "k", [3]));
        Assert.Equal(Id(anna), ben.Mirror.Objects[ball].LockHolder);
        Must(editor, editor.Remove(ball));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Locked_byAnotherThanItsNewOwner_cannotBe()
    {
        // Whoever gives a locked object away gives the lock up with it: an owner is never locked out by somebody before.
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        Must(anna, anna.Claim(ball, ClaimAction.Lock, 60_000));
        Must(anna, anna.Claim(ball, ClaimAction.Give, Id(ben)));
        Assert.Equal(0u, ben.Mirror.Objects[ball].LockHolder);
        Must(ben, ben.Update(ball, name: "mine"));
        int told = ben.Changes;
        Simulation.Run(61_000);
        Assert.Equal(told, ben.Changes);
    }

    [Fact]
    public void Lock_endsWhenItsTimeIsUp_toldOnce()
    {
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        uint other = Must(anna, anna.Create("other"));
        Must(anna, anna.Claim(ball, ClaimAction.Lock, 1_000));
        Must(anna, anna.Claim(other, ClaimAction.Lock));
        Simulation.Run(900);
        Assert.Equal(Id(anna), ben.Mirror.Objects[ball].LockHolder);
        ben.StateLog.Clear();
        Simulation.Run(400);
        Assert.Equal(0u, ben.Mirror.Objects[ball].LockHolder);
        Assert.Equal([$"object {ball}"], ben.StateLog);

        // Locked again before the end, it counts from then; unlocked and gone, nothing is left to end.
        Must(anna, anna.Claim(ball, ClaimAction.Lock, 1_000));
        Simulation.Run(700);
        Must(anna, anna.Claim(ball, ClaimAction.Lock, 1_000));
        Simulation.Run(700);
        Assert.Equal(Id(anna), ben.Mirror.Objects[ball].LockHolder);
        Must(anna, anna.Claim(ball, ClaimAction.Lock));
        Simulation.Run(5_000);
        Assert.Equal(Id(anna), ben.Mirror.Objects[ball].LockHolder);
        Must(anna, anna.Claim(ball, ClaimAction.Lock, uint.MaxValue));
        Must(anna, anna.Remove(ball));
        Simulation.Run(1_000);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void LockHolder_whoVanishes_keepsTheLockWhileAway_thenItEndsOnce()
    {
        Simulation = new Simulation(Resuming);
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        Must(anna, anna.Claim(ball, ClaimAction.Release));
        Must(ben, ben.Claim(ball, ClaimAction.Lock));
        ben.Vanish();
        anna.StateLog.Clear();
        Simulation.Run(29_000);
        Assert.Equal(Id(ben), anna.Mirror.Objects[ball].LockHolder);
        Assert.Empty(anna.StateLog);

        Simulation.Run(2_000);
        Assert.Equal([$"object {ball}", "left 2"], anna.StateLog);
        Assert.Equal(0u, anna.Mirror.Objects[ball].LockHolder);
    }

    [Fact]
    public void LockHolder_whoComesBack_stillHolds()
    {
        Simulation = new Simulation(Resuming);
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        Must(anna, anna.Claim(ball, ClaimAction.Lock));
        anna.Reconnect();
        Simulation.Run(40_000);
        Assert.Equal((Id(anna), Id(anna)), (ben.Mirror.Objects[ball].LockHolder, ben.Mirror.Objects[ball].Owner));
        Must(anna, anna.Claim(ball, ClaimAction.Unlock));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void OwnerWhoIsAway_keepsEverything_untilTheTimeIsUp()
    {
        Simulation = new Simulation(Resuming);
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        uint shadow = Must(anna, anna.Create("shadow", flags: ObjectFlags.None));
        anna.Vanish();
        Simulation.Run(29_000);
        Assert.Equal(2, ben.Mirror.Objects.Values.Count(place => place.Owner == Id(anna)));
        ben.StateLog.Clear();
        Simulation.Run(2_000);

        Assert.Equal([$"removed {shadow}", $"object {ball}", "left 1"], ben.StateLog);
        Assert.Equal(Id(ben), Assert.Single(ben.Mirror.Objects).Value.Owner);
        Clients.Remove(anna);
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Departure_handsEachPersistentObjectOnce_toTheOldestWhoMayTake()
    {
        SimulatedClient lobby = Enter("Oldest", "guest");
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben");
        SimulatedClient cleo = Enter("Cleo");
        uint[] balls = [.. Enumerable.Range(0, 20).Select(i => Must(anna, anna.Create($"b{i}")))];
        Must(anna, anna.Claim(balls[0], ClaimAction.Lock));
        Must(anna, anna.Set(OfObject(balls[1]), "owners", [1], new(AttributeFlags.None, new(AccessKind.Owner), new(AccessKind.Owner))));
        cleo.StateLog.Clear();
        anna.Leave();
        AssertAllSeeTheTruth();

        Assert.Equal([.. balls.Select(id => $"object {id}"), "left 2"], cleo.StateLog);
        Assert.All(cleo.Mirror.Objects.Values, place => Assert.Equal((Id(ben), 2u, 0u), (place.Owner, place.Creator, place.LockHolder)));
        Assert.Single(ben.Mirror.Attributes);
        Assert.Empty(lobby.Mirror.Attributes);
    }

    [Fact]
    public void Departure_withNobodyWhoMayTake_leavesThingsToNobody()
    {
        SimulatedClient guest = Enter("Guest", "guest");
        SimulatedClient anna = Enter("Anna");
        uint ball = Must(anna, anna.Create("ball", flags: ObjectFlags.Persistent | ObjectFlags.Fixed));
        anna.Leave();
        AssertAllSeeTheTruth();
        Assert.Equal(0u, guest.Mirror.Objects[ball].Owner);

        SimulatedClient ben = Enter("Ben");
        Must(ben, ben.Claim(ball, ClaimAction.Take, 0));
        AssertAllSeeTheTruth();
    }

    [Fact]
    public void Departure_passesThoseInTheLobbyOver_andMindsNoQuota()
    {
        Options = new RoomOptions { HasLobby = true, MaxObjectsPerMember = 2 };
        SimulatedClient waiting = Enter("Waiting");
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben");
        Must(anna, anna.Manage(ManageAction.Enter));
        Must(ben, ben.Manage(ManageAction.Enter));
        Must(anna, anna.Create("a"));
        Must(anna, anna.Create("b"));
        Must(ben, ben.Create("c"));
        anna.Leave();
        AssertAllSeeTheTruth();

        Assert.All(waiting.Mirror.Objects.Values, place => Assert.Equal(Id(ben), place.Owner));
        MustNot(ben, () => ben.Create("d"), CloseCode.QuotaExceeded, 2, 4);
    }

    [Fact]
    public void Departure_endsWhatIsNotPersistent_once_andSavesWhatStandsUnderIt()
    {
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben");
        SimulatedClient cleo = Enter("Cleo");
        const ObjectFlags Ephemeral = ObjectFlags.None;
        uint tent = Must(ben, ben.Create("tent", flags: Ephemeral));
        uint bed = Must(ben, ben.Create("bed", tent, Ephemeral));
        uint chest = Must(anna, anna.Create("chest", bed, ObjectFlags.Persistent | ObjectFlags.Placed));
        uint coin = Must(cleo, cleo.Create("coin", chest));
        uint note = Must(cleo, cleo.Create("note", chest, Ephemeral));
        uint annas = Must(anna, anna.Create("annas", tent, Ephemeral));
        uint bens = Must(ben, ben.Create("bens", bed));
        uint shelf = Must(anna, anna.Create("shelf"));
        uint onShelf = Must(ben, ben.Create("onShelf", shelf, Ephemeral));
        cleo.StateLog.Clear();
        ben.Leave();
        AssertAllSeeTheTruth();

        Assert.Equal([chest, coin, note, bens, shelf], cleo.Mirror.Objects.Keys.Order());
        Assert.Equal((0u, chest, chest, 0u), (
            cleo.Mirror.Objects[chest].Parent,
            cleo.Mirror.Objects[coin].Parent,
            cleo.Mirror.Objects[note].Parent,
            cleo.Mirror.Objects[bens].Parent));
        Assert.Equal((Id(anna), Id(anna)), (cleo.Mirror.Objects[bens].Owner, cleo.Mirror.Objects[chest].Owner));
        Assert.Equal(
            [$"removed {tent}", $"removed {onShelf}"], cleo.StateLog.Where(line => line.StartsWith("removed", StringComparison.Ordinal)));
        Assert.Equal("left 2", cleo.StateLog[^1]);
        Assert.NotEqual(annas, bens);
    }

    [Fact]
    public void Departure_byAnyRoad_isTheSame()
    {
        foreach (string how in new[] { "leave", "kick", "vanish", "change" })
        {
            Simulation = new Simulation();
            Clients.Clear();
            SimulatedClient owner = Enter("Owner", "owner");
            SimulatedClient ben = Enter("Ben");
            uint kept = Must(ben, ben.Create("kept"));
            Must(ben, ben.Create("gone", flags: ObjectFlags.None));
            switch (how)
            {
                case "leave":
                    ben.Leave();
                    break;
                case "kick":
                    owner.Manage(ManageAction.Kick, Id(ben));
                    break;
                case "change":
                    ben.Join("elsewhere", change: true);
                    break;
                default:
                    ben.Vanish();
                    break;
            }

            Clients.Remove(ben);
            AssertAllSeeTheTruth();
            Assert.Equal((kept, Id(owner)), Assert.Single(owner.Mirror.Objects.Select(pair => (pair.Key, pair.Value.Owner))));
            Assert.Single(owner.StateLog, "left 2");
        }
    }

    [Fact]
    public void Room_thatEmpties_forgetsItsWorld()
    {
        (SimulatedClient anna, SimulatedClient ben, uint ball) = AnnaHasABall();
        ulong epoch = anna.Seat!.Epoch;
        anna.Leave();
        ben.Leave();
        Settle();
        SimulatedClient cleo = Enter("Cleo");
        Assert.NotEqual(epoch, cleo.Seat!.Epoch);
        Assert.Empty(cleo.Mirror.Objects);
        Assert.Equal(ball, Must(cleo, cleo.Create("ball")));
    }

    private (SimulatedClient Anna, SimulatedClient Ben, uint Ball) AnnaHasABall()
    {
        SimulatedClient anna = Enter("Anna");
        SimulatedClient ben = Enter("Ben");
        return (anna, ben, Must(anna, anna.Create("ball", flags: ObjectFlags.Persistent | ObjectFlags.Placed)));
    }
}
