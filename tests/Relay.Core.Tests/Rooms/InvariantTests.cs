using FsCheck;
using FsCheck.Fluent;
using Relay.Core.Rooms;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms;

/// <summary>
/// The invariants of "what changed since you last looked", as properties: whatever members do and however receivers stall, everybody who
/// reads again sees the room as it is, and on the way nothing that <see cref="SimulatedClient"/> checks is ever broken.
/// </summary>
public sealed class InvariantTests
{
    private const int Clients = 6;

    private enum Act
    {
        Move,
        Jump,
        Stall,
        Resume,
        Leave,
        Join,
        Event,
        DirectEvent,
        Time,
        LongTime,
        Reconnect,
    }

    [Theory]
    [InlineData(20, 256, 1024, 8)]
    [InlineData(20, 2, 16, 1)]
    [InlineData(0, 0, 16, 2)]
    public void RandomOperations_withReceiversThatStall_leaveEverybodyWithTheTruth(double tickRate, int tombstones, int ring, int groups)
    {
        var options = new RoomOptions
        {
            TickRate = tickRate,
            MaxTombstones = tombstones,
            ReliableRingMessages = ring,
            MaxCursorGroups = groups,
        };
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(new Replay(new Rnd(20261121, 7), size: null)), PropertyOf(options));
    }

    [Fact]
    [Trait("Category", "Full")]
    public void RandomOperations_manyTimes_leaveEverybodyWithTheTruth()
    {
        foreach (double tickRate in new[] { 0.0, 20, 60 })
        {
            var options = new RoomOptions { TickRate = tickRate, MaxTombstones = 3, ReliableRingMessages = 16, MaxCursorGroups = 2 };

            // A new seed each time; a failure prints it.
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), PropertyOf(options));
        }
    }

    private static Property PropertyOf(RoomOptions options)
    {
        Gen<(Act, int, int)> operation =
            from act in Gen.Frequency(
                (10, Gen.Constant(Act.Move)),
                (2, Gen.Constant(Act.Jump)),
                (3, Gen.Constant(Act.Stall)),
                (3, Gen.Constant(Act.Resume)),
                (2, Gen.Constant(Act.Leave)),
                (4, Gen.Constant(Act.Join)),
                (3, Gen.Constant(Act.Event)),
                (2, Gen.Constant(Act.DirectEvent)),
                (8, Gen.Constant(Act.Time)),
                (2, Gen.Constant(Act.LongTime)),
                (1, Gen.Constant(Act.Reconnect)))
            from who in Gen.Choose(0, Clients - 1)
            from value in Gen.Choose(1, 100_000)
            select (act, who, value);
        return Prop.ForAll(operation.ListOf(120).ToArbitrary(), operations => Play(operations, options));
    }

    private static void Play(IEnumerable<(Act Act, int Who, int Value)> operations, RoomOptions options)
    {
        var simulation = new Simulation();
        SimulatedClient[] clients = [.. Enumerable.Range(0, Clients).Select(i => simulation.Connect($"c{i}"))];
        foreach ((Act act, int who, int value) in operations)
        {
            SimulatedClient client = clients[who];
            switch (act)
            {
                case Act.Move or Act.Jump when client.Connection.Seat is not null:
                    client.Move((uint)value, simulation.Now, act == Act.Jump ? TransformFlags.Discontinuity : TransformFlags.None);
                    break;
                case Act.Stall:
                    client.Outlet.IsStalled = true;
                    break;
                case Act.Resume:
                    client.Outlet.Resume();
                    break;
                case Act.Leave when client.Connection.Commands.HasRoom:
                    client.Leave();
                    break;
                case Act.Join when client.Connection.Commands.HasRoom:
                    client.Join("plaza", options, epoch: client.Seat?.Epoch ?? 0, cursor: 0);
                    break;
                case Act.Event when client.Connection.Commands.HasRoom:
                    client.Send($"e{value}", simulation.Pool);
                    break;
                case Act.DirectEvent when client.Connection.Commands.HasRoom:
                    client.Send($"d{value}", simulation.Pool, EventAudience.Member, (uint)(value % 20));
                    break;
                case Act.Time:
                    simulation.Run(10);
                    break;
                case Act.LongTime:
                    simulation.Run(120);
                    break;
                case Act.Reconnect when client.Connection.Commands.HasRoom:
                    client.Vanish();
                    simulation.Wake();
                    clients[who] = simulation.Connect($"c{who}");
                    break;
            }
        }

        foreach (SimulatedClient client in clients)
        {
            client.Outlet.Resume();
        }

        // Errors that piled up for a stalled receiver may have closed it; the rest must agree.
        simulation.Run(500);
        SimulatedClient[] inRoom = [.. clients.Where(client => client.Connection.Member is not null && client.Connection.Closing is null)];
        Room? room = simulation.Shard.FindRoom("plaza");
        Assert.Equal(inRoom.Length, room?.Members.Count ?? 0);
        foreach (SimulatedClient client in inRoom)
        {
            Assert.Equal(
                room!.Members.Select(member => (member.Id, (uint)member.Slot, member.Generation)).Order(),
                client.Members.Select(entry => (entry.Key, entry.Value.Slot, entry.Value.Generation)).Order());
            Assert.Equal(Truth(room), client.Values.OrderBy(entry => entry.Key));
        }
    }

    /// <summary>What a receiver that has never looked would be told.</summary>
    private static IEnumerable<KeyValuePair<uint, PackedTransform>> Truth(Room room)
    {
        Relay.Protocol.Buffers.SharedBuffer buffer = room.Slots.Encode(0, 0, 0, room.Pool);
        TransformBatch.TryRead(buffer.Frames[4..], room.Space, out TransformBatch batch);
        var values = new SortedDictionary<uint, PackedTransform>();
        while (batch.TryReadEntry(out TransformBatchEntry entry))
        {
            values.Add(entry.Slot, entry.Value.WithoutPrefix());
        }

        buffer.Release();
        return values;
    }
}
