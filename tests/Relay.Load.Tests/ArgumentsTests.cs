using Relay.Load.Cli;
using Relay.Load.Wire;

namespace Relay.Load.Tests;

public sealed class ArgumentsTests
{
    [Fact]
    public void Read_without_arguments_gives_the_defaults()
    {
        LoadOptions options = Read();
        Assert.Equal((1, 100, 20.0, 50.0, "tick"), (options.Rooms, options.Clients, options.Rate, options.TickMillis, options.Cadence));
        Assert.Equal((LoadTransport.Tcp, "auto", 1, false), (options.Transport, options.Road, options.Runs, options.Check));
        Assert.Null(options.Idle);
    }

    [Fact]
    public void Read_takes_everything_that_it_is_given()
    {
        LoadOptions options = Read(
            "--rooms", "2", "--clients", "30", "--rate", "12.5", "--tick", "0", "--cadence", "5", "--seconds", "1.5", "--warmup", "0", "--transport", "ws", "--road", "pipe",
            "--server-cpu", "3", "--client-cpu", "-1", "--seed", "9", "--runs", "5", "--json", "out.json", "--connect", "127.0.0.1:7301", "--pid", "42",
            "--diagnostics", "http://127.0.0.1:7300");
        Assert.Equal((2, 30, 12.5, 0.0, "5"), (options.Rooms, options.Clients, options.Rate, options.TickMillis, options.Cadence));
        Assert.Equal((1.5, 0.0, LoadTransport.Ws, "pipe"), (options.Seconds, options.Warmup, options.Transport, options.Road));
        Assert.Equal((3, -1, 9, 5, "out.json"), (options.ServerCpu, options.ClientCpu, options.Seed, options.Runs, options.JsonFile));
        Assert.Equal(("127.0.0.1:7301", 42, "http://127.0.0.1:7300"), (options.Connect, options.Pid, options.DiagnosticsUrl));
    }

    [Fact]
    public void Idle_and_check_stand_alone_or_with_a_value()
    {
        Assert.Equal(0, Read("--idle").Idle);
        Assert.Equal(500, Read("--idle", "500").Idle);
        Assert.True(Read("--check").Check);
        Assert.Null(Read("--check").CheckFile);
    }

    [Fact]
    public void Room_state_has_rates_and_times_of_its_own_unless_others_are_given()
    {
        LoadOptions mixed = Read("--state"), steady = Read("--state-rate"), late = Read("--late-join", "1000,2000");
        Assert.Equal((true, 100, 5.0, 60.0, 1.0), (mixed.State, mixed.Clients, mixed.Rate, mixed.Seconds, mixed.Disconnects));
        Assert.Equal((true, 100, 10.0, 10.0), (steady.StateRate, steady.Clients, steady.Rate, steady.Seconds));
        Assert.Equal([1000, 2000], late.LateJoin);
        Assert.Equal((200, 50), (late.Clients, late.Joins));
        LoadOptions given = Read("--state", "--members", "7", "--rate", "3", "--seconds", "4", "--disconnects", "0.5");
        Assert.Equal((7, 3.0, 4.0, 0.5), (given.Clients, given.Rate, given.Seconds, given.Disconnects));
        Assert.False(Read().IsAboutState);
    }

    [Theory]
    [InlineData("--state, --state-rate, --late-join, --tracks and --idle exclude each other: each is a workload of its own", "--state", "--idle")]
    [InlineData("--state, --state-rate, --late-join, --tracks and --idle exclude each other: each is a workload of its own", "--state", "--state-rate")]
    [InlineData("--churn and --stalled go beside walkers: they cannot be given with room state", "--state", "--churn", "5")]
    [InlineData("--late-join must be numbers of objects; it is 'many'", "--late-join", "many")]
    [InlineData("--late-join must be 1 to 100000; it is 0", "--late-join", "0")]
    [InlineData("--disconnects must be 0 to 1000; it is -1", "--state", "--disconnects", "-1")]
    [InlineData("--rooms must be 1 to 100000; it is 0", "--rooms", "0")]
    [InlineData("--clients must be 1 to 60000; it is -3", "--clients", "-3")]
    [InlineData("--rate must be 0.1 to 1000; it is 0", "--rate", "0")]
    [InlineData("--tick must be 0 to 10000; it is -1", "--tick", "-1")]
    [InlineData("--cadence must be 'tick' or 0 to 1000 milliseconds; it is 'often'", "--cadence", "often")]
    [InlineData("--road must be pipe, direct, auto or both; it is 'high'", "--road", "high")]
    [InlineData("--connect must be HOST:PORT with a port of 1 to 65535; it is 'here'", "--connect", "here")]
    [InlineData("--pid needs --connect: the tester knows the process of a server that it starts; it is 5", "--pid", "5")]
    [InlineData("--tracks: there is no file 'no-such-file'", "--tracks", "no-such-file")]
    [InlineData("--check: there is no file 'no-such-file'", "--check", "no-such-file")]
    [InlineData("--check takes its workloads from the limits file: --rate cannot be given beside it", "--check", "--rate", "20")]
    public void Read_of_a_wrong_value_is_one_line_with_what_and_the_limit(string expected, params string[] words)
    {
        Assert.Null(new Arguments().Read(words, out string? problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData("--rate", "fast")]
    [InlineData("--bogus")]
    [InlineData("--seconds")]
    [InlineData("--transport", "udp")]
    public async Task Run_with_arguments_that_cannot_be_read_is_one_line_and_exit_code_2(params string[] words)
    {
        using var errors = new StringWriter();
        Assert.Equal(2, await new App(errors).RunAsync(words));
        string line = Assert.Single(errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("relay bench: ", line, StringComparison.Ordinal);
        Assert.Contains(words[^1], line, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_for_the_server_are_its_configuration_keys()
    {
        string[] arguments = [.. Read("--tick", "20", "--cadence", "TICK", "--road", "direct").ToServer(capacity: 30, connections: 200).Arguments()];
        Assert.Contains("--Relay:Room:TickRate=50", arguments);
        Assert.Contains("--Relay:InputCadence=Tick", arguments);
        Assert.Contains("--Relay:Road=Direct", arguments);
        Assert.Contains("--Relay:Room:Capacity=30", arguments);
        Assert.Contains("--Relay:Limits:MaxConnections=200", arguments);
        Assert.Contains("--Relay:Room:TickRate=0", Read("--tick", "0").ToServer(1, 1).Arguments());
    }

    private static LoadOptions Read(params string[] words)
    {
        LoadOptions? options = new Arguments().Read(words, out string? problem);
        Assert.Null(problem);
        return options!;
    }
}
