using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Relay.Load.Durable;
using Relay.Load.Server;
using Relay.Load.Wire;

namespace Relay.Load.Cli;

/// <summary>The command line: names, texts and defaults of the options.</summary>
internal sealed class Arguments
{
    /// <summary>Runs of each variant of a comparison when the user does not say.</summary>
    private const int RunsOfComparison = 5;

    private const double RateOfMixed = 5;
    private const double RateOfSteady = 10;
    private const double SecondsOfMixed = 60;
    private const int MembersOfLateJoin = 200;

    /// <summary>A hundred members in ten rooms.</summary>
    private const int RoomsOfDurable = 10;
    private const int MembersOfDurable = 10;
    private const string CadenceOfDurable = "10";

    /// <summary>5,000 a second of a hundred members.</summary>
    private const double RateBeside = 50;
    private const int WindowBeside = 8;
    private const int RunsBeside = 3;

    private readonly Option<int> _rooms = New("--rooms", "Rooms", 1);
    private readonly Option<int> _clients = New("--clients", "Clients in each room", 100);
    private readonly Option<double> _rate = New("--rate", "Transforms a second of each client", 20.0);
    private readonly Option<double> _tick = New("--tick", "The rooms' tick in ms; 0 sends at once", 50.0);
    private readonly Option<string?> _cadence = New<string?>(
        "--cadence", "How often the server reads its input: 'tick' (default), or ms; a comparison takes several: tick,10", null);

    private readonly Option<double> _seconds = New("--seconds", "Seconds that are measured", 10.0);
    private readonly Option<double> _warmup = New("--warmup", "Seconds of load before that", 3.0);
    private readonly Option<LoadTransport[]> _transport = new("--transport")
    {
        Description = "tcp (default) or ws; a comparison takes several: tcp,ws",
        CustomParser = ReadTransports,
    };

