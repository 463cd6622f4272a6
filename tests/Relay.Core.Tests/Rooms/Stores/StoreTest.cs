using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Core.Tests.Rooms.World;
using Relay.Protocol.Messages;

namespace Relay.Core.Tests.Rooms.Stores;

/// <summary>What tests of stored rooms share: a server on virtual time with a store of its own, that can be killed and started
/// again.</summary>
public abstract class StoreTest : IDisposable
{
    private protected static readonly AttributeTerms Lasting =
        AttributeTerms.Default with { Flags = AttributeFlags.Persistent };

    private RoomSaver? _saver;
    private TestRoomStore.Line? _line;

    protected StoreTest() => Start();

    private protected TestRoomStore Store { get; } = new();

    private protected FakeModerationStore Roles { get; } = new();

    private protected Simulation Simulation { get; private set; } = null!;

    private protected RoomOptions Options { get; set; } = new();

    private protected int MaxUnsaved { get; set; } = 10_000;

    private protected bool OpenDetached { get; set; }

    private protected Room? Found => Simulation.Shard.FindRoom("plaza");

    private protected Room Room => Found!;

    public void Dispose()
    {
        _saver?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a server; one that was there is killed.</summary>
    private protected void Start()
    {
        _line?.Cut();
        _saver?.Dispose();
        _line = Store.Connect();
        _saver = new RoomSaver(
            _line,
            new SaverSettings { RetryFrom = TimeSpan.FromMilliseconds(1), RetryTo = TimeSpan.FromMilliseconds(4) },
            TimeProvider.System,
            new Silent());
        Simulation = new Simulation(new ShardSettings
        {
            IdleTimeoutMicros = long.MaxValue,
            HeartbeatMicros = long.MaxValue,
            ResumeWindowMicros = 60_000_000,
            Saver = _saver,
            Store = Roles,
            MaxUnsaved = MaxUnsaved,
            OpenDetached = OpenDetached,
        });
    }

    private protected SimulatedClient Enter(string name, string? userId = null, string? role = null, string room = "plaza")
    {
        SimulatedClient client = Simulation.Connect(name, userId);
        client.Join(room, Options, role: role);
        Simulation.Await(() => client.Seat is not null || client.Errors.Count > 0);
        Assert.Empty(client.Errors);
        return client;
    }

    /// <summary>Everybody leaves, and what is to be stored is.</summary>
    private protected void Empty(params SimulatedClient[] clients)
    {
        foreach (SimulatedClient client in clients)
        {
            client.Leave();
        }

        Simulation.Await(() => Found is null);
    }

    /// <summary>Lets time pass, for the server and for the store, until all is stored.</summary>
    private protected void AllStored()
    {
        using var never = new ManualResetEventSlim();
        for (int i = 0; i < 10_000 && Room.World.Keeper!.Unsaved > 0; i++)
        {
            Simulation.Run(300);
            never.Wait(1);
        }

        Assert.Equal(0, Room.World.Keeper!.Unsaved);
    }

    private protected void Answered(SimulatedClient client, ulong sequence) =>
        Simulation.Await(() => client.Done.ContainsKey(sequence) || client.Refusals.Exists(refusal => refusal.Sequence == sequence));

    private protected uint Must(SimulatedClient client, ulong sequence)
    {
        Answered(client, sequence);
        Assert.DoesNotContain(client.Refusals, refusal => refusal.Sequence == sequence);
        return (uint)client.Done[sequence];
    }

    private protected static uint Id(SimulatedClient client) => client.Seat!.Member;

    private sealed class Silent : ISaverLog
    {
        public void Saved(int rooms, int rows, TimeSpan took)
        {
        }

        public void Failed(Exception exception, int rooms, int failures)
        {
        }

        public void Back()
        {
        }
    }
}
