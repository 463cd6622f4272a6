using Relay.Load.Server;

namespace Relay.Load.Tests;

public sealed class ServerTests
{
    [Fact]
    public void Ready_line_gives_the_ports_and_the_process()
    {
        ReadyLine ready = ReadyLine.TryParse("relay: ready http=127.0.0.1:7300 tcp=127.0.0.1:7301 pid=1234")!;
        Assert.Equal((7300, 7301, 1234), (ready.Address.HttpPort, ready.Address.TcpPort, ready.Pid));
    }

    [Theory]
    [InlineData("relay: open http://127.0.0.1:7300/ in a browser")]
    [InlineData("relay: ready http=127.0.0.1:7300 pid=1")]
    [InlineData("relay: ready http=x tcp=y pid=z")]
    [InlineData("")]
    public void Other_lines_are_not_ready_lines(string line) => Assert.Null(ReadyLine.TryParse(line));

    [Fact]
    public void Processor_time_agrees_with_what_the_process_knows_of_itself()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        double told = ProcessorTime.ReadNanos(Environment.ProcessId)!.Value / 1e9;
        self.Refresh();
        Assert.InRange(told, before.TotalSeconds - 0.1, self.TotalProcessorTime.TotalSeconds + 0.1);
    }

    [Fact]
    public void Processor_time_of_no_process_is_not_told() => Assert.Null(ProcessorTime.ReadNanos(int.MaxValue));

    [Fact]
    public void The_server_beside_the_tester_is_found()
    {
        Assert.Null(HostLocator.Find(given: null, out string path));
        Assert.EndsWith("Relay.Host.dll", path, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_does_not_exist_is_told() =>
        Assert.Equal($"--server: there is no file {Path.GetFullPath("nowhere.dll")}", HostLocator.Find("nowhere.dll", out _));
}
