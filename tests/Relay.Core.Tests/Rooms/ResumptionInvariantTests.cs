using FsCheck;
using FsCheck.Fluent;
using Relay.Core.Rooms;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms;

/// <summary>
/// Random histories of a room whose members' connections break, with whatever was under way lost, and come back: in the end everybody has
/// had every event once and in order, and sees the same room.
/// </summary>
public sealed class ResumptionInvariantTests
{
    private const int Clients = 5;

    private static readonly ShardSettings Settings = new()
    {
        IdleTimeoutMicros = long.MaxValue,
        HeartbeatMicros = long.MaxValue,
        SlowReceiverMicros = long.MaxValue,
        ResumeWindowMicros = long.MaxValue / 2,
    };

    private enum Act
    {
        Event,
        Private,
        Move,
        Break,
        Vanish,
        Resume,
        Stall,
        Unstall,
        Time,
        Newcomer,
    }

    [Fact]
    public void AnyHistory_endsWithEverythingToldOnce() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(new Replay(new Rnd(20261121, 11), size: null)), Property());

    [Fact]
    [Trait("Category", "Full")]
    public void ManyHistories_endWithEverythingToldOnce() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Property());

    private static Property Property()
    {
        Gen<(Act, int, int)> operation =
            from act in Gen.Frequency(
                (6, Gen.Constant(Act.Event)),
                (2, Gen.Constant(Act.Private)),
                (6, Gen.Constant(Act.Move)),
                (2, Gen.Constant(Act.Break)),
                (3, Gen.Constant(Act.Vanish)),
                (4, Gen.Constant(Act.Resume)),
                (2, Gen.Constant(Act.Stall)),
                (2, Gen.Constant(Act.Unstall)),
                (8, Gen.Constant(Act.Time)),
                (1, Gen.Constant(Act.Newcomer)))
            from who in Gen.Choose(0, Clients - 1)
            from value in Gen.Choose(1, 100_000)
            select (act, who, value);
        return Prop.ForAll(operation.ListOf(150).ToArbitrary(), Play);
    }

    private static void Play(IEnumerable<(Act Act, int Who, int Value)> operations)
    {
        var simulation = new Simulation(Settings, shards: 2);
        List<SimulatedClient> clients = [.. Enumerable.Range(0, Clients).Select(i => Enter(simulation, i))];
        List<List<string>> due = [.. clients.Select(_ => new List<string>())];
        int number = 0;
        foreach ((Act act, int who, int value) in operations)
        {
            SimulatedClient client = clients[who];
            switch (act)
            {
                case Act.Event when client.Connection.Commands.HasRoom:
                    client.Send($"e{++number}", simulation.Pool, EventAudience.Everyone);
                    due.ForEach(list => list.Add($"e{number}"));
                    simulation.Wake();
                    break;
                case Act.Private when client.Connection.Commands.HasRoom:
                    int target = value % clients.Count;
                    client.Send($"p{++number}", simulation.Pool, EventAudience.Member, clients[target].Seat!.Member);
                    due[target].Add($"p{number}");
                    simulation.Wake();
                    break;
                case Act.Move:
                    client.Move((uint)value, simulation.Now);
                    break;
                case Act.Break:
                    client.Outlet.IsLossy = true;
                    break;
                case Act.Vanish when !client.HasVanished && client.Connection.Commands.HasRoom:
                    client.Outlet.IsLossy = true;
                    client.Vanish();
                    break;
                case Act.Resume when client.Outlet.IsLossy:
                    Return(client);
                    break;
                case Act.Stall:
                    client.Outlet.IsStalled = true;
                    break;
                case Act.Unstall:
                    client.Outlet.Resume();
                    break;
                case Act.Time:
                    simulation.Run(value % 60);
                    break;
                case Act.Newcomer when clients.Count < 12:
                    clients.Add(Enter(simulation, clients.Count));
                    due.Add([]);
                    break;
            }
        }

        foreach (SimulatedClient client in clients.Where(client => client.Outlet.IsLossy))
        {
            Return(client);
        }

        simulation.Run(200);
        clients.ForEach(client => client.Outlet.Resume());
        simulation.Run(500);

        Room room = simulation.Shard.FindRoom("plaza")!;
        Assert.Equal(clients.Count, room.Members.Count);
        for (int i = 0; i < clients.Count; i++)
        {
            Assert.Equal(due[i], clients[i].Events);
            Assert.Equal(clients.Count, clients[i].Members.Count);
            Assert.Equal(clients[0].Values.OrderBy(entry => entry.Key), clients[i].Values.OrderBy(entry => entry.Key));
            Assert.Equal(1, clients[i].Snapshots);
        }
    }

    private static SimulatedClient Enter(Simulation simulation, int number)
    {
        SimulatedClient client = simulation.ConnectAndJoin($"c{number}");
        client.EndsWhenCutOff = true;
        return client;
    }

    /// <summary>The client notices that its connection is dead, whether the server has or not.</summary>
    private static void Return(SimulatedClient client)
    {
        if (!client.HasVanished && client.Connection.Commands.HasRoom)
        {
            client.Vanish();
        }

        client.BeginResume();
    }
}
