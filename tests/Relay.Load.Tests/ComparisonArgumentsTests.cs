using Relay.Load.Cli;
using Relay.Load.Wire;

namespace Relay.Load.Tests;

public sealed class ComparisonArgumentsTests
{
    [Theory]
    [InlineData("--road")]
    [InlineData("--road", "both")]
    [InlineData("--road", "--seconds", "2")]
    public void Road_without_a_value_is_both(params string[] words)
    {
        LoadOptions options = Read(words);
        Assert.True(options.IsComparison);
        Assert.Equal((LoadOptions.BothRoads, 5, false), (options.Road, options.Runs, options.OwnWorkload));
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("direct")]
    [InlineData("auto")]
    public void Road_with_a_value_is_one_run(string road)
    {
        LoadOptions options = Read("--road", road);
        Assert.Equal((road, 1, false), (options.Road, options.Runs, options.IsComparison));
    }

    [Fact]
    public void Transports_and_cadences_are_lists_and_none_if_nothing_is_said()
    {
        LoadOptions options = Read(
            "--road", "--transport", "TCP,ws", "--cadence", "tick, 10", "--rate", "10", "--runs", "3", "--out", "there");
        Assert.Equal([LoadTransport.Tcp, LoadTransport.Ws], options.Transports);
        Assert.Equal(["tick", "10"], options.Cadences);
        Assert.Equal((3, "there", true), (options.Runs, options.Out, options.OwnWorkload));
        Assert.Empty(Read().Transports);
        Assert.Empty(Read().Cadences);
    }

    [Fact]
    public void Versus_gives_the_options_under_its_own()
    {
        LoadOptions options = Read(
            "--clients", "30", "--cadence", "10", "--versus", "--churn 167 --transport ws --clients 40", "--out", "x.json");
        LoadOptions against = options.Against!;
        Assert.Equal((30, 0, 5), (options.Clients, options.Churn, options.Runs));
        Assert.Equal((40, 167, LoadTransport.Ws, false), (against.Clients, against.Churn, against.Transport, against.IsComparison));
        Assert.Empty(against.Cadences);
        Assert.Equal(3, Read("--versus=--stalled=3").Against!.Stalled);
    }

    [Theory]
    [InlineData("--road both and --versus exclude each other: one comparison at a time", "--road", "--versus", "--churn 1")]
    [InlineData("--check holds one server against limits: it cannot be given with --road both or --versus", "--check", "--road")]
    [InlineData("--connect: a comparison starts a new server for each run, so it cannot use 'a:1'", "--road", "both", "--connect", "a:1")]
    [InlineData(
        "--json writes the figures of one workload: a comparison is written with --out; it is 'f'",
        "--road", "both", "--json", "f")]
    [InlineData(
        "--out can be given only in a comparison (--road both, --versus): --json writes the figures of one workload; it is 'd'",
        "--out", "d")]
    [InlineData("--transport can be several only in a comparison (--road both, --versus); it is 'tcp,ws'", "--transport", "tcp,ws")]
    [InlineData("--cadence can be several only in a comparison (--road both, --versus); it is 'tick,10'", "--cadence", "tick,10")]
    [InlineData("--cadence must be 'tick' or 0 to 1000 milliseconds; it is ''", "--road", "both", "--cadence", "tick,")]
    [InlineData("--transport must be tcp or ws; it is 'udp'", "--transport", "tcp,udp")]
    [InlineData("--versus '--road both': --road must be pipe, direct or auto in it", "--versus", "--road both")]
    [InlineData("--versus '--runs 3': --runs is not an option of a single run", "--versus", "--runs 3")]
    [InlineData("--versus '--churn -1': --churn must be 0 to 10000; it is -1", "--versus", "--churn -1")]
    [InlineData("--versus ' ': there is no option in it", "--versus", " ")]
    [InlineData("--churn must be 0 to 10000; it is 20000", "--churn", "20000")]
    [InlineData("--stalled must be 0 to 1000; it is -1", "--stalled", "-1")]
    [InlineData("--churn and --stalled go beside walkers: they cannot be given with --tracks or --idle", "--idle", "--stalled", "1")]
    [InlineData(
        "--churn needs a server that the tester starts: it comes over both transports; --connect is 'a:1'",
        "--churn", "1", "--connect", "a:1")]
    [InlineData("--chart: there is no file 'no-such-file'", "--chart", "no-such-file")]
    [InlineData("--chart draws a result that is there: --rate cannot be given beside it", "--chart", "no-such-file", "--rate", "5")]
    public void What_does_not_go_together_is_one_line_with_what_and_why(string expected, params string[] words)
    {
        Assert.Null(new Arguments().Read(words, out string? problem));
        Assert.Equal(expected, problem);
    }

    private static LoadOptions Read(params string[] words)
    {
        LoadOptions? options = new Arguments().Read(words, out string? problem);
        Assert.Null(problem);
        return options!;
    }
}
