using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Host.Tests;

/// <summary>The program as a person or a service manager runs it.</summary>
public sealed partial class ProgramTests
{
    [Fact]
    public async Task Start_saysWhereItListens_andIsHealthy()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        Assert.Equal(program.Process.Id, program.ReportedId);
        using HttpClient client = program.Client();
        Assert.Equal("Healthy", await client.GetStringAsync("/health/live"));
        Assert.Equal("Healthy", await client.GetStringAsync("/health/ready"));
        Assert.Empty(program.Process.Errors);
    }

    [Fact]
    public async Task FirstPage_showsWhereItListens_andAHelloThatWorks()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using HttpClient client = program.Client();
        string page = await client.GetStringAsync("/");
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
        Assert.Contains($"ws://{program.Http}/relay", page, StringComparison.Ordinal);
        Assert.Contains(program.Tcp, page, StringComparison.Ordinal);
        Assert.Contains("Insecure development mode", page, StringComparison.Ordinal);

        // Each line of hex is a message for any WebSocket tool.
        using FrameStream web = await FrameStream.WebSocketAsync(program.Http);
        foreach (string line in HexArea().Match(page).Groups["hex"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            await web.SendAsync(Convert.FromHexString(line.Replace(" ", "", StringComparison.Ordinal)));
        }

        await CheckVisitAsync(web);

        // The escapes for printf hold preface, Hello and Join for raw TCP.
        byte[] all = [.. Escapes().Matches(page).Select(match => byte.Parse(match.Groups["byte"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        Assert.Equal(ConnectionPreface.Bytes.ToArray(), all[..ConnectionPreface.Size]);
        using FrameStream tcp = await FrameStream.TcpAsync(program.Tcp);
        await tcp.SendAsync(all[ConnectionPreface.Size..]);
        await CheckVisitAsync(tcp);

        static async Task CheckVisitAsync(FrameStream stream)
        {
            Assert.Equal(ReadStatus.Ok, Welcome.TryRead(await stream.UntilAsync(FrameType.Welcome), out Welcome welcome));
            Assert.Equal("you", System.Text.Encoding.UTF8.GetString(welcome.NameUtf8));
            Assert.Equal(ReadStatus.Ok, Joined.TryRead(await stream.UntilAsync(FrameType.Joined), out Joined joined));
            Assert.Equal("plaza", System.Text.Encoding.UTF8.GetString(joined.RoomUtf8));
        }
    }

    [Fact]
    public async Task Diagnostics_countWhatIsOpen_inDevelopmentOnly()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        using FrameStream anna = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using HttpClient client = program.Client();
        foreach (bool collect in new[] { false, true })
        {
            using HttpResponseMessage response = collect ? await client.PostAsync("/diagnostics/collect", null) : await client.GetAsync("/diagnostics");
            using var reading = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal((1, 1, 1), (Number("connections"), Number("rooms"), Number("members")));
            Assert.True(Number("allocatedBytes") > 0 && Number("rssBytes") > 0);

            long Number(string name) => reading.RootElement.GetProperty(name).GetInt64();
        }

        await using RelayProgram serious = await RelayProgram.StartAsync("--Relay:Host:Development=false");
        using HttpClient other = serious.Client();
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/diagnostics")).StatusCode);
        Assert.DoesNotMatch("<p class=\"warning\" *>", await other.GetStringAsync("/"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sigterm_withAClient_saysGoAway_isNotReady_andClosesWithinItsBound(bool webSocket)
    {
        await using RelayProgram program = await RelayProgram.StartAsync("--Relay:Drain:Timeout=00:00:01.5");
        using FrameStream anna = webSocket ? await FrameStream.WebSocketAsync(program.Http) : await FrameStream.TcpAsync(program.Tcp);
        await anna.JoinAsync("plaza");
        await program.Process.TerminateAsync();
        Assert.Equal(ReadStatus.Ok, GoAway.TryRead(await anna.UntilAsync(FrameType.GoAway), out GoAway goAway));
        Assert.Equal(CloseCode.GoingAway, goAway.Reason);
        Assert.InRange(goAway.DeadlineMillis, 1u, 1500u);
        using HttpClient client = program.Client();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live")).StatusCode);

        Assert.Equal(ReadStatus.Ok, CloseFrame.TryRead(await anna.UntilAsync(FrameType.Close), out CloseFrame close));
        Assert.Equal(CloseCode.GoingAway, close.Code);
        await anna.EndAsync();
        Assert.Equal(webSocket ? 1001 : null, anna.WebSocketCode);
        Assert.Equal(0, await program.Process.ExitAsync(TimeSpan.FromSeconds(10)));
        Assert.Empty(program.Process.Errors);
    }

    [Fact]
    public async Task Sigterm_withAClientThatNeverHangsUp_isBoundedAllTheSame()
    {
        await using RelayProgram program = await RelayProgram.StartAsync("--Relay:Drain:Timeout=00:00:00.5");
        using FrameStream deaf = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        await program.Process.TerminateAsync();
        Assert.Equal(0, await program.Process.ExitAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task Sigterm_idle_endsAtOnce()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        long start = TimeProvider.System.GetTimestamp();
        await program.Process.TerminateAsync();
        Assert.Equal(0, await program.Process.ExitAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("--Relay:Host:Address=0.0.0.0", "Relay:Host:Address is 0.0.0.0")]
    [InlineData("--Relay:Host:Address=here", "Relay:Host:Address must be an IP address; it is \"here\"")]
    [InlineData("--Relay:Host:HttpPort=65536", "Relay:Host:HttpPort must be 0 to 65535; it is 65536")]
    [InlineData("--Relay:Host:TcpPort=many", "Relay:Host:TcpPort")]
    [InlineData("--Relay:Host:WebRoot=/nowhere", "Relay:Host:WebRoot must be a directory with an index.html; \"/nowhere\" has none.")]
    [InlineData("--Relay:Shards=999", "Relay.Shards must be 0 to 256; it is 999")]
    [InlineData("--Relay:InputCadence=often", "InputCadence must be \"Tick\" or 0 to 1000 milliseconds; it is \"often\"")]
    [InlineData("--Relay:Limits:HelloTimeout=soon", "Relay:Limits:HelloTimeout")]
    [InlineData("--Relay:Host:NafUws:Occupancy=0", "Relay:Host:NafUws:Occupancy must be 1 to 1000; it is 0")]
    [InlineData("--Relay:Host:NafUws:Path=uws", "Relay:Host:NafUws:Path must start with /")]
    [InlineData("--Relay:Host:NafUws:QueueBytes=65536", "Relay:Host:NafUws:QueueBytes must be 131072 to")]
    [InlineData("--Relay:Host:NafUws:IdleTimeout=0", "Relay:Host:NafUws:IdleTimeout must be 00:00:01 to 01:00:00")]
    public async Task Option_thatCannotWork_endsTheProgramWith2_andOneLine(string argument, string expected)
    {
        await using ChildProcess process = RelayProgram.Launch(argument);
        Assert.Equal(2, await process.ExitAsync());
        string line = Assert.Single(process.Errors);
        Assert.StartsWith("relay: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Empty(process.Output);
    }

    [Fact]
    public async Task Development_beyondLoopback_isAllowedToThoseWhoSaySo()
    {
        await using RelayProgram program = await RelayProgram.StartAsync("--Relay:Host:Address=0.0.0.0", "--Relay:Host:AllowInsecureRemote=true");
        Assert.StartsWith("0.0.0.0:", program.Http, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HttpPort")]
    [InlineData("TcpPort")]
    public async Task Port_thatIsTaken_endsTheProgramWith1_andOneLine(string option)
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        int port = ((IPEndPoint)holder.LocalEndpoint).Port;
        await using ChildProcess process = RelayProgram.Launch($"--Relay:Host:{option}={port.ToString(CultureInfo.InvariantCulture)}");
        Assert.Equal(1, await process.ExitAsync());
        string line = Assert.Single(process.Errors);
        Assert.Matches($"^relay: .*127\\.0\\.0\\.1:{port.ToString(CultureInfo.InvariantCulture)}.*in use", line);
        Assert.DoesNotContain(process.Output, IsOfAFailure);
    }

    [Fact]
    public async Task Address_thatIsNotThisMachines_endsTheProgramWith1_andOneLine()
    {
        await using ChildProcess process = RelayProgram.Launch("--Relay:Host:Address=192.0.2.1", "--Relay:Host:AllowInsecureRemote=true");
        Assert.Equal(1, await process.ExitAsync());
        Assert.StartsWith("relay: ", Assert.Single(process.Errors), StringComparison.Ordinal);
        Assert.DoesNotContain(process.Output, IsOfAFailure);
    }

    private static bool IsOfAFailure(string line) =>
        line.StartsWith("fail", StringComparison.Ordinal) || line.StartsWith("relay: ready", StringComparison.Ordinal) || line.Contains("   at ", StringComparison.Ordinal);

    [GeneratedRegex("<textarea id=\"hex\"[^>]*>(?<hex>[^<]*)</textarea>", RegexOptions.ExplicitCapture)]
    private static partial Regex HexArea();

    [GeneratedRegex(@"\\x(?<byte>[0-9a-f]{2})", RegexOptions.ExplicitCapture)]
    private static partial Regex Escapes();
}
