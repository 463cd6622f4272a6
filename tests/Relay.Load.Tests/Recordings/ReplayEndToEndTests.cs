using Relay.Load.Recordings;
using Relay.Load.Recordings.Download;
using Relay.Load.Recordings.Print;
using Relay.Load.Recordings.Replay;
using Relay.Load.Wire;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests.Recordings;

/// <summary>Recordings of a real room on a real server, printed and played again. What is held here is right or wrong, never how
/// fast.</summary>
public sealed class ReplayEndToEndTests : IAsyncLifetime, IDisposable
{
    private Scene _scene = null!;
    private IDisposable[] _members = [];

    public async Task InitializeAsync()
    {
        _scene = await Scene.StartAsync();
        _members = await Scene.PlayAsync(_scene.Address);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        foreach (IDisposable member in _members)
        {
            member.Dispose();
        }

        _scene.Dispose();
    }

    [Theory]
    [InlineData("tcp", 1.0)]
    [InlineData("ws", 20.0)]
    public async Task A_replay_into_another_server_ends_in_the_same_room(string transport, double speed)
    {
        RecordingFile recorded = await _scene.RecordAsync(Scene.Room);
        TransportNames.TryRead(transport, out LoadTransport road);
        using Scene second = await Scene.StartAsync();
        await using var run = new ReplayRun(
            new ReplayScript(recorded),
            second.Address with { TcpPort = road == LoadTransport.Tcp ? second.Address.TcpPort : second.Address.HttpPort },
            road,
            "again",
            speed);
        await run.PlayAsync(CancellationToken.None);
        RoomPicture before = RoomPicture.Of(recorded), after = RoomPicture.Of(await second.RecordAsync("again"));

        Assert.Equal(before.Lines, after.Lines);
        Assert.Contains("root/furniture 'table-2'/light '' None owner Anna creator Anna", after.Lines);
        Assert.Equal(before.Events, after.Events);
        Assert.Equal(before.Places.Keys, after.Places.Keys);
        Assert.Equal(4, after.Places.Count);
        foreach ((string what, Transform where) in before.Places)
        {
            Assert.Equal(where.X, after.Places[what].X, recorded.Space.Precision);
            Assert.Equal(where.Z, after.Places[what].Z, recorded.Space.Precision);
        }

        // What was refused is refused again, and nothing else.
        Assert.Equal([4411, 4412], run.Counts.Refused.Keys.Select(code => (int)code));
        Assert.Empty(run.Counts.Lost);
        Assert.All(run.Counts.Skipped, skipped => Assert.Equal("TransformUpdate", skipped.Key.Name));
        Assert.Equal(3, run.Counts.Sent["Join"]);
        Assert.Equal(1, run.Counts.Sent["Leave"]);
    }

    [Fact]
    public async Task A_recording_that_begins_late_skips_what_is_about_earlier_things_and_says_so()
    {
        RecordingFile recorded = await _scene.RecordAsync(Scene.Room);
        RecordingFile late = RecordingEdit.Without(await File.ReadAllBytesAsync(_scene.FileNamed("recorded.rlog")), records: 5);
        Assert.DoesNotContain("\"table\" persistent placed under 0; ", Print(late, new PrintOptions()), StringComparison.Ordinal);
        await using var run = new ReplayRun(new ReplayScript(late), _scene.Address, LoadTransport.Tcp, "late", speed: 20);
        await run.PlayAsync(CancellationToken.None);
        Assert.Contains(run.Counts.Skipped, skipped => skipped.Key.Why.Contains("does not hold", StringComparison.Ordinal));
        Assert.Equal(3, run.Counts.Sent["Join"]);
        Assert.Empty(run.Counts.Lost);
    }

