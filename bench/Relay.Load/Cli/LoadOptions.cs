using System.Globalization;
using Relay.Load.Durable;
using Relay.Load.RoomState;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Cli;

/// <summary>What the user asked for.</summary>
internal sealed record LoadOptions
{
    /// <summary>The road that stands for a comparison of pipe and direct.</summary>
    public const string BothRoads = "both";

    public int Rooms { get; init; } = 1;

    /// <summary>Clients in each room.</summary>
    public int Clients { get; init; } = 100;

    /// <summary>Values a second of each client.</summary>
    public double Rate { get; init; } = 20;

    /// <summary>The room's tick in milliseconds; 0 sends at once.</summary>
    public double TickMillis { get; init; } = 50;

    /// <summary>The server's input cadences: <c>tick</c>, or milliseconds. Several only in a comparison; none if nothing was
    /// said.</summary>
    public IReadOnlyList<string> Cadences { get; init; } = [];

    /// <summary>The one cadence of a run.</summary>
    public string Cadence => Cadences.Count > 0 ? Cadences[0] : "tick";

    public double Seconds { get; init; } = 10;

    public double Warmup { get; init; } = 3;

    /// <summary>How clients connect. Several only in a comparison; none if nothing was said.</summary>
    public IReadOnlyList<LoadTransport> Transports { get; init; } = [];

    /// <summary>The one transport of a run.</summary>
    public LoadTransport Transport => Transports.Count > 0 ? Transports[0] : LoadTransport.Tcp;

    /// <summary>The server's road; <see cref="BothRoads"/> compares them.</summary>
    public string Road { get; init; } = "auto";

    /// <summary>Connections a second that come and go beside the walkers.</summary>
    public int Churn { get; init; }

    /// <summary>Members of the first room, beside the walkers, that do not read.</summary>
    public int Stalled { get; init; }

    /// <summary>The server's processor; −1 for any.</summary>
    public int ServerCpu { get; init; } = -1;

    /// <summary>The tester's processor; −1 for any.</summary>
    public int ClientCpu { get; init; } = -1;

    public int Seed { get; init; } = 1;

    public int Runs { get; init; } = 1;

    public string? JsonFile { get; init; }

    /// <summary>Where a comparison is written to; <c>null</c> for the usual place.</summary>
    public string? Out { get; init; }

    /// <summary>What <c>--versus</c> says.</summary>
    public string? Versus { get; init; }

    /// <summary>These options under those of <see cref="Versus"/>.</summary>
    public LoadOptions? Against { get; init; }

    /// <summary>A comparison's result to draw.</summary>
    public string? ChartFile { get; init; }

    /// <summary>Whether a workload of one's own was given, by its rooms, clients, rate or tick.</summary>
    public bool OwnWorkload { get; init; }

    /// <summary>Whether variants are to be run in turns.</summary>
    public bool IsComparison => Road == BothRoads || Versus is not null || Beside;

    /// <summary>A server that runs already: where, for the chosen transport.</summary>
    public string? Connect { get; init; }

    /// <summary>Its process, to read its processor time.</summary>
    public int? Pid { get; init; }

    /// <summary>Its HTTP address, to read its memory.</summary>
    public string? DiagnosticsUrl { get; init; }

    public string? TracksFile { get; init; }

    /// <summary>A recording that is the load.</summary>
    public string? FromFile { get; init; }

    /// <summary>Copies of each recorded person, or of the recorded room.</summary>
    public int Scale { get; init; } = 1;

    /// <summary>How much faster than recorded a recording is played.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Idle connections to measure; <c>null</c> for a run with traffic, 0 for as many as rooms and clients say.</summary>
    public int? Idle { get; init; }

    /// <summary>Whether clients change the state of their rooms, and all that they are told is checked.</summary>
    public bool State { get; init; }

    /// <summary>Whether clients set attributes of their own at a steady rate.</summary>
    public bool StateRate { get; init; }

    /// <summary>Connections a second that are cut, with <see cref="State"/>.</summary>
    public double Disconnects { get; init; } = 1;

    /// <summary>Objects in the rooms that newcomers join; empty for a run of another kind.</summary>
    public IReadOnlyList<int> LateJoin { get; init; } = [];

    /// <summary>Newcomers to each of these rooms.</summary>
    public int Joins { get; init; } = 50;

    /// <summary>Whether members set persistent attributes and nothing else happens.</summary>
    public bool Durable { get; init; }

    /// <summary>Whether walkers are measured without and with those members.</summary>
    public bool Beside { get; init; }

    /// <summary>Who sets persistent attributes; <c>null</c> for nobody.</summary>
    public WriterLoad? Writers { get; init; }

    /// <summary>Sets that each of them has under way at a time.</summary>
    public int Window { get; init; } = 1;

    /// <summary>The server's database, which may hold a password; <c>null</c> for an SQLite file of the run's own where something is to be
    /// stored, and memory elsewhere.</summary>
    public string? Database { get; init; }

    /// <summary>How much later the database answers, in milliseconds.</summary>
    public int DatabaseDelayMillis { get; init; }

    /// <summary>Whether both roads are to be run in turns.</summary>
    public bool IsRoadComparison => Road == BothRoads;

    /// <summary>Whether the run is about room state, not about walkers.</summary>
    public bool IsAboutState => State || StateRate || LateJoin.Count > 0;

    /// <summary>Whether to hold workloads against limits.</summary>
    public bool Check { get; init; }

    public string? CheckFile { get; init; }

    /// <summary>The server's program; <c>null</c> for the one built beside the tester.</summary>
    public string? ServerPath { get; init; }

