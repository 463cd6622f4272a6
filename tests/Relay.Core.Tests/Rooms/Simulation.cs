using Relay.Core.Rooms;
using Relay.Protocol.Buffers;

namespace Relay.Core.Tests.Rooms;

/// <summary>Shards on virtual time: one thread, no sockets, no clock.</summary>
internal sealed class Simulation
{
    private const long StepMicros = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Simulation(ShardSettings? settings = null, int shards = 1)
    {
        // Clients here say nothing unless a test has them say it.
        settings ??= new ShardSettings { IdleTimeoutMicros = long.MaxValue, HeartbeatMicros = long.MaxValue };
        var counts = new ServerCounts();
        Shards = new Shard[shards];
        for (int i = 0; i < shards; i++)
        {
            // Rooms whose names end in a digit are on that shard: tests choose by the name.
            Shards[i] = new Shard(settings, Pool, counts, name => Shards[!name.Contains('~', StringComparison.Ordinal) && char.IsAsciiDigit(name[^1]) ? (name[^1] - '0') % shards : 0]);
        }
    }

    public SharedBufferPool Pool { get; } = new();

    public Shard[] Shards { get; }

    public Shard Shard => Shards[0];

    /// <summary>The embedder's say that a room gets when it is opened, by its name.</summary>
    public Func<string, OpenLogic?> LogicOf { get; set; } = static _ => null;

    /// <summary>Microseconds; begins away from zero as the server's clock does.</summary>
    public long Now { get; private set; } = 1_000_000;

    public SimulatedClient Connect(string name, string? userId = null) => new(this, name, userId);

    public SimulatedClient ConnectAndJoin(string name, string room = "plaza", RoomOptions? options = null, string? role = null, string? userId = null)
    {
        SimulatedClient client = Connect(name, userId);
        client.Join(room, options, role: role);
        Run(30);
        return client;
    }

    /// <summary>One wake-up of every shard, without time passing.</summary>
    public void Wake()
    {
        foreach (Shard shard in Shards)
        {
            shard.Step(Now);
        }
    }

    /// <summary>Lets time pass without a wake-up, as on a machine that stood still.</summary>
    public void Jump(int milliseconds) => Now += milliseconds * 1000L;

    /// <summary>Lets time pass, a wake-up every 10 ms.</summary>
    public void Run(int milliseconds)
    {
        for (long end = Now + (milliseconds * 1000L); Now < end;)
        {
            Now += Math.Min(StepMicros, end - Now);
            Wake();
        }
    }
    /// <summary>Waits for what another thread does for the shard, such as the answer of a store, and lets it have its effect. The one thing
    /// here that takes real time.</summary>
    public void Await(Func<bool> done)
    {
        using var arrived = new ManualResetEventSlim();
        Shard.Lane.Wake = arrived.Set;
        long start = TimeProvider.System.GetTimestamp();
        for (Wake(); !done(); Wake())
        {
            arrived.Reset();
            Assert.True(!Shard.Lane.BeginSleepUntilInput() || arrived.Wait(Patience), "Nothing came.");
            Shard.Lane.EndSleep();
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "Something came, again and again, but not what was waited for.");
        }

        Run(60);
    }
}
