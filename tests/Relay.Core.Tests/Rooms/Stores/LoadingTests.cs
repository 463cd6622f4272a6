using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>Rooms on their way from the store and back to it, and who comes and goes meanwhile.</summary>
public sealed class LoadingTests : StoreTest
{
    [Fact]
    public void Case37_manyWhoComeWhileARoomIsFetched_getOneRoom()
    {
        Enter("Cleo", "c", room: "lobby");
        TaskCompletionSource open = CloseLoads();
        SimulatedClient[] clients = [.. Enumerable.Range(0, 20).Select(i => Simulation.Connect($"c{i}", i % 2 == 0 ? $"u{i}" : null))];
        foreach (SimulatedClient client in clients)
        {
            client.Join("plaza", Options);
        }

        Simulation.Run(100);
        Assert.All(clients, client => Assert.Null(client.Seat));
        Assert.Null(Found);
        open.SetResult();
        Simulation.Await(() => Array.TrueForAll(clients, client => client.Seat is not null));
        Assert.Single(clients.Select(client => client.Seat!.Epoch).Distinct());
        Assert.Equal(20, clients.Select(client => client.Seat!.Member).Distinct().Count());
        Assert.Equal(2, Store.Loads);
        Assert.All(clients, client => Assert.Equal(20, client.Members.Count));
    }

    [Fact]
    public void Case37_lastLeaveMeetsFirstJoin_whileTheRoomIsBeingStored_inOneRoom()
    {
        SimulatedClient anna = Enter("Anna", role: "owner"), ben = Simulation.Connect("Ben");
        var open = new TaskCompletionSource();
        Store.SaveGate = open.Task.WaitAsync;
        ulong epoch = Room.Epoch;
        anna.Create("table");
        Simulation.Run(50);
        Simulation.Shard.Close(anna.Connection, new CloseReason(CloseCode.Normal, "Bye."));
        Simulation.Run(50);
        Assert.Equal(epoch, Room.Epoch);
        Assert.Empty(Room.Members);

        // It is not stored yet, so it has not ended: whoever comes enters the same room.
        ben.Join("plaza", Options);
        Simulation.Run(50);
        Assert.Equal((epoch, 1), (ben.Seat!.Epoch, ben.Mirror.Objects.Count));
        open.SetResult();
        AllStored();
        Assert.Equal(epoch, Room.Epoch);
        Empty(ben);
        Assert.Single(Enter("Cleo").Mirror.Objects);
    }

    [Fact]
    public void Case36_twoForTheLastSeat_whileTheRoomIsFetched_oneGetsIt()
    {
        Options.Capacity = 1;
        TaskCompletionSource open = CloseLoads();
        SimulatedClient anna = Simulation.Connect("Anna", "a"), ben = Simulation.Connect("Ben", "b");
        anna.Join("plaza", Options);
        ben.Join("plaza", Options);
        Simulation.Run(50);
        open.SetResult();
        Simulation.Await(() => anna.Errors.Count + ben.Errors.Count == 1 && (anna.Seat ?? ben.Seat) is not null);
        Assert.Equal(CloseCode.RoomFull, anna.Errors.Concat(ben.Errors).Single().Code);
    }

    [Fact]
    public void RoomThatSpillsOver_isStoredInstanceByInstance()
    {
        Options.Capacity = 1;
        Options.Overflow = RoomOverflow.Spill;
        SimulatedClient anna = Enter("Anna", "a", "owner"), ben = Enter("Ben", "b", "owner"), cleo = Enter("Cleo", "c", "owner");
        Assert.Equal(["plaza", "plaza~2", "plaza~3"], new[] { anna, ben, cleo }.Select(client => client.RoomName!));
        Must(ben, ben.Create("second"));
        Assert.Contains("second", Store.Dump("plaza~2"), StringComparison.Ordinal);
        Assert.Equal("", Store.Dump("plaza"));
        cleo.Leave();
        ben.Leave();
        Simulation.Await(() => Simulation.Shard.Rooms.Count == 1);
        SimulatedClient dora = Enter("Dora", "d");
        Assert.Equal(("plaza~2", 1), (dora.RoomName, dora.Mirror.Objects.Count));
    }

    [Fact]
    public void StoreThatIsDown_opensNothing_andSaysSo()
    {
        Store.LoadGate = _ => throw new IOException("down");
        SimulatedClient anna = Simulation.Connect("Anna");
        anna.Join("plaza", Options);
        Simulation.Await(() => anna.Errors.Count > 0);
        Assert.Equal((FrameTypeOfJoin, CloseCode.StoreUnavailable), (anna.Errors[0].Type, anna.Errors[0].Code));
        Assert.Empty(Simulation.Shard.Rooms);
        Store.LoadGate = _ => Task.CompletedTask;
        anna.Join("plaza", Options);
        Simulation.Await(() => anna.Seat is not null);
    }

    [Fact]
    public void UserWhoseThingsCannotBeFetched_isRefused_andTheRoomStays()
    {
        SimulatedClient ben = Enter("Ben");
        Store.LoadGate = _ => throw new IOException("down");
        SimulatedClient anna = Simulation.Connect("Anna", "a");
        anna.Join("plaza", Options);
        Simulation.Await(() => anna.Errors.Count > 0);
        Assert.Equal(CloseCode.StoreUnavailable, anna.Errors[0].Code);
        Assert.Single(ben.Members);
        Assert.Equal((0, 0), (Room.Holds, Room.Reserved));
    }

    [Fact]
    public void WhoeverLeavesWhileTheRoomIsFetched_opensItForNobody()
    {
        TaskCompletionSource open = CloseLoads();
        SimulatedClient anna = Simulation.Connect("Anna", "a");
        anna.Join("plaza", Options);
        Simulation.Run(50);
        Simulation.Shard.Close(anna.Connection, new CloseReason(CloseCode.Normal, "Bye."));
        anna.Vanish();
        Simulation.Run(50);
        open.SetResult();
        Simulation.Await(() => Simulation.Shard.Connections.Count == 0 && Simulation.Shard.Rooms.Count == 0 && Store.Loads > 0);
        Assert.Null(Found);
        Enter("Ben");
    }

    [Fact]
    public void RoomsThatAreFetched_countAgainstTheLimit()
    {
        TaskCompletionSource open = CloseLoads();
        Simulation tight = new(Simulation.Shard.Settings with { MaxRooms = 1 });
        SimulatedClient anna = tight.Connect("Anna"), ben = tight.Connect("Ben");
        anna.Join("plaza", Options);
        ben.Join("lobby", Options);
        tight.Run(50);
        Assert.Equal(CloseCode.TooManyRooms, Assert.Single(ben.Errors).Code);
        open.SetResult();
        tight.Await(() => anna.Seat is not null);
        anna.Leave();
        tight.Await(() => tight.Shard.Rooms.Count == 0);
        ben.Join("lobby", Options);
        tight.Await(() => ben.Seat is not null);
    }

    private const Protocol.Frames.FrameType FrameTypeOfJoin = Protocol.Frames.FrameType.Join;

    private TaskCompletionSource CloseLoads()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Store.LoadGate = open.Task.WaitAsync;
        return open;
    }
}
