using Relay.Load.Cli;
using Relay.Load.Measure;
using Relay.Load.RoomState;
using Relay.Load.Server;
using Relay.Load.Wire;
using Spectre.Console;

namespace Relay.Load.Tests;

/// <summary>Clients that change a room's state on the real server: right when nothing is done to it, and when something is done to one
/// message on its way, that is what is found.</summary>
public sealed class StateRunTests
{
    [Fact]
    public async Task A_message_that_is_lost_is_found()
    {
        var fault = new Loss();
        Figures figures = await RunAsync(fault);
        Assert.True(fault.Happened);
        Assert.Equal((1, 0, 0, 0), (figures.Lost, figures.Duplicated, figures.Reordered, figures.Misdirected));
        Assert.True(Bench.IsWrong(figures.ToJson()));
    }

    [Fact]
    public async Task A_message_that_comes_twice_is_found()
    {
        var fault = new Duplicate();
        Figures figures = await RunAsync(fault);
        Assert.True(fault.Happened);
        Assert.Equal((0, 1, 0, 0, 0), (figures.Lost, figures.Duplicated, figures.Reordered, figures.Misdirected, figures.StateMismatches));
        Assert.True(Bench.IsWrong(figures.ToJson()));
    }

    [Fact]
    public async Task Two_messages_that_change_places_are_found()
    {
        var fault = new Swap();
        Figures figures = await RunAsync(fault);
        Assert.True(fault.Happened);
        Assert.Equal((0, 0, 1, 0), (figures.Lost, figures.Duplicated, figures.Reordered, figures.Misdirected));
        Assert.True(Bench.IsWrong(figures.ToJson()));
    }

    [Fact]
    public async Task A_value_that_is_another_for_one_is_found()
    {
        var fault = new OtherValue();
        Figures figures = await RunAsync(fault, new SteadyWrites());
        Assert.True(fault.Happened);

        // If it is the first to get the message, that nobody was told the right value is found as well.
        Assert.Equal((0, 0, 0), (figures.Duplicated, figures.Reordered, figures.Misdirected));
        Assert.True(figures.StateMismatches > 0);
        Assert.True(Bench.IsWrong(figures.ToJson()));
    }

    /// <summary>Nothing is cut, so that nobody is told again what was taken from it.</summary>
    private static async Task<Figures> RunAsync(FrameSeam seam, Workload? workload = null)
    {
        var options = new LoadOptions { State = true, Clients = 5, Rate = 10, Seconds = 2, Warmup = 0.5, Transports = [LoadTransport.Tcp] };
        var plan = new DriverPlan(options.Rate, Disconnects: 0, Leaves: 0, Seed: 5);
        var setup = new StateSetup(workload ?? new MixedDeeds(seed: 5), plan, seam);
        Assert.Null(HostLocator.Find(given: null, out string host));
        using Target target = await Target.StartAsync(host, options.ToServer(options.Clients, connections: 50), CancellationToken.None);
        var silent = new AnsiConsoleSettings { Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(TextWriter.Null) };
        IAnsiConsole console = AnsiConsole.Create(silent);
        return await new StateRun(target, options, setup, new Cli.Progress(console)).RunAsync(CancellationToken.None);
    }
}
