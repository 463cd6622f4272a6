using System.CommandLine;
using System.Text.Json.Nodes;
using Relay.Load.Check;
using Relay.Load.Compare;
using Relay.Load.Recordings.AsLoad;
using Relay.Load.Server;
using Spectre.Console;

namespace Relay.Load.Cli;

/// <summary>
/// The program: reads the command line, runs, prints. Exit codes: 0 well, 1 a run failed or missed a limit, 2 bad arguments, 130
/// interrupted.
/// </summary>
internal sealed class App(TextWriter errors)
{
    private const int Failed = 1;
    private const int BadArguments = 2;
    private const int Interrupted = 130;

    /// <summary>A file has no width: comparisons are wider than the 80 columns that would be assumed.</summary>
    private const int PlainWidth = 140;

    private readonly Arguments _arguments = new();
    private readonly IAnsiConsole _console = CreateConsole();

    /// <summary>Runs it.</summary>
    /// <param name="words">The command line.</param>
    public Task<int> RunAsync(string[] words)
    {
        ParseResult parsed = _arguments.Root.Parse(words);
        if (parsed.Errors.Count > 0)
        {
            _arguments.Read(parsed, out string? problem);
            return Task.FromResult(Refuse(problem!));
        }

        _arguments.Root.SetAction((result, cancellationToken) => GoAsync(result, words, cancellationToken));
        // The server is ended by then too; see ServerProcess.
        return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
    }

    private async Task<int> GoAsync(ParseResult parsed, string[] words, CancellationToken cancellationToken)
    {
        LoadOptions? options = _arguments.Read(parsed, out string? problem);
        if (options is null)
        {
            return Refuse(problem!);
        }

        try
        {
            if (options.ChartFile is { } result)
            {
                await Console.Out.WriteAsync(SvgChart.Draw(ResultFile.Load(result))).ConfigureAwait(false);
                return 0;
            }

            Pin(options, words);
            return options switch
            {
                { Check: true } => await CheckAsync(parsed, options, cancellationToken).ConfigureAwait(false),
                { IsComparison: true } => await CompareAsync(parsed, options, words, cancellationToken).ConfigureAwait(false),
                _ => await MeasureAsync(options, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await errors.WriteLineAsync("relay bench: interrupted; nothing was measured to the end").ConfigureAwait(false);
            return Interrupted;
        }
        catch (LoadException e)
        {
            await errors.WriteLineAsync("relay bench: " + e.Message).ConfigureAwait(false);
            return e.BadArguments ? BadArguments : Failed;
        }
    }

    private void Pin(LoadOptions options, string[] words)
    {
        if (SelfPin.Apply(options.ClientCpu < 0 ? null : options.ClientCpu, words) is { } warning)
        {
            Warn(warning);
        }

        if (options is { ServerCpu: >= 0, Connect: null } && Tools.Find("taskset") is null)
        {
            Warn($"the server is not pinned to processor {options.ServerCpu}: there is no taskset here; figures will vary more");
        }
    }

    private async Task<int> MeasureAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        var bench = new Bench(new Progress(_console), Warn);
        (JsonObject figures, IReadOnlyList<JsonObject> runs) = await bench.RunAsync(options, cancellationToken).ConfigureAwait(false);
        Report.Print(_console, Report.Title(options), figures);
        Report.PrintStalled(_console, runs);
        Report.PrintLateJoins(_console, runs);
        if (options.FromFile is not null)
        {
            _console.WriteLine(FromRun.Remarks);
        }

        if (options.JsonFile is { } file)
        {
            Report.Write(file, Report.ToJson(options, figures, runs));
        }

        return Judge(!runs.Any(Bench.IsWrong));
    }

    private async Task<int> CompareAsync(ParseResult parsed, LoadOptions options, string[] words, CancellationToken cancellationToken)
    {
        IReadOnlyList<Contest> contests = ComparisonPlan.Make(
            options,
            () => LimitsFile.Read(LimitsFile.Locate(given: null)).Workloads
                .Select(workload => (workload.Name, _arguments.Overlay(workload.Options(), options.Runs, parsed, options))));
        var comparison = new ComparisonRun(new Bench(new Progress(_console), Warn), _console);
        return Judge(await comparison.RunAsync(options, words, contests, cancellationToken).ConfigureAwait(false));
    }

    private int Judge(bool right)
    {
        if (right)
        {
            return 0;
        }

        errors.WriteLine(
            "relay bench: a run is wrong: something was received that nobody sent, or not received, or presence, positions or state do not agree");
        return Failed;
    }

    private Task<int> CheckAsync(ParseResult parsed, LoadOptions options, CancellationToken cancellationToken)
    {
        LimitsFile limits = LimitsFile.Read(LimitsFile.Locate(options.CheckFile));
        var check = new CheckRun(new Bench(new Progress(_console), Warn), _console);
        return check.RunAsync(limits, workload => _arguments.Overlay(workload.Options(), workload.Runs, parsed, options), options.JsonFile, cancellationToken);
    }

    /// <summary>Colours and progress are for terminals: a file or a pipe gets plain lines.</summary>
    private static IAnsiConsole CreateConsole()
    {
        if (!Console.IsOutputRedirected)
        {
            return AnsiConsole.Create(new AnsiConsoleSettings());
        }

        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        plain.Profile.Width = PlainWidth;
        return plain;
    }

    private int Refuse(string problem)
    {
        errors.WriteLine("relay bench: " + problem);
        return BadArguments;
    }

    private void Warn(string warning) => errors.WriteLine("relay bench: warning: " + warning);
}
