using System.CommandLine;
using System.CommandLine.Parsing;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Cli;

/// <summary>The command line: names, texts and defaults of the options.</summary>
internal sealed class Arguments
{
    private readonly Option<int> _rooms = New("--rooms", "Rooms", 1);
    private readonly Option<int> _clients = New("--clients", "Clients in each room", 100);
    private readonly Option<double> _rate = New("--rate", "Transforms a second of each client", 20.0);
    private readonly Option<double> _tick = New("--tick", "The rooms' tick in ms; 0 sends at once", 50.0);
    private readonly Option<string> _cadence = New("--cadence", "How often the server reads its input: 'tick', or ms", "tick");
    private readonly Option<double> _seconds = New("--seconds", "Seconds that are measured", 10.0);
    private readonly Option<double> _warmup = New("--warmup", "Seconds of load before that", 3.0);
    private readonly Option<LoadTransport> _transport = New("--transport", "tcp or ws", LoadTransport.Tcp);
    private readonly Option<string> _road = New("--road", "The server's road: pipe, direct or auto", "auto");
    private readonly Option<int> _serverCpu = New("--server-cpu", "Processor that the server is pinned to; -1: any", Pinned(0));
    private readonly Option<int> _clientCpu = New("--client-cpu", "Processor that the tester is pinned to; -1: any", Pinned(1));
    private readonly Option<int> _seed = New("--seed", "The same seed walks the same way", 1);
    private readonly Option<int> _runs = New("--runs", "Runs, each with a new server; the medians are reported", 1);
    private readonly Option<string?> _json = New<string?>("--json", "Write the figures to this file", null);
    private readonly Option<string?> _connect = New<string?>("--connect", "HOST:PORT of a server that runs already", null);
    private readonly Option<int?> _pid = New<int?>("--pid", "Process of that server, to read its processor time", null);
    private readonly Option<string?> _diagnostics = New<string?>("--diagnostics", "HTTP address of that server in development mode, to read its memory", null);
    private readonly Option<string?> _tracks = New<string?>("--tracks", "Play recorded people: lines of frame (25/s), person, x, y, tab-separated", null);
    private readonly Option<int> _scale = New("--scale", "With --tracks: copies of each person", 1);
    private readonly Option<double> _speed = New("--speed", "With --tracks: how much faster than recorded", 1.0);
    private readonly Option<string?> _server = New<string?>("--server", "The server's Relay.Host.dll, if not the one built beside", null);
    private readonly Option<int?> _idle = new("--idle")
    {
        Description = "Measure memory with this many idle connections (none given: rooms × clients)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _check = new("--check")
    {
        Description = "Run the workloads of this file (none given: bench/limits.json) and hold them against its limits",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly RootCommand _root = new("Relay's load tester: drives avatars through a server and measures what it costs.");

    public Arguments()
    {
        Option[] all =
        [
            _rooms, _clients, _rate, _tick, _cadence, _seconds, _warmup, _transport, _road, _serverCpu, _clientCpu, _seed, _runs, _json,
            _connect, _pid, _diagnostics, _tracks, _scale, _speed, _idle, _check, _server,
        ];
        foreach (Option option in all)
        {
            _root.Options.Add(option);
        }
    }

    public RootCommand Root => _root;

    /// <summary>Reads arguments.</summary>
    /// <returns>The options, or <c>null</c> and what is wrong.</returns>
    public LoadOptions? Read(string[] words, out string? problem) => Read(_root.Parse(words), out problem);

    /// <summary>Reads arguments that were parsed.</summary>
    public LoadOptions? Read(ParseResult parsed, out string? problem)
    {
        if (parsed.Errors.Count > 0)
        {
            problem = parsed.Errors[0].Message.ReplaceLineEndings(" ");
            return null;
        }

        LoadOptions options = new()
        {
            Rooms = parsed.GetValue(_rooms),
            Clients = parsed.GetValue(_clients),
            Rate = parsed.GetValue(_rate),
            TickMillis = parsed.GetValue(_tick),
            Cadence = parsed.GetValue(_cadence)!,
            Seconds = parsed.GetValue(_seconds),
            Warmup = parsed.GetValue(_warmup),
            Transport = parsed.GetValue(_transport),
            Road = parsed.GetValue(_road)!,
            ServerCpu = parsed.GetValue(_serverCpu),
            ClientCpu = parsed.GetValue(_clientCpu),
            Seed = parsed.GetValue(_seed),
            Runs = parsed.GetValue(_runs),
            JsonFile = parsed.GetValue(_json),
            Connect = parsed.GetValue(_connect),
            Pid = parsed.GetValue(_pid),
            DiagnosticsUrl = parsed.GetValue(_diagnostics),
            TracksFile = parsed.GetValue(_tracks),
            Scale = parsed.GetValue(_scale),
            Speed = parsed.GetValue(_speed),
            Idle = Given(parsed, _idle) ? parsed.GetValue(_idle) ?? 0 : null,
            Check = Given(parsed, _check),
            CheckFile = parsed.GetValue(_check),
            ServerPath = parsed.GetValue(_server),
        };
        problem = (options.Check ? CheckAlone(parsed) : null) ?? options.Validate();
        return problem is null ? options : null;
    }

    /// <summary>A workload of a limits file under what was said on the command line: how long, how often, at which cadence, on which road
    /// and processors.</summary>
    public LoadOptions Overlay(LoadOptions workload, int runs, ParseResult given, LoadOptions options) => workload with
    {
        Seconds = Given(given, _seconds) ? options.Seconds : workload.Seconds,
        Warmup = Given(given, _warmup) ? options.Warmup : workload.Warmup,
        Runs = Given(given, _runs) ? options.Runs : runs,
        Cadence = Given(given, _cadence) ? options.Cadence : workload.Cadence,
        Transport = Given(given, _transport) ? options.Transport : workload.Transport,
        Road = Given(given, _road) ? options.Road : workload.Road,
        Seed = Given(given, _seed) ? options.Seed : workload.Seed,
        ServerCpu = options.ServerCpu,
        ClientCpu = options.ClientCpu,
        ServerPath = options.ServerPath,
    };

    /// <summary>What a limits file decides cannot be said on the command line as well: it would be ignored without a word.</summary>
    private string? CheckAlone(ParseResult parsed)
    {
        Option[] decided = [_rooms, _clients, _rate, _tick, _tracks, _scale, _speed, _idle, _connect, _pid, _diagnostics];
        return Array.Find(decided, option => Given(parsed, option)) is { } given
            ? $"--check takes its workloads from the limits file: {given.Name} cannot be given beside it"
            : null;
    }

    private static bool Given(ParseResult parsed, Option option) => parsed.GetResult(option) is OptionResult { Implicit: false };

    private static Option<T> New<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    /// <summary>With two processors or more, server and tester do not share one: figures of a shared one mean little.</summary>
    private static int Pinned(int cpu) => Machine.Processors > 1 && Tools.Find("taskset") is not null ? cpu : -1;
}
