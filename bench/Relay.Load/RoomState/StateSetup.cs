using Relay.Load.Cli;

namespace Relay.Load.RoomState;

/// <summary>What a run of room state needs beside the options of the command line.</summary>
/// <param name="Workload">What clients do.</param>
/// <param name="Plan">How often.</param>
/// <param name="Seam">Between the wire and the check; usually none.</param>
internal sealed record StateSetup(Workload Workload, DriverPlan Plan, FrameSeam? Seam = null)
{
    private const double LeavesPerSecond = 1;

    /// <summary>What the command line asks for.</summary>
    public static StateSetup For(LoadOptions options) => options.StateRate
        ? new StateSetup(new SteadyWrites(), new DriverPlan(options.Rate, Disconnects: 0, Leaves: 0, options.Seed))
        : new StateSetup(new MixedDeeds(options.Seed), new DriverPlan(options.Rate, options.Disconnects, LeavesPerSecond, options.Seed));
}
