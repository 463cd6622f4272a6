using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Relay.Load.Durable;
using Relay.Load.Measure;
using Relay.Load.Neighbours;
using Relay.Load.Recordings;
using Relay.Load.Recordings.AsLoad;
using Relay.Load.Recordings.Replay;
using Relay.Load.RoomState;
using Relay.Load.Server;
using Relay.Load.Tracks;
using Relay.Load.Walkers;
using Relay.Load.Wire;

namespace Relay.Load.Cli;

/// <summary>Runs a workload as often as asked, each time on a new server unless one runs already.</summary>
internal sealed class Bench(Progress progress, Action<string> warn)
{
    /// <summary>Figures that are 0 unless something is wrong.</summary>
    public static readonly string[] Wrongs =
        ["bad_values", "presence_errors", "lost", "duplicated", "reordered", "misdirected", "state_mismatches"];

    /// <summary>Runs it.</summary>
    /// <returns>The medians, and each run.</returns>
    /// <exception cref="LoadException">A run could not be finished.</exception>
    public async Task<(JsonObject Figures, IReadOnlyList<JsonObject> Runs)> RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        var runs = new List<JsonObject>(options.Runs);
        for (int i = 0; i < options.Runs; i++)
        {
            string name = options.Runs > 1 ? string.Create(CultureInfo.InvariantCulture, $"Run {i + 1} of {options.Runs}: starting") : "Starting";
            runs.Add(await RunOnceAsync(options, name, cancellationToken).ConfigureAwait(false));
        }

        return (runs.Count == 1 ? (JsonObject)runs[0].DeepClone() : Median.Of(runs), runs);
    }

    /// <summary>Runs it once.</summary>
    /// <param name="options">The workload.</param>
    /// <param name="name">What to say while the server starts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LoadException">The run could not be finished.</exception>
    public async Task<JsonObject> RunOnceAsync(LoadOptions options, string name, CancellationToken cancellationToken)
    {
        Figures figures = await progress.ShowAsync(name, () => MeasureAsync(options, cancellationToken)).ConfigureAwait(false);
        return figures.ToJson();
    }

    /// <summary>Whether a run shows a wrong value or a wrong presence: such a run has failed, however fast it was.</summary>
    public static bool IsWrong(JsonObject figures)
    {
        return Array.Exists(Wrongs, field => Number(field) > 0) ||
            Number("positions_seen_tcp") < Number("positions_recorded") || Number("positions_seen_ws") < Number("positions_recorded");

        double? Number(string field) => figures[field]?.GetValue<double>();
    }

    private async Task<Figures> MeasureAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        TrackFile? tracks = options.TracksFile is { } file ? TrackFile.Read(file) : null;
        ReplayScript? script = options.FromFile is { } recording ? new ReplayScript(RecordingFile.Read(recording)) : null;
        using RunDatabase? database = RunDatabase.For(options);
        using Target target = await OpenTargetAsync(options, tracks, script, database, cancellationToken).ConfigureAwait(false);
        Figures figures = (tracks, options.Idle) switch
        {
            ({ }, _) => await new TracksRun(target, options, tracks, progress).RunAsync(cancellationToken).ConfigureAwait(false),
            _ when script is not null => await new FromRun(target, options, script, progress).RunAsync(cancellationToken).ConfigureAwait(false),
            (_, { }) => await new IdleRun(target, options, progress).RunAsync(cancellationToken).ConfigureAwait(false),
            _ when options.LateJoin.Count > 0 =>
                await new LateJoinRun(target, options, progress).RunAsync(cancellationToken).ConfigureAwait(false),
            _ when options.IsAboutState => await ChangeStateAsync(target, options, cancellationToken).ConfigureAwait(false),
            _ when options.Durable => await new DurableRun(target, options, database, progress).RunAsync(cancellationToken).ConfigureAwait(false),
            _ => await new WalkersRun(target, options, database, progress).RunAsync(cancellationToken).ConfigureAwait(false),
        };
        if (target.Diagnostics.Problem is { } problem)
        {
            warn(problem);
        }

        return figures;
    }

    private async Task<Figures> ChangeStateAsync(Target target, LoadOptions options, CancellationToken cancellationToken)
    {
        var run = new StateRun(target, options, StateSetup.For(options), progress);
        Figures figures = await run.RunAsync(cancellationToken).ConfigureAwait(false);
        foreach (string words in run.Words)
        {
            warn(words);
        }

        return figures;
    }

    private static async Task<Target> OpenTargetAsync(
        LoadOptions options, TrackFile? tracks, ReplayScript? script, RunDatabase? database, CancellationToken cancellationToken)
    {
        if (options.Connect is not null)
        {
            return Connected(options);
        }

        if (HostLocator.Find(options.ServerPath, out string host) is { } problem)
        {
            throw new LoadException(problem, badArguments: true);
        }

        (int total, int perRoom) = (options.Rooms * options.Clients, options.Clients);
        if (tracks is not null)
        {
            perRoom = total = (tracks.People.Count * options.Scale) + 2;
        }
        else if (script is not null)
        {
            (total, perRoom) = FromRun.Shape(options, script);
        }
        else if (options.Idle is not null)
        {
            (total, perRoom) = IdleRun.Shape(options);
        }

        else if (options.LateJoin.Count > 0)
        {
            // Newcomers come one by one, but the one before may not have gone entirely.
            (total, perRoom) = (options.LateJoin.Count * options.Clients, options.Clients + 10);
        }

        // Those beside the walkers need room too: who comes and goes stays for its patience at most.
        total += options.Durable ? 0 : options.Writers?.Count ?? 0;
        perRoom = Math.Max(perRoom, options.Writers?.Clients ?? 0);
        total += options.Stalled + (options.Churn * (int)Churn.Patience.TotalSeconds);
        perRoom = Math.Max(perRoom + options.Stalled, options.Churn > 0 ? ChurnVisit.Rooms : 1);
        return await Target.StartAsync(host, options.ToServer(Math.Min(perRoom, ushort.MaxValue), total + 100, database?.ConnectionString), cancellationToken).ConfigureAwait(false);
    }

    private static Target Connected(LoadOptions options)
    {
        LoadOptions.TrySplit(options.Connect!, out string name, out int port);
        IPAddress? host;
        try
        {
            host = Dns.GetHostAddresses(name).FirstOrDefault();
        }
        catch (SocketException e)
        {
            throw new LoadException($"--connect: no address for '{name}': {e.Message}");
        }

        Uri? diagnostics = options.DiagnosticsUrl is { } url ? new Uri(url.TrimEnd('/') + "/") : null;

        // One port was given; for recorded people, who need both transports, the other is that of the diagnostics.
        int httpPort = options.Transport == LoadTransport.Ws ? port : diagnostics?.Port ?? port;
        return new Target(new ServerAddress(host!, port, httpPort), options.Pid, new Diagnostics(diagnostics), process: null);
    }
}
