using Relay.Core.Rooms.Stores;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>What is persistent outlasts its room and its server, and is answered when it is stored and not before.</summary>
public sealed class StoredRoomTests : StoreTest
{
    [Fact]
    public void Persistent_thingsOutlastTheirRoom_withTheirIds_andEphemeralOnesDoNot()
    {
        SimulatedClient anna = Enter("Anna", "a", "owner");
        uint table = Must(anna, anna.Create("table", flags: ObjectFlags.Persistent | ObjectFlags.Fixed));
        uint lamp = Must(anna, anna.Create("lamp", parent: table, attributes: [("on", Lasting, StateAsks.Number(1))]));
        uint dust = Must(anna, anna.Create("dust", flags: 0));
        uint late = Must(anna, anna.Create("late", parentName: "desk"));
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(7), Lasting));
        Must(anna, anna.Set(AttributeTarget.OfRoom(), "mood", StateAsks.Number(8)));
        uint gone = Must(anna, anna.Create("gone"));
        Must(anna, anna.Remove(gone));
        ulong epoch = Room.Epoch;
        Empty(anna);

        SimulatedClient ben = Enter("Ben", "b", "owner");
        Assert.NotEqual(epoch, Room.Epoch);
        Assert.Equal([table, lamp, late], ben.Mirror.Objects.Keys.Order());
        RoomMirror.ObjectFacts facts = ben.Mirror.Objects[lamp];
        Assert.Equal((table, 0u, 0u, "lamp"), (facts.Parent, facts.Owner, facts.Creator, facts.Name));
        Assert.Equal("desk", ben.Mirror.Objects[late].AwaitedParent);
        Assert.Equal(["on", "topic"], ben.Mirror.Attributes.Keys.Select(place => place.Key).Order());
        Assert.All(ben.Mirror.Attributes.Values, value => Assert.Equal((1ul, 0u), (value.Version, value.Author)));

        // What was loaded is written like anything else, and an id never comes back.
        Assert.True(Must(ben, ben.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(9), expected: 1)) > 1);
        Must(ben, ben.Claim(table, ClaimAction.Take));
        Assert.Equal(Id(ben), ben.Mirror.Objects[table].Owner);
        Assert.True(Must(ben, ben.Create()) > Math.Max(gone, dust));
    }

    [Fact]
    public void FixedObjectOfTheServers_staysTheServers()
    {
        Store.Rooms.Add("plaza", new TestRoomStore.Kept());
        Store.Rooms["plaza"].Apply(new RoomChanges
        {
            Room = "plaza",
            LastObject = 9,
            Objects = [new StoredObject { Id = 9, IsServers = true, Flags = ObjectFlags.Fixed | ObjectFlags.Persistent }],
        });
        SimulatedClient anna = Enter("Anna", role: "owner");
        ulong asked = anna.Claim(9, ClaimAction.Take);
        Answered(anna, asked);
        Assert.Equal(CloseCode.Forbidden, anna.Refusals[^1].Code);
        Assert.Equal(10u, Must(anna, anna.Create()));
    }

    [Fact]
    public void Answers_waitForTheStore_inOrder_whileEverythingElseGoesOn()
    {
        SimulatedClient anna = Enter("Anna", role: "owner"), ben = Enter("Ben");
        TaskCompletionSource open = Close();
        ulong[] asked = [.. Enumerable.Range(0, 50).Select(i => anna.Set(AttributeTarget.OfRoom(), $"k{i}", StateAsks.Number(i), Lasting))];
        ulong fleeting = anna.Set(AttributeTarget.OfRoom(), "mood", StateAsks.Number(1));
        ulong wrong = anna.Remove(99);
        anna.Leave();
        Simulation.Run(300);
        Assert.Empty(anna.Done);
        Assert.Empty(anna.Errors);
        Assert.NotNull(anna.Seat);
        Assert.Equal(51, ben.Mirror.Attributes.Count);
        ben.Move(5, Simulation.Now);
        ben.Send("hello", Simulation.Pool);
        ulong own = ben.Set(AttributeTarget.OfMember(Id(ben)), "mood", StateAsks.Number(1));
        Simulation.Run(100);
        Assert.Equal(["hello"], anna.Events);
        Assert.Contains(ben.Seat!.Slot, anna.Values.Keys);
        Assert.Contains(own, ben.Done.Keys);

        open.SetResult();
        Simulation.Await(() => anna.Left is not null);
        Assert.Equal([.. asked, fleeting], anna.Done.Keys);
        Assert.Equal(wrong, Assert.Single(anna.Errors).Sequence);

        // The first went alone, the others together.
        Assert.InRange(Store.Batches, 2, 3);
    }

    [Fact]
    public void MoreThanSoManyAnswers_areNotOwed_andNothingIsLost()
    {
        SimulatedClient anna = Enter("Anna", role: "owner");
        TaskCompletionSource open = Close();
        var asked = new List<ulong>();
        for (int i = 0; i < 128 + 20; i++)
        {
            asked.Add(anna.Set(AttributeTarget.OfRoom(), $"k{i % 8}", StateAsks.Number(i), Lasting));
            Simulation.Run(10);
        }

        Assert.Equal(8, anna.Mirror.Attributes.Count);
        Assert.Equal(128, anna.Connection.Owed!.Count);
        open.SetResult();
        Answered(anna, asked[^1]);
        Assert.Equal(asked, anna.Done.Keys);
        Assert.Equal(0, anna.Connection.Owed.Count);
    }

    [Fact]
    public void ManyConnections_shareFewCommits()
    {
        SimulatedClient[] clients = [.. Enumerable.Range(0, 100).Select(i => Enter($"c{i}", $"u{i}", "owner", $"room{i % 10}x"))];
        int before = Store.Batches;
        Store.SaveGate = token => Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, token);
        foreach (int round in Enumerable.Range(0, 20))
        {
            foreach (SimulatedClient client in clients)
            {
                client.Set(AttributeTarget.OfMember(Id(client)), "score", StateAsks.Number(round), Lasting);
            }
        }

        Simulation.Await(() => Array.TrueForAll(clients, client => client.Done.Count == 20));
        Assert.InRange(Store.Batches - before, 1, 10);
    }

    [Fact]
    public void StoreThatFailsForTooLong_isAnsweredWith4500_theChangeStays_andIsStoredLater()
    {
        SimulatedClient anna = Enter("Anna", role: "owner");
        Store.SaveGate = _ => throw new IOException("down");
        ulong asked = anna.Set(AttributeTarget.OfRoom(), "topic", StateAsks.Number(7), Lasting);
        Simulation.Run(4_900);
        Assert.Empty(anna.Errors);
        Simulation.Run(600);
        SimulatedClient.RefusalFacts refusal = Assert.Single(anna.Refusals);
        Assert.Equal((CloseCode.StoreUnavailable, asked), (refusal.Code, refusal.Sequence));
        Assert.Contains("will be stored", refusal.Text, StringComparison.Ordinal);
        Assert.Single(anna.Mirror.Attributes);
        Store.SaveGate = _ => Task.CompletedTask;
        Empty(anna);
        Assert.Empty(anna.Done);
        Assert.Single(Enter("Ben").Mirror.Attributes);
    }

    [Fact]
    public void WhileTheStoreFails_onlySoMuchWaits_andTheRestIsRefusedUntouched()
    {
        MaxUnsaved = 3;
        Start();
        SimulatedClient anna = Enter("Anna", role: "owner");
        ulong fine = anna.Set(AttributeTarget.OfRoom(), "well", StateAsks.Number(1), Lasting);
        Answered(anna, fine);
        Store.SaveGate = _ => throw new IOException("down");
        ulong[] asked = [.. Enumerable.Range(0, 3).Select(i => anna.Set(AttributeTarget.OfRoom(), $"k{i}", StateAsks.Number(i), Lasting))];
        Simulation.Run(6_000);
        Assert.Equal(asked, anna.Refusals.Select(refusal => refusal.Sequence));
        string before = anna.Mirror.Dump();
        ulong refused = anna.Create("more");
        ulong fleeting = anna.Create("fleeting", flags: 0);
        Simulation.Run(100);
        Assert.Equal((refused, CloseCode.StoreUnavailable, 3.0, 4.0), (
            anna.Refusals[^1].Sequence, anna.Refusals[^1].Code, anna.Refusals[^1].Limit, anna.Refusals[^1].Value));
        Assert.Contains(fleeting, anna.Done.Keys);
        Assert.Contains("fleeting", anna.Mirror.Dump()[before.Length..] + anna.Mirror.Dump(), StringComparison.Ordinal);
        Assert.DoesNotContain(anna.Mirror.Objects.Values, facts => facts.Name == "more");
        Store.SaveGate = _ => Task.CompletedTask;
        AllStored();
        Must(anna, anna.Create("more"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnswerThatIsOwed_outlastsItsConnection_andIsToldOnce(bool isStoredWhileAway)
    {
        SimulatedClient anna = Enter("Anna", role: "owner");
        TaskCompletionSource open = Close();
        ulong asked = anna.Create("table");
        Simulation.Run(50);
        anna.Outlet.IsLossy = true;
        anna.Vanish();
        Simulation.Run(50);
        if (isStoredWhileAway)
        {
            open.SetResult();
            AllStored();
        }

        anna.BeginResume();
        Simulation.Run(50);
        open.TrySetResult();
        Answered(anna, asked);
        Simulation.Run(200);
        Assert.Equal(1, anna.Resumes);
        Assert.Equal(asked, Assert.Single(anna.Done).Key);
        Assert.Single(anna.Mirror.Objects);
    }

    [Fact]
    public void ConnectionThatIsClosed_isOwedNothingMore()
    {
        SimulatedClient anna = Enter("Anna", role: "owner"), ben = Enter("Ben");
        TaskCompletionSource open = Close();
        anna.Create("table");
        Simulation.Run(50);
        Simulation.Shard.Close(anna.Connection, new Core.Rooms.CloseReason(CloseCode.Kicked, "Out."));
        Simulation.Run(50);
        open.SetResult();
        AllStored();
        Assert.Empty(anna.Done);
        Assert.Single(ben.Mirror.Objects);
        Assert.Contains("table", Store.Dump("plaza"), StringComparison.Ordinal);
    }

    [Fact]
    public void FlagsAndParents_areStoredAsTheyAre()
    {
        SimulatedClient anna = Enter("Anna", role: "owner");
        uint shelf = Must(anna, anna.Create("shelf", flags: 0));
        uint book = Must(anna, anna.Create("book", parent: shelf, attributes: [("page", Lasting, StateAsks.Number(3))]));
        uint note = Must(anna, anna.Create("note", flags: 0, attributes: [("text", Lasting, StateAsks.Number(4))]));
        Assert.Equal(0u, Store.Rooms["plaza"].Objects[book].Parent);
        Assert.DoesNotContain(Store.Rooms["plaza"].Attributes.Keys, name => name.Object == note);
        Must(anna, anna.Update(shelf, flags: ObjectFlags.Persistent));
        Must(anna, anna.Update(note, flags: ObjectFlags.Persistent));
        Assert.Equal(shelf, Store.Rooms["plaza"].Objects[book].Parent);
        Assert.Contains(Store.Rooms["plaza"].Attributes.Keys, name => name.Object == note);

        // Off and on again before anything is stored: what went meanwhile does not come back.
        TaskCompletionSource open = Close();
        anna.Set(AttributeTarget.OfRoom(), "busy", StateAsks.Number(1), Lasting);
        Simulation.Run(50);
        anna.Update(note, flags: 0);
        anna.Delete(AttributeTarget.OfObject(note), "text");
        ulong last = anna.Update(note, flags: ObjectFlags.Persistent);
        Simulation.Run(50);
        open.SetResult();
        Must(anna, last);
        Assert.DoesNotContain(Store.Rooms["plaza"].Attributes.Keys, name => name.Object == note);
        Must(anna, anna.Set(AttributeTarget.OfObject(book), "page", StateAsks.Number(5), AttributeTerms.Default));
        Assert.DoesNotContain(Store.Rooms["plaza"].Attributes.Keys, name => name.Object == book);
        Must(anna, anna.Remove(shelf));
        Assert.Equal([note], Store.Rooms["plaza"].Objects.Keys);
    }

    [Fact]
    public void Clones_areStoredWithWhatTheyGot()
    {
        SimulatedClient anna = Enter("Anna", role: "owner");
        AttributeTerms terms = Lasting with { Flags = AttributeFlags.Persistent | AttributeFlags.Cloneable };
        uint table = Must(anna, anna.Create("table", attributes: [("colour", terms, StateAsks.Number(3))]));
        uint copy = Must(anna, anna.Clone(table, name: "copy"));
        Assert.Equal("copy", Store.Rooms["plaza"].Objects[copy].Name);
        Assert.Contains(new AttributeName(copy, "", "colour"), Store.Rooms["plaza"].Attributes.Keys);
    }

    [Fact]
    public void PersistentAttribute_forOneMemberOrOfSomebodyUnknown_isRefused()
    {
        SimulatedClient anna = Enter("Anna", role: "owner"), ben = Enter("Ben", "b");
        ulong member = anna.Set(
            AttributeTarget.OfRoom(), "k", StateAsks.Number(1), Lasting with { Readers = new Access(AccessKind.Member, Id(ben)) });
        ulong unknown = anna.Set(AttributeTarget.OfMember(Id(anna)), "k", StateAsks.Number(1), Lasting);
        Answered(anna, unknown);
        Assert.Equal([member, unknown], anna.Refusals.Select(refusal => refusal.Sequence));
        Assert.All(anna.Refusals, refusal => Assert.Equal(CloseCode.BadValue, refusal.Code));
        Must(anna, anna.Set(AttributeTarget.OfMember(Id(ben)), "k", StateAsks.Number(1), Lasting));
    }

    /// <summary>Has the store wait until the source is completed.</summary>
    private TaskCompletionSource Close()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.SaveGate = open.Task.WaitAsync;
        return open;
    }
}