    /// <summary>Says what is wrong, if anything: one line with what, where, the limit and the value.</summary>
    public string? Validate()
    {
        return Range("--rooms", Rooms, 1, 100_000) ?? Range("--clients", Clients, 1, 60_000) ??
            Range("--rate", Rate, 0.1, 1000) ?? Range("--tick", TickMillis, 0, 10_000) ??
            Range("--seconds", Seconds, 0.5, 86_400) ?? Range("--warmup", Warmup, 0, 3600) ??
            Range("--server-cpu", ServerCpu, -1, 1023) ?? Range("--client-cpu", ClientCpu, -1, 1023) ??
            Range("--runs", Runs, 1, 1000) ?? Range("--scale", Scale, 1, 1000) ?? Range("--speed", Speed, 0.01, 1000) ??
            Range("--disconnects", Disconnects, 0, 1000) ?? Range("--joins", Joins, 1, 10_000) ??
            LateJoin.Select(objects => Range("--late-join", objects, 1, 100_000)).FirstOrDefault(problem => problem is not null) ??
            Range("--churn", Churn, 0, 10_000) ?? Range("--stalled", Stalled, 0, 1000) ??
            (Idle is { } idle ? Range("--idle", idle, 0, 1_000_000) : null) ??
            CheckRoad() ?? CheckCadence() ?? CheckConnect() ?? CheckFiles() ?? CheckCombination() ?? DatabaseRules.Check(this) ?? FromRules.Check(this) ?? ComparisonRules.Check(this);
    }

    /// <summary>How the server is to be started.</summary>
    /// <param name="capacity">Members that a room must take.</param>
    /// <param name="connections">Connections in all.</param>
    /// <param name="database">The database to use; <c>null</c> for memory.</param>
    public ServerSettings ToServer(int capacity, int connections, string? database = null) => new()
    {
        Cpu = ServerCpu < 0 ? null : ServerCpu,
        TickMillis = TickMillis,
        Cadence = Cadence.Equals("tick", StringComparison.OrdinalIgnoreCase) ? "Tick" : Cadence,
        Road = Road.ToUpperInvariant() switch { "PIPE" => "Pipe", "DIRECT" => "Direct", _ => "Auto" },
        Capacity = capacity,
        Connections = connections,
        More = IsAboutState || Writers is not null ? StateServer.Arguments(this) : [],
        Database = database,
    };

    /// <summary>Takes HOST:PORT apart.</summary>
    public static bool TrySplit(string text, out string host, out int port)
    {
        int colon = text.LastIndexOf(':');
        host = colon > 0 ? text[..colon].Trim('[', ']') : string.Empty;
        return int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && host.Length > 0 && port is >= 1 and <= 65535;
    }

    private static string? Range(string option, double value, double low, double high) => value >= low && value <= high
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{option} must be {low} to {high}; it is {value}");

    private string? CheckRoad() => Road is "pipe" or "direct" or "auto" or BothRoads
        ? null
        : $"--road must be pipe, direct, auto or both; it is '{Road}'";

    private string? CheckConnect()
    {
        if (Connect is not null && !TrySplit(Connect, out _, out _))
        {
            return $"--connect must be HOST:PORT with a port of 1 to 65535; it is '{Connect}'";
        }

        return DiagnosticsUrl is null || Uri.TryCreate(DiagnosticsUrl, UriKind.Absolute, out _)
            ? null
            : $"--diagnostics must be an absolute URL such as http://127.0.0.1:7300; it is '{DiagnosticsUrl}'";
    }

    private string? CheckFiles() =>
        Missing("--tracks", TracksFile) ?? Missing("--check", CheckFile) ??
        Missing("--server", ServerPath) ?? Missing("--chart", ChartFile);

    private static string? Missing(string option, string? file) =>
        file is null || File.Exists(file) ? null : $"{option}: there is no file '{file}'";

    private string? CheckCadence() => Cadences.FirstOrDefault(cadence => !IsCadence(cadence)) is { } wrong
        ? $"--cadence must be 'tick' or 0 to 1000 milliseconds; it is '{wrong}'"
        : null;

    private static bool IsCadence(string cadence) => cadence.Equals("tick", StringComparison.OrdinalIgnoreCase) ||
        (int.TryParse(cadence, NumberStyles.None, CultureInfo.InvariantCulture, out int millis) && millis <= 1000);

    private string? CheckCombination()
    {
        if (Connect is not null && ServerPath is not null)
        {
            return $"--server starts a server and --connect uses one that runs: give one of them, not both ('{ServerPath}', '{Connect}')";
        }

        if (Connect is null && Pid is not null)
        {
            return $"--pid needs --connect: the tester knows the process of a server that it starts; it is {Pid}";
        }

        if (Churn > 0 && Connect is not null)
        {
            return $"--churn needs a server that the tester starts: it comes over both transports; --connect is '{Connect}'";
        }

        if ((Churn > 0 || Stalled > 0) && (TracksFile is not null || Idle is not null))
        {
            return "--churn and --stalled go beside walkers: they cannot be given with --tracks or --idle";
        }

        if (CheckState() is { } problem)
        {
            return problem;
        }

        return TracksFile is not null && Idle is not null ? "--tracks and --idle exclude each other: recorded people move" : null;
    }

    private string? CheckState()
    {
        int kinds = (State ? 1 : 0) + (StateRate ? 1 : 0) + (LateJoin.Count > 0 ? 1 : 0);
        if (kinds > 1 || (kinds == 1 && (TracksFile is not null || Idle is not null)))
        {
            return "--state, --state-rate, --late-join, --tracks and --idle exclude each other: each is a workload of its own";
        }

        return kinds == 1 && (Churn > 0 || Stalled > 0)
            ? "--churn and --stalled go beside walkers: they cannot be given with room state"
            : null;
    }
}
