using Relay.Core.Rooms;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>What users find again when they come back: their attributes, their place, their role.</summary>
public sealed class VisitorTests : StoreTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Attributes_ofAUser_comeBackWithTheUser_forEverybody(bool isRoomClosedBetween)
    {
        SimulatedClient anna = Enter("Anna", "a", "owner");
        uint board = Must(anna, anna.Create("board"));
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "colour", StateAsks.Number(3), Lasting));
        Must(anna, anna.Set(AttributeTarget.OfObjectMember(board, Id(anna)), "vote", StateAsks.Number(4), Lasting));
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "mood", StateAsks.Number(5)));
        SimulatedClient? ben = null;
        if (isRoomClosedBetween)
        {
            Empty(anna);
            ben = Enter("Ben", "b");
        }
        else
        {
            ben = Enter("Ben", "b");
            anna.Leave();
            Simulation.Run(100);
            Assert.Empty(ben.Mirror.Attributes);
        }

        SimulatedClient again = Enter("Anna", "a");
        Simulation.Run(100);
        AssertHas(again, ben);
        AssertHas(Enter("Cleo"), again);
        Assert.All(Store.Rooms["plaza"].Attributes.Keys, name => Assert.Equal("a", name.User));

        void AssertHas(SimulatedClient watcher, SimulatedClient other)
        {
            Assert.Equal(
                [(AttributeTarget.OfMember(Id(again)), "colour"), (AttributeTarget.OfObjectMember(board, Id(again)), "vote")],
                watcher.Mirror.Attributes.Keys.OrderBy(place => place.Key));
            Assert.Equal(watcher.Mirror.Dump(), other.Mirror.Dump());
        }
    }

    [Fact]
    public void UserWhoComesBackBeforeAnythingIsStored_findsWhatWasThereLast()
    {
        SimulatedClient anna = Enter("Anna", "a", "owner");
        Enter("Ben");
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "colour", StateAsks.Number(1), Lasting));
        var open = new TaskCompletionSource();
        Store.SaveGate = open.Task.WaitAsync;
        anna.Set(AttributeTarget.OfMember(Id(anna)), "colour", StateAsks.Number(2), Lasting);
        anna.Move(77, Simulation.Now);
        Simulation.Run(100);
        SimulatedClient again = Enter("Anna", "a");
        Assert.Equal(CloseCode.Replaced, anna.Closed);
        Assert.Equal("02", Assert.Single(again.Mirror.Attributes).Value.Value);
        Simulation.Run(100);
        Assert.Equal(77u, again.Connection.Seat!.Space.UnpackSteps(again.Values[again.Seat!.Slot]).X);
        open.SetResult();
        AllStored();
        Assert.Equal("02", Convert.ToHexString(Store.Rooms["plaza"].Attributes.Values.Single().Value.Span));
    }

    [Fact]
    public async Task ThingsFetchedBeforeSomebodyElseOfThatNameLeft_areNotBelieved()
    {
        // The store is asked while the user is still in over another connection, and answers as it was then.
        Options.DoubleLogin = DoubleLogin.NewestWins;
        SimulatedClient anna = Enter("Anna", "a", "owner"), ben = Enter("Ben");
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "colour", StateAsks.Number(1), Lasting));
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        Store.LoadGate = async token =>
        {
            asked.SetResult();
            await answer.Task.WaitAsync(token);
        };
        SimulatedClient again = Simulation.Connect("Anna", "a");
        again.Join("plaza", Options);
        Simulation.Run(50);
        await asked.Task.InTimeAsync("the question");
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(anna)), "colour", StateAsks.Number(2), Lasting));
        anna.Leave();
        AllStored();

        // As if it had read before the last change.
        Store.Rooms["plaza"].Attributes.Clear();
        answer.SetResult();
        Simulation.Await(() => again.Seat is not null);
        Assert.Equal("02", Assert.Single(ben.Mirror.Attributes).Value.Value);
    }

    [Fact]
    public void Place_isWhereTheUserWas_forAllAndAsAJump_unlessTheRoomDoesNotWantIt()
    {
        SimulatedClient anna = Enter("Anna", "a");
        anna.Move(1234, Simulation.Now);
        Simulation.Run(100);
        var was = anna.Values[anna.Seat!.Slot];
        Empty(anna);
        SimulatedClient ben = Enter("Ben", "b"), again = Enter("Anna", "a");
        Simulation.Run(100);
        uint slot = again.Seat!.Slot;
        Assert.Equal((was, was), (again.Values[slot], ben.Values[slot]));
        Assert.Contains(slot, again.Jumps);
        Assert.DoesNotContain(ben.Seat!.Slot, ben.Values.Keys);
        Empty(ben, again);

        Options.RestorePlaces = false;
        again = Enter("Anna", "a");
        Simulation.Run(100);
        Assert.Empty(again.Values);
    }

    [Fact]
    public void PlacesOfObjectsAndOfThoseWhoLeft_areStoredNowAndThen_withoutAnybodyWaiting()
    {
        SimulatedClient anna = Enter("Anna", "a", "owner"), ben = Enter("Ben", "b");
        uint ball = Must(anna, anna.Create("ball", flags: ObjectFlags.Persistent | ObjectFlags.Placed));
        RoomMirror.ObjectFacts facts = anna.Mirror.Objects[ball];
        anna.MoveObject(facts.Slot, facts.Generation, 500, Simulation.Now);
        ben.Move(7, Simulation.Now);
        Simulation.Run(100);
        ben.Leave();
        Simulation.Run(100);
        int before = Store.Batches;
        Assert.Null(Store.Rooms["plaza"].Objects[ball].Place);
        Simulation.Run(5_500);
        AllStored();
        Assert.Equal(before + 1, Store.Batches);
        Assert.NotNull(Store.Rooms["plaza"].Objects[ball].Place);
        Assert.Equal(["b"], Store.Rooms["plaza"].Places.Keys);

        // Nothing moves, so nothing is stored; what moves just before the end is.
        Simulation.Run(20_000);
        AllStored();
        Assert.Equal(before + 1, Store.Batches);
        double x = Store.Rooms["plaza"].Objects[ball].Place!.Transform.X;
        anna.MoveObject(facts.Slot, facts.Generation, 9_000, Simulation.Now);
        Simulation.Wake();
        Empty(anna);
        Assert.NotEqual(x, Store.Rooms["plaza"].Objects[ball].Place!.Transform.X);
        SimulatedClient cleo = Enter("Cleo");
        Simulation.Run(100);
        Assert.Equal(9_000u, cleo.Connection.Seat!.Space.UnpackSteps(cleo.Values[cleo.Mirror.Objects[ball].Slot]).X);
    }

    [Fact]
    public void Role_thatIsStored_isTheUsers_unlessTheAuthorizerOrTheRoomSaysOtherwise()
    {
        Assert.Equal(3, Come("owner", null));
        Assert.Equal(0, Come("owner", "guest"));
        Assert.Equal(1, Come("wizard", null));

        byte Come(string stored, string? given)
        {
            SimulatedClient client = Simulation.Connect("Anna", "a");
            Assert.True(client.Connection.Post(new Command(CommandKind.Join)
            {
                Join = new JoinRequest(1, false, "plaza", Options) { Who = client.Connection.Who, Role = given, StoredRole = stored },
            }));
            Simulation.Await(() => client.Seat is not null);
            return client.Members[Id(client)].Role;
        }
    }

    [Fact]
    public void SetRole_ofAUser_isStoredBeforeItIsDone_andOfAStrangerIsForTheStay()
    {
        SimulatedClient anna = Enter("Anna", "a", "owner"), ben = Enter("Ben", "b"), cleo = Enter("Cleo");
        var open = new TaskCompletionSource();
        Roles.Gate = open.Task.WaitAsync;
        ulong asked = anna.Manage(ManageAction.SetRole, Id(ben), 2);
        Simulation.Run(100);
        Assert.Equal(1, anna.Members[Id(ben)].Role);
        open.SetResult();
        Answered(anna, asked);
        Assert.Equal(2, anna.Members[Id(ben)].Role);
        Assert.Equal(["user:b is moderator of plaza"], Roles.Calls);
        ulong stranger = anna.Manage(ManageAction.SetRole, Id(cleo), 2);
        Answered(anna, stranger);
        Assert.Equal((2, 1), (anna.Members[Id(cleo)].Role, Roles.Calls.Count));
        Roles.Gate = _ => throw new IOException("down");
        ulong failed = anna.Manage(ManageAction.SetRole, Id(ben), 0);
        Answered(anna, failed);
        Assert.Equal((CloseCode.StoreUnavailable, 2), (anna.Refusals[^1].Code, anna.Members[Id(ben)].Role));
        ulong none = anna.Manage(ManageAction.SetRole, Id(ben), 9);
        Answered(anna, none);
        Assert.Equal(CloseCode.BadValue, anna.Refusals[^1].Code);
        Assert.Equal(2, Roles.Calls.Count);
    }
}
