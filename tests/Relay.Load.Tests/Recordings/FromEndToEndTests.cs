using System.Text.Json.Nodes;
using Relay.Load.Cli;

namespace Relay.Load.Tests.Recordings;

/// <summary>A recording as load, as users run it.</summary>
public sealed class FromEndToEndTests
{
    [Theory]
    [InlineData("tcp")]
    [InlineData("ws")]
    public async Task Copies_of_the_recorded_room_are_delivered_and_no_value_is_wrong(string transport)
    {
        using Scene scene = await Scene.StartAsync();
        IDisposable[] members = await Scene.PlayAsync(scene.Address);
        await scene.RecordAsync(Scene.Room);
        Array.ForEach(members, member => member.Dispose());

        // Half as fast as it was, so that everybody is in the room before the first move; and once again, in the same window.
        string json = scene.FileNamed("figures.json");
        (int code, string output) = await TesterProcess.RunAsync(
            "--from", scene.FileNamed("recorded.rlog"), "--scale", "2", "--speed", "0.5", "--seconds", "4", "--warmup", "0",
            "--transport", transport, "--json", json);
        Assert.True(code == 0, $"exit code {code}: {output}");
        JsonObject report = JsonNode.Parse(await File.ReadAllTextAsync(json))!.AsObject();
        Assert.True(Number("delivered_per_s") > 0, output);
        Assert.True(Number("reliable_per_s") > 0, output);
        Assert.True(Number("replay_sent") > 40, output);
        Assert.True(Number("p99_ms") > 0, output);
        Assert.Equal(0, Number("bad_values"));
        Assert.Equal("recorded.rlog", report["parameters"]!["from"]!.GetValue<string>());
        Assert.Contains("A delivery is a new value of an avatar", output, StringComparison.Ordinal);

        double Number(string field) => report[field]!.GetValue<double>();
    }

    [Theory]
    [InlineData("--from: there is no file 'no-such-file'", "--from", "no-such-file")]
    [InlineData("--from takes its load from a recording: --clients cannot be given beside it", "--from", "x", "--clients", "3")]
    [InlineData("--check takes its workloads from the limits file: --from cannot be given beside it", "--check", "--from", "x")]
    public void What_does_not_go_with_it_is_refused_in_one_line(string expected, params string[] words)
    {
        Assert.Null(new Arguments().Read(words, out string? problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData("--from and --idle exclude each other: a recording is not idle", "--idle")]
    [InlineData("--churn and --stalled go beside walkers: they cannot be given with --from", "--churn", "5")]
    [InlineData("--from cannot be compared: give --road pipe, then --road direct, and --json for each", "--road", "both")]
    public void What_excludes_it_is_refused_in_one_line(string expected, params string[] words)
    {
        Assert.Null(new Arguments().Read(["--from", typeof(Arguments).Assembly.Location, .. words], out string? problem));
        Assert.Equal(expected, problem);
    }
}
