using Relay.Core.Rooms;

namespace Relay.Core.Tests.Rooms;

/// <summary>How long a room can tell again what was said.</summary>
public sealed class ReliableRingTests
{
    [Theory]
    [InlineData(30, 0)]
    [InlineData(70, 1)]
    public void MessageThatIsTooOld_isTakenUpNoMore_theGapIsToldWithASnapshot(int seconds, int snapshots)
    {
        var simulation = new Simulation(new ShardSettings
        {
            IdleTimeoutMicros = long.MaxValue,
            HeartbeatMicros = long.MaxValue,
            SlowReceiverMicros = long.MaxValue,
            ResumeWindowMicros = 600_000_000,
        });
        SimulatedClient anna = simulation.ConnectAndJoin("Anna");
        SimulatedClient ben = simulation.ConnectAndJoin("Ben");
        int before = ben.Snapshots;
        ben.Outlet.IsLossy = true;
        ben.Vanish();
        anna.Send("early", simulation.Pool);
        simulation.Run(30);
        simulation.Jump(seconds * 1000);
        simulation.Wake();
        anna.Send("late", simulation.Pool);
        simulation.Run(30);
        ben.BeginResume();
        simulation.Run(60);

        Assert.Equal(before + snapshots, ben.Snapshots);
        Assert.Equal(snapshots == 0 ? ["early", "late"] : [], ben.Events);
    }
}
