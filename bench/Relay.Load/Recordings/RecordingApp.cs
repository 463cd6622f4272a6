using System.CommandLine;
using Relay.Load.Recordings.Download;
using Relay.Load.Recordings.Print;
using Relay.Load.Recordings.Replay;

namespace Relay.Load.Recordings;

/// <summary>The verbs <c>record</c> and <c>replay</c>. Exit codes as the bench's: 0 well, 1 failed, 2 bad arguments, 130
/// interrupted.</summary>
internal sealed class RecordingApp(TextWriter output, TextWriter errors)
{
    private readonly RecordingArguments _arguments = new();
    private string _verb = "record";

    /// <summary>Whether a command line is for this, and not for the bench.</summary>
    public static bool Takes(string[] words) => words is ["record" or "replay", ..];

    /// <summary>Runs it.</summary>
    /// <param name="words">The command line, from the verb on.</param>
    public Task<int> RunAsync(string[] words)
    {
        _verb = words[0];
        ParseResult parsed = _arguments.Root.Parse(words);
        if (parsed.Errors.Count > 0)
        {
            return Task.FromResult(Refuse(parsed.Errors[0].Message.ReplaceLineEndings(" ")));
        }

        _arguments.Record.SetAction((result, cancel) => GuardAsync(() => RecordAsync(result, cancel), cancel));
        _arguments.Replay.SetAction((result, cancel) => GuardAsync(() => ReplayAsync(result, cancel), cancel));
        return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
    }

    private async Task<int> GuardAsync(Func<Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await errors.WriteLineAsync($"relay {_verb}: interrupted").ConfigureAwait(false);
            return ExitCodes.Interrupted;
        }
        catch (LoadException e)
        {
            await errors.WriteLineAsync($"relay {_verb}: {e.Message}").ConfigureAwait(false);
            return e.BadArguments ? ExitCodes.BadArguments : ExitCodes.Failed;
        }
    }

    private async Task<int> RecordAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RecordOptions? options = _arguments.ReadRecord(parsed, out string? problem);
        return options is null
            ? Refuse(problem!)
            : await new RecordRun(options, output, errors).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> ReplayAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        ReplayOptions? options = _arguments.ReadReplay(parsed, out string? problem);
        if (options is null)
        {
            return Refuse(problem!);
        }

        RecordingFile file = RecordingFile.Read(options.File);
        if (options.To is null)
        {
            return new RecordingPrinter(file, output).Print(options.Print) ? ExitCodes.Well : ExitCodes.Failed;
        }

        WarnOfEnd(file, options.File);
        return await PlayAsync(options, options.To, file, cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> PlayAsync(ReplayOptions options, string to, RecordingFile file, CancellationToken cancellationToken)
    {
        string room = options.Room ?? file.Room;
        var script = new ReplayScript(file);
        var run = new ReplayRun(script, Addresses.Resolve("--to", to), options.Transport, room, options.Speed);
        await using (run.ConfigureAwait(false))
        {
            await run.PlayAsync(cancellationToken).ConfigureAwait(false);
            string span = FormattableString.Invariant($"{file.DurationMicros / 1e6:0.000} s at speed {options.Speed}");
            int members = script.Cast.Members.Count();
            await output.WriteLineAsync($"replayed room '{file.Room}' into '{room}' at {to}: {members} members, {span}").ConfigureAwait(false);
            ReplaySummary.Print(run.Counts, output);
            await Task.Delay(TimeSpan.FromSeconds(options.Stay), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        return run.Counts.Lost.Count == 0 ? ExitCodes.Well : ExitCodes.Failed;
    }

    private void WarnOfEnd(RecordingFile file, string path)
    {
        if (file.End != RecordingEnd.Whole)
        {
            string how = file.End == RecordingEnd.CutOff ? "cut off" : "damaged";
            errors.WriteLine($"relay {_verb}: warning: '{path}' is {how} at byte {file.EndOffset}; what comes before is replayed");
        }
    }

    private int Refuse(string problem)
    {
        errors.WriteLine($"relay {_verb}: {problem}");
        return ExitCodes.BadArguments;
    }
}
