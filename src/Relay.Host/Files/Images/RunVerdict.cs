using System.Globalization;

namespace Relay.Host.Files.Images;

/// <summary>What a run of the program means.</summary>
internal static class RunVerdict
{
    /// <summary>Signals, as a shell counts them.</summary>
    private const int Killed = 128 + 9, OverTime = 128 + 24;

    private const int LongestLine = 300;

    /// <summary>How libvips, GLib, C++ and the system's loader say that there is no more memory.</summary>
    private static readonly string[] NoMemory =
        ["out of memory", "failed to allocate", "bad_alloc", "Cannot allocate memory", "Error creating thread", "failed to map segment"];

    /// <summary>Nobody waits for it any more.</summary>
    public static VariantOutcome Cut => new(VariantStatus.Cut, "Nobody waits for it any more.");

    /// <summary>It is none.</summary>
    public static VariantOutcome NoPicture => new(VariantStatus.NotDecodable, "It is no picture that can be read.");

    /// <summary>What became of the variant.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">The limits.</param>
    public static VariantOutcome Of(RunResult run, ImageOptions options) => run.End switch
    {
        RunEnd.Late => TooSlow(options),
        RunEnd.TooLong => new(VariantStatus.Refused, "It would be too long."),
        RunEnd.NotStarted => new(VariantStatus.Unavailable, "The program could not be started."),
        RunEnd.Hindered => new(VariantStatus.Unavailable, "The original could not be read in time."),
        RunEnd.Cut => Cut,
        _ => OfExit(run, options),
    };

    /// <summary>Whether it ended since there is no profile that fits: before anything was written.</summary>
    /// <param name="run">The run.</param>
    public static bool LacksProfile(RunResult run) =>
        run is { End: RunEnd.Exited, Written: 0 } && run.Said.Contains("compatible input profile", StringComparison.Ordinal);

    /// <summary>What the program said, as one line for the log: it has read what anybody has sent.</summary>
    /// <param name="said">All that it said.</param>
    public static string Line(string said)
    {
        string[] lines = [.. said.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        string[] errors = [.. lines.Where(line => !line.Contains("-WARNING", StringComparison.Ordinal))];
        string line = string.Join("; ", errors.Length > 0 ? errors : lines);
        return string.Concat(line.Take(LongestLine).Select(c => char.IsAsciiLetterOrDigit(c) || " .,:;=()[]-_'`/".Contains(c) ? c : '?'));
    }

    private static VariantOutcome OfExit(RunResult run, ImageOptions options)
    {
        // What ran out of memory half-way may still end well, with a part of the picture missing.
        if (run.ExitCode == Killed || NoMemory.Any(words => run.Said.Contains(words, StringComparison.Ordinal)))
        {
            return new(VariantStatus.Refused, string.Create(
                CultureInfo.InvariantCulture, $"Making it takes more than {options.MaxMemory >> 20} MiB of memory."));
        }

        return run.ExitCode switch
        {
            0 when run.Written > 0 => VariantOutcome.Done,
            OverTime => TooSlow(options),

            // Of those that start the program: it is there no more, or may not be run.
            125 or 126 or 127 => new(VariantStatus.Unavailable, "The program could not be started."),
            _ => NoPicture,
        };
    }

    private static VariantOutcome TooSlow(ImageOptions options) => new(VariantStatus.Refused, string.Create(
        CultureInfo.InvariantCulture, $"Making it takes longer than {options.Timeout.TotalSeconds} s."));
}
