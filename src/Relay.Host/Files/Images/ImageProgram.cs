using System.Diagnostics;
using System.Globalization;

namespace Relay.Host.Files.Images;

/// <summary>
/// How <c>vipsthumbnail</c> is started. What it reads may be made to break it, so it gets an empty environment, no files, bounds that the
/// kernel keeps, and no more than what the processors have left over.
/// </summary>
internal sealed class ImageProgram
{
    /// <summary>Each is needed: limits, low priority, and that a machine without memory ends this and not the server. All are in
    /// packages that every Debian has (util-linux, coreutils).</summary>
    private static readonly string[] Helpers = ["nice", "choom", "prlimit"];

    private readonly string _path;
    private readonly string[] _prefix;

    private ImageProgram(string path, string[] prefix)
    {
        _path = path;
        _prefix = prefix;
    }

    /// <summary>Looks for it, and for what it is started with.</summary>
    /// <param name="options">Its name and its limits.</param>
    /// <returns>The program, or a sentence that says why there is none.</returns>
    public static (ImageProgram? Program, string Problem) Find(ImageOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Program))
        {
            return (null, "Relay:Files:Images:Program is empty");
        }

        if (!OperatingSystem.IsLinux())
        {
            return (null, "they need Linux, whose limits the program runs under");
        }

        if (PathOf(options.Program) is not { } path)
        {
            // Anybody may read this, so it names no path.
            return (null, options.Program.Contains('/')
                ? "Relay:Files:Images:Program names no file"
                : $"{options.Program} is not installed (Debian package libvips-tools)");
        }

        string?[] helpers = [.. Helpers.Select(PathOf)];
        int missing = Array.IndexOf(helpers, null);
        if (missing >= 0)
        {
            return (null, $"{Helpers[missing]} is not installed (Debian packages util-linux and coreutils)");
        }

        return (new ImageProgram(path, [.. Prefix(helpers[0]!, helpers[1]!, helpers[2]!, options)]), "");
    }

    /// <summary>Whether all frames of an original are in a variant, if it has several.</summary>
    /// <param name="mediaType">What the original is.</param>
    /// <param name="name">The variant.</param>
    public static bool IsAnimated(string mediaType, VariantName name) =>
        name.Format == VariantFormat.Webp && mediaType is ("image/gif" or "image/webp");

    /// <summary>How its version is asked for.</summary>
    public ProcessStartInfo Version() => Start(withModules: false, ["--version"]);

    /// <summary>How a variant is made: the original comes by standard input, the variant goes by standard output.</summary>
    /// <remarks>
    /// A pipe does for every format: what a decoder must read again, libvips keeps in memory. So no plain content is on a disk, and the
    /// program may write no file at all.
    /// </remarks>
    /// <param name="mediaType">What the original is.</param>
    /// <param name="name">The variant.</param>
    /// <param name="withProfiles">Whether colours are converted to sRGB.</param>
    public ProcessStartInfo Thumbnail(string mediaType, VariantName name, bool withProfiles)
    {
        string size = name.Size.ToString(CultureInfo.InvariantCulture);

        // Without metadata (strip) there is no profile either, so the pixels must be sRGB. That the original's are, if it does not say
        // otherwise, must be told: or else they go by way of XYZ, and red comes back as (248, 26, 16).
        string[] profiles = withProfiles ? ["--iprofile", "srgb", "--eprofile", "srgb"] : [];

        // Orc, which makes machine code for some loops, wants a file for it (novector). Half a picture is none (fail-on). Only loaders of
        // what may be animated know of pages (n).
        return Start(mediaType == "image/avif", [
            "--vips-novector",
            .. profiles,
            "--size", $"{size}x{size}>",
            "--output", $".{name.Extension}[{Saving(name.Format)}]",
            IsAnimated(mediaType, name) ? "stdin[n=-1,fail-on=truncated]" : "stdin[fail-on=truncated]",
        ]);
    }

    /// <summary>Qualities at which photographs show no faults at their size, and text and drawings few.</summary>
    private static string Saving(VariantFormat format) => format switch
    {
        VariantFormat.Webp => "Q=80,strip",
        VariantFormat.Png => "strip",
        _ => "Q=85,optimize-coding,background=255,strip",
    };

    private static IEnumerable<string> Prefix(string nice, string choom, string prlimit, ImageOptions options)
    {
        // The time limit is this server's; that of the processor is for when the server is killed and nobody keeps the other one.
        long seconds = (long)Math.Ceiling(options.Timeout.TotalSeconds) + 1;
        return
        [
            nice, "-n", "10",
            choom, "-n", "1000", "--",
            prlimit,
            string.Create(CultureInfo.InvariantCulture, $"--as={options.MaxMemory}"),
            string.Create(CultureInfo.InvariantCulture, $"--cpu={seconds}"),
            "--fsize=0", "--nofile=64", "--core=0", "--",
        ];
    }

    private static string? PathOf(string program)
    {
        if (program.Contains('/'))
        {
            return File.Exists(program) ? Path.GetFullPath(program) : null;
        }

        string[] directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return directories.Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>Modules are libraries that libvips loads at its start, with those that they need in turn: for AVIF, but also for what is
    /// never read here. Without them it starts in half the time, and there is less in it that could be broken.</summary>
    private ProcessStartInfo Start(bool withModules, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(_prefix[0], [.. _prefix[1..], _path, .. arguments])
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Of loaders only those that are fuzzed; one thread; one arena, as each reserves address space.
        start.Environment.Clear();
        start.Environment["VIPS_BLOCK_UNTRUSTED"] = "1";
        start.Environment["VIPS_CONCURRENCY"] = "1";
        start.Environment["MALLOC_ARENA_MAX"] = "1";
        if (!withModules)
        {
            // Where libvips looks for them: nowhere.
            start.Environment["VIPSHOME"] = "/nonexistent";
        }

        return start;
    }
}