    private readonly Option<string?> _road = new("--road")
    {
        Description = "The server's road: pipe, direct or auto (default); both, or none given: compare pipe and direct",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _versus = New<string?>(
        "--versus", "Compare the workload with itself under more options: \"--churn 167\"", null);

    private readonly Option<string?> _out = New<string?>(
        "--out", "Directory or .json file for a comparison's result (default: bench/results)", null);

    private readonly Option<string?> _chart = New<string?>("--chart", "Print a comparison's result as an SVG chart", null);
    private readonly Option<int> _churn = New("--churn", "Connections a second that come and go beside the walkers", 0);
    private readonly Option<int> _stalled = New("--stalled", "Members of the first room that do not read until the end", 0);
    private readonly Option<int> _serverCpu = New("--server-cpu", "Processor that the server is pinned to; -1: any", Pinned(0));
    private readonly Option<int> _clientCpu = New("--client-cpu", "Processor that the tester is pinned to; -1: any", Pinned(1));
    private readonly Option<int> _seed = New("--seed", "The same seed walks the same way", 1);
    private readonly Option<int?> _runs = New<int?>(
        "--runs", "Runs, each with a new server; the medians are reported (1; in a comparison 5)", null);

    private readonly Option<string?> _json = New<string?>("--json", "Write the figures to this file", null);
    private readonly Option<string?> _connect = New<string?>("--connect", "HOST:PORT of a server that runs already", null);
    private readonly Option<int?> _pid = New<int?>("--pid", "Process of that server, to read its processor time", null);
    private readonly Option<string?> _diagnostics = New<string?>("--diagnostics", "HTTP address of that server in development mode, to read its memory", null);
    private readonly Option<string?> _tracks = New<string?>("--tracks", "Play recorded people: lines of frame (25/s), person, x, y, tab-separated", null);
    private readonly Option<string?> _from = New<string?>("--from", "Load as in this recording (.rlog, from relay record)", null);
    private readonly Option<int> _scale = New("--scale", "With --tracks: copies of each person; with --from: copies of the room", 1);
    private readonly Option<double> _speed = New("--speed", "With --tracks and --from: how much faster than recorded", 1.0);
    private readonly Option<bool> _state = New(
        "--state", "Change room state at random, cut connections, and check all that anybody is told (60 s, 5 changes a second each)", false);

    private readonly Option<bool> _stateRate = New(
        "--state-rate", "Set attributes at a steady rate (10 a second each): what a reliable delivery costs", false);

    private readonly Option<double> _disconnects = New("--disconnects", "With --state: connections cut a second", 1.0);
    private readonly Option<int[]> _lateJoin = new("--late-join")
    {
        Description = "Join rooms of so many objects with 10 attributes each, and 200 members; two sizes take turns: 1000,2000",
        CustomParser = ReadSizes,
    };

    private readonly Option<int> _joins = New("--joins", "With --late-join: newcomers to each room", 50);
    private readonly Option<bool> _durable = New(
        "--durable", "Set persistent attributes one after the other, each once the one before is stored (10 rooms × 10 members)", false);

    private readonly Option<int?> _window = New<int?>("--window", "With --durable: sets that each member has under way at a time (1; with --beside 8)", null);
    private readonly Option<string?> _database = New<string?>(
        "--database", "With --durable: the server's database; PostgreSQL: Host=... (default: an SQLite file of the run's own)", null);

    private readonly Option<int> _databaseDelay = New("--database-delay", "With --database Host=...: its answers come so many ms later", 0);
    private readonly Option<bool> _beside = New(
        "--beside", "With --durable: what it does to walkers (W1), at 50 sets a second of each member, also while the database is 2 s slow", false);

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
            _rooms, _clients, _rate, _tick, _cadence, _seconds, _warmup, _transport, _road, _versus, _churn, _stalled, _serverCpu,
            _clientCpu, _seed, _runs, _json, _out, _chart, _connect, _pid, _diagnostics, _tracks, _from, _scale, _speed, _idle, _check, _server,
            _state, _stateRate, _disconnects, _lateJoin, _joins, _durable, _window,
            _database, _databaseDelay, _beside,
        ];
        _clients.Aliases.Add("--members");
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
        if ((problem = ErrorOf(parsed)) is not null)
        {
            return null;
        }

        LoadOptions options = Read(new Layers(parsed, Over: null));
        problem = (options.Check ? CheckAlone(parsed) : null) ?? (options.FromFile is null ? null : FromAlone(parsed)) ?? ChartAlone(parsed) ?? options.Validate();
        if (problem is null && options.Versus is { } versus)
        {
            options = options with { Against = ReadAgainst(parsed, versus, out problem) };
        }

