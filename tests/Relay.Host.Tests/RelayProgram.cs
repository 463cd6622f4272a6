using System.Globalization;
using System.Text.RegularExpressions;

namespace Relay.Host.Tests;

/// <summary>The real program, on free ports.</summary>
internal sealed partial class RelayProgram : IAsyncDisposable
{
    private RelayProgram(ChildProcess process, string http, string tcp, int reportedId)
    {
        Process = process;
        Http = http;
        Tcp = tcp;
        ReportedId = reportedId;
    }

    public ChildProcess Process { get; }

    /// <summary>HOST:PORT of HTTP and WebSocket.</summary>
    public string Http { get; }

    /// <summary>HOST:PORT of raw TCP.</summary>
    public string Tcp { get; }

    /// <summary>The process id of the ready line.</summary>
    public int ReportedId { get; }

    /// <summary>Free ports, and nothing that outlasts the process: what a test gives goes before it.</summary>
    private static readonly string[] Defaults =
        ["--Relay:Host:HttpPort=0", "--Relay:Host:TcpPort=0", "--Relay:Storage:ConnectionString=Data Source=:memory:"];

    /// <summary>Starts the program and does not wait for it to be ready.</summary>
    public static ChildProcess Launch(params string[] arguments) => ChildProcess.Start(
        Layout.DotNet, [Layout.Program, .. Defaults, .. arguments], "relay: ready ");

    /// <summary>Starts the program with few descriptors, and waits until it is ready. .NET raises its soft limit to the hard one, so it
    /// is the hard one that is set.</summary>
    public static Task<RelayProgram> StartWithDescriptorsAsync(int limit, params string[] arguments) => ReadyAsync(ChildProcess.Start(
        "/bin/sh",
        [
            "-c", $"ulimit -n {limit.ToString(CultureInfo.InvariantCulture)}; exec \"$@\"", "sh",
            Layout.DotNet, Layout.Program, .. Defaults, .. arguments,
        ],
        "relay: ready "));

    /// <summary>Starts the program with certificates that it trusts besides none of the system's, and waits until it is ready.</summary>
    public static Task<RelayProgram> StartTrustingAsync(string certificates, params string[] arguments) => ReadyAsync(ChildProcess.Start(
        Layout.DotNet, [Layout.Program, .. Defaults, .. arguments], "relay: ready ", environment: ("SSL_CERT_FILE", certificates)));

    /// <summary>Starts the program and waits until it is ready.</summary>
    public static Task<RelayProgram> StartAsync(params string[] arguments) => ReadyAsync(Launch(arguments));

    private static async Task<RelayProgram> ReadyAsync(ChildProcess process)
    {
        Match ready = ReadyLine().Match(await process.LineAsync());
        Assert.True(ready.Success);
        return new RelayProgram(process, ready.Groups["http"].Value, ready.Groups["tcp"].Value, int.Parse(ready.Groups["pid"].Value, CultureInfo.InvariantCulture));
    }

    public HttpClient Client() => new() { BaseAddress = new Uri($"http://{Http}/") };

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    [GeneratedRegex("^relay: ready http=(?<http>[^ ]+) tcp=(?<tcp>[^ ]+) pid=(?<pid>[0-9]+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex ReadyLine();
}