    [Fact]
    public async Task Printed_it_tells_everything_in_order()
    {
        RecordingFile recorded = await _scene.RecordAsync(Scene.Room);
        string text = Print(recorded, new PrintOptions());
        string[] expected =
        [
            "# room \"Plaza/1\"",
            "out       -             Presence #1: +1 \"Anna\" slot 0.",
            "in        1 Anna        CreateObject s2 \"furniture\" \"table\" persistent placed under 0; \"legs\" = 4, \"wood\" = \"oak\"",
            "State #",
            "in        2 Ben         CreateObject s2 \"light\" \"lamp\" under 1",
            "SetAttribute s5 set \"legs\" of object 1 = 5 if v",
            "SetAttribute s5 merge \"guests\" of object 1 at \"Ben\" = 1",
            "CloneObject s8 object 1 as \"table-2\" under 0",
            "Claim s10 give object 3 to 2",
            "Presence #",
            "+3 \"Cleo\"",
            "SendEvent s5 Chat to everyone: \"hi\"",
            "SendEvent s6 kind 2000 to member 1: hex FF00C1",
            "-3 1000 normal",
            "kind 2001 to others: [1, 2, 3]",
            "snapshot  -             Presence #",
            "snapshot  -             TransformBatch v",
        ];
        int at = 0;
        foreach (string part in expected)
        {
            int found = text.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{part}' is not in what follows:\n{text[at..]}");
            at = found + part.Length;
        }

        string[] lines = Print(recorded, new PrintOptions(Member: 2, Type: Protocol.Frames.FrameType.SendEvent))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("SendEvent", Assert.Single(lines, line => line[0] != '#'), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_verbs_work_as_users_call_them()
    {
        string file = _scene.FileNamed("cli.rlog");
        (int code, string output, string errors) = await TesterProcess.StartAsync(
            "record", "--room", Scene.Room, "--url", _scene.Url.ToString(), "--out", file, "--seconds", "0.3");
        Assert.True(code == 0, errors);
        Assert.StartsWith("recorded ", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("3 members", output, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));

        (code, output, errors) = await TesterProcess.StartAsync("replay", file, "--type", "setattribute");
        Assert.True(code == 0, errors);
        Assert.Contains("SetAttribute s4 set \"legs\"", output, StringComparison.Ordinal);

        (code, output, errors) = await TesterProcess.StartAsync(
            "replay", file, "--to", $"127.0.0.1:{_scene.Address.HttpPort}", "--transport", "WS", "--room", "third", "--speed", "20");
        Assert.True(code == 0, errors);
        Assert.Contains("CreateObject 6", output, StringComparison.Ordinal);
        Assert.Contains("behind   p99", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_recorded_is_said_in_one_line()
    {
        Assert.Equal(
            (1, $"relay record: there is no room 'plaza/1' at {_scene.Url}, or it does not record (Relay:Room:RecorderBytes)"),
            await RecordAsync("--room", "plaza/1", "--url", _scene.Url.ToString()));
        (int code, string problem) = await RecordAsync("--room", "x", "--url", "http://127.0.0.1:1");
        Assert.Equal(1, code);
        Assert.StartsWith("relay record: no server at http://127.0.0.1:1/: ", problem, StringComparison.Ordinal);
        string nowhere = _scene.FileNamed("no-such-directory/x.rlog");
        (code, problem) = await RecordAsync("--room", Scene.Room, "--url", _scene.Url.ToString(), "--out", nowhere);
        Assert.Equal(1, code);
        Assert.StartsWith($"relay record: cannot write '{nowhere}': ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recording_that_is_interrupted_keeps_what_came()
    {
        string file = _scene.FileNamed("interrupted.rlog");
        using var said = new StringWriter();
        using var interrupt = new CancellationTokenSource();
        Task<int> run = new RecordRun(new RecordOptions(Scene.Room, 600, _scene.Url, file), said, said).RunAsync(interrupt.Token);
        var part = new FileInfo(file + ".part");
        while (!run.IsCompleted && !(part.Exists && part.Length > 0))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            part.Refresh();
        }

        await interrupt.CancelAsync();
        Assert.Equal(130, await run);
        Assert.True(RecordingFile.Read(file).Records > 0);
        Assert.False(File.Exists(part.FullName));
        Assert.StartsWith("recorded ", said.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Problem)> RecordAsync(params string[] words)
    {
        using var errors = new StringWriter();
        int code = await new RecordingApp(TextWriter.Null, errors).RunAsync(["record", .. words]);
        return (code, Assert.Single(errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    private static string Print(RecordingFile file, PrintOptions options)
    {
        using var output = new StringWriter();
        Assert.True(new RecordingPrinter(file, output).Print(options));
        return output.ToString();
    }
}