        return problem is null ? options : null;
    }

    /// <summary>A workload of a limits file under what was said on the command line: how long, how often, at which cadence, on which road
    /// and processors, beside what.</summary>
    public LoadOptions Overlay(LoadOptions workload, int runs, ParseResult given, LoadOptions options) => workload with
    {
        Seconds = Given(given, _seconds) ? options.Seconds : workload.Seconds,
        Warmup = Given(given, _warmup) ? options.Warmup : workload.Warmup,
        Runs = Given(given, _runs) ? options.Runs : runs,
        Cadences = Given(given, _cadence) ? options.Cadences : workload.Cadences,
        Transports = Given(given, _transport) ? options.Transports : workload.Transports,
        Road = Given(given, _road) ? options.Road : workload.Road,
        Seed = Given(given, _seed) ? options.Seed : workload.Seed,
        Churn = Given(given, _churn) ? options.Churn : workload.Churn,
        Stalled = Given(given, _stalled) ? options.Stalled : workload.Stalled,
        ServerCpu = options.ServerCpu,
        ClientCpu = options.ClientCpu,
        ServerPath = options.ServerPath,
    };

    private LoadOptions Read(Layers given)
    {
        // Named without a value it stands for both.
        bool comparesRoads = given.Has(_road) && (given.Value(_road) is null or LoadOptions.BothRoads);
        bool isMixed = given.Value(_state), isSteady = given.Value(_stateRate);
        int[] lateJoin = given.Value(_lateJoin) ?? [];
        bool isDurable = given.Value(_durable), isBeside = given.Value(_beside);
        int rooms = isDurable && !given.Has(_rooms) ? RoomsOfDurable : given.Value(_rooms);
        int durableClients = given.Has(_clients) ? given.Value(_clients) : MembersOfDurable;
        return new LoadOptions
        {
            Rooms = rooms,
            Clients = isDurable ? durableClients : lateJoin.Length > 0 && !given.Has(_clients) ? MembersOfLateJoin : given.Value(_clients),
            Rate = given.Has(_rate) ? given.Value(_rate) : isMixed ? RateOfMixed : isSteady ? RateOfSteady : given.Value(_rate),
            TickMillis = given.Value(_tick),
            // The answers' time is mostly that until the server looks: so it does as often as it does by itself.
            Cadences = isDurable && !isBeside && !given.Has(_cadence) ? [CadenceOfDurable] : CadencesOf(given.Value(_cadence)),
            Seconds = isMixed && !given.Has(_seconds) ? SecondsOfMixed : given.Value(_seconds),
            Warmup = given.Value(_warmup),
            Transports = given.Value(_transport) ?? [],
            Road = comparesRoads ? LoadOptions.BothRoads : given.Value(_road) ?? "auto",
            Churn = given.Value(_churn),
            Stalled = given.Value(_stalled),
            ServerCpu = given.Value(_serverCpu),
            ClientCpu = given.Value(_clientCpu),
            Seed = given.Value(_seed),
            Runs = given.Value(_runs) ?? (isBeside ? RunsBeside : comparesRoads || given.Has(_versus) ? RunsOfComparison : 1),
            JsonFile = given.Value(_json),
            Out = given.Value(_out),
            Versus = given.Value(_versus),
            ChartFile = given.Value(_chart),
            Connect = given.Value(_connect),
            Pid = given.Value(_pid),
            DiagnosticsUrl = given.Value(_diagnostics),
            TracksFile = given.Value(_tracks),
            FromFile = given.Value(_from),
            Scale = given.Value(_scale),
            Speed = given.Value(_speed),
            Idle = given.Has(_idle) ? given.Value(_idle) ?? 0 : null,
            State = isMixed,
            StateRate = isSteady,
            Disconnects = given.Value(_disconnects),
            LateJoin = lateJoin,
            Joins = given.Value(_joins),
            Durable = isDurable,
            Beside = isBeside,
            Writers = isDurable ? new WriterLoad(rooms, durableClients, given.Has(_rate) ? given.Value(_rate) : isBeside ? RateBeside : 0) : null,
            Window = given.Value(_window) ?? (isBeside ? WindowBeside : 1),
            Database = given.Value(_database),
            DatabaseDelayMillis = given.Value(_databaseDelay),
            Check = given.Has(_check),
            CheckFile = given.Value(_check),
            ServerPath = given.Value(_server),
            OwnWorkload = Array.Exists<Option>([_rooms, _clients, _rate, _tick, _state, _stateRate, _lateJoin, _durable], given.Has),
        };
    }

    /// <summary>The options under those of <c>--versus</c>: only such as belong to one run.</summary>
    private LoadOptions? ReadAgainst(ParseResult parsed, string versus, out string? problem)
    {
        ParseResult over = _root.Parse([.. CommandLineParser.SplitCommandLine(versus)]);
        Option[] ofARun =
        [
            _rooms, _clients, _rate, _tick, _cadence, _seconds, _warmup, _transport, _road, _churn, _stalled, _serverCpu, _seed, _server,
            _state, _stateRate, _disconnects, _lateJoin, _joins,
        ];
        LoadOptions? against = null;
        if ((problem = ErrorOf(over)) is null)
        {
            Option[] given = [.. _root.Options.Where(option => Given(over, option))];
            against = Read(new Layers(parsed, over)) with
            {
                Versus = null,
                Out = null,
                // Those of the whole comparison unless it says one of its own.
                Cadences = CadencesOf(over.GetValue(_cadence)),
                Transports = over.GetValue(_transport) ?? [],
            };
            Option? other = Array.Find(given, option => !ofARun.Contains(option));
            problem = given switch
            {
                [] => "there is no option in it",
                _ when other is not null => $"{other.Name} is not an option of a single run",
                _ when against.Road == LoadOptions.BothRoads => "--road must be pipe, direct or auto in it",
                _ => against.Validate(),
            };
        }

        problem = problem is null ? null : $"--versus '{versus}': {problem}";
        return against;
    }

    /// <summary>What a limits file decides cannot be said on the command line as well: it would be ignored without a word.</summary>
    private string? CheckAlone(ParseResult parsed)
    {
        Option[] decided =
        [
            _rooms, _clients, _rate, _tick, _tracks, _from, _scale, _speed, _idle, _connect, _pid, _diagnostics, _state, _stateRate, _disconnects,
            _lateJoin, _joins,
        ];
        return Array.Find(decided, option => Given(parsed, option)) is { } given
            ? $"--check takes its workloads from the limits file: {given.Name} cannot be given beside it"
            : null;
    }

    /// <summary>What a recording decides cannot be said on the command line as well.</summary>
    private string? FromAlone(ParseResult parsed)
    {
        Option[] decided = [_rooms, _clients, _rate, _seed];
        return Array.Find(decided, option => Given(parsed, option)) is { } given
            ? $"--from takes its load from a recording: {given.Name} cannot be given beside it"
            : null;
    }

    private string? ChartAlone(ParseResult parsed) =>
        Given(parsed, _chart) && _root.Options.FirstOrDefault(option => option != _chart && Given(parsed, option)) is { } given
            ? $"--chart draws a result that is there: {given.Name} cannot be given beside it"
            : null;

    private static string[] CadencesOf(string? list) => list?.Split(',', StringSplitOptions.TrimEntries) ?? [];

    private static LoadTransport[] ReadTransports(ArgumentResult argument)
    {
        var transports = new List<LoadTransport>();
        foreach (string name in argument.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (TransportNames.TryRead(name, out LoadTransport transport))
            {
                transports.Add(transport);
            }
            else
            {
                argument.AddError($"--transport must be tcp or ws; it is '{name}'");
            }
        }

        return [.. transports];
    }

    private static int[] ReadSizes(ArgumentResult argument)
    {
        var sizes = new List<int>();
        foreach (string text in argument.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size))
            {
                sizes.Add(size);
            }
            else
            {
                argument.AddError($"--late-join must be numbers of objects; it is '{text}'");
            }
        }

        return [.. sizes];
    }

    private static string? ErrorOf(ParseResult parsed) => parsed.Errors.Count > 0 ? parsed.Errors[0].Message.ReplaceLineEndings(" ") : null;

    private static bool Given(ParseResult parsed, Option option) => parsed.GetResult(option) is OptionResult { Implicit: false };

    private static Option<T> New<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    /// <summary>With two processors or more, server and tester do not share one: figures of a shared one mean little.</summary>
    private static int Pinned(int cpu) => Machine.Processors > 1 && Tools.Find("taskset") is not null ? cpu : -1;

    /// <summary>A command line, and what is said on top of it.</summary>
    private readonly record struct Layers(ParseResult Below, ParseResult? Over)
    {
        public bool Has(Option option) => Given(Below, option) || (Over is not null && Given(Over, option));

        public T? Value<T>(Option<T> option) => Over is not null && Given(Over, option) ? Over.GetValue(option) : Below.GetValue(option);
    }
}
