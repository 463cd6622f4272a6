using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;

namespace Relay.Host.Files.Images;

/// <summary>
/// Makes variants of images, a few at a time, each in a process of its own: nothing is decoded in this one. It keeps nothing. That a
/// variant is made once is its caller's to see to, who has a place to store it: with <see cref="SingleFlight{TKey, TResult}"/>.
/// </summary>
internal sealed class ImageVariants : IHostedService, IDisposable
{
    /// <summary>After how many seconds to come again who was told that it is busy.</summary>
    public const int RetryAfter = 5;

    /// <summary>Far above what it takes; the first start after the machine's own reads many libraries from the disk.</summary>
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a variant may be: as PNG and JPEG 4096 × 4096 pixels of 4 bytes, not compressed, twice. A WebP is held in memory,
    /// and photographs of that size have 3 MB.</summary>
    private const long LongestWebp = 1L << 25, LongestOther = 1L << 27;

    private const long LongestVersion = 100;

    private readonly ImageOptions _options;
    private readonly ImagesMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<ImageVariants> _log;
    private readonly FailureLog _failures;
    private readonly ImageProgram? _program;
    private readonly Lazy<Task<string?>> _problem;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stopping = new();
    private int _waiting;

    /// <summary>Looks for the program.</summary>
    /// <param name="options">How variants are made.</param>
    /// <param name="metrics">Counts them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    public ImageVariants(ImageOptions options, ImagesMetrics metrics, TimeProvider time, ILogger<ImageVariants> log)
    {
        (_options, _metrics, _time, _log) = (options, metrics, time, log);
        _failures = new FailureLog(log, time);
        _places = new SemaphoreSlim(options.MaxConcurrent, options.MaxConcurrent);
        (_program, string missing) = ImageProgram.Find(options);
        _problem = new Lazy<Task<string?>>(() => TryProgramAsync(missing));
    }

    /// <summary>Whether variants are made, as far as is known: for the first moments, whether there is such a program.</summary>
    public bool IsOn =>
        _program is not null && _problem is not { IsValueCreated: true, Value: { IsCompletedSuccessfully: true, Result: not null } };

    /// <summary>Who makes them, as it calls itself; empty until it is known.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Whether there are variants of what has a media type.</summary>
    /// <param name="mediaType">As of the content, in small letters, without parameters.</param>
    public static bool Takes(string mediaType) => mediaType is "image/jpeg" or "image/png" or "image/gif" or "image/webp" or "image/avif";

    /// <summary>Why variants are off, in one sentence that anybody may see.</summary>
    /// <param name="cancellationToken">Ends the wait for the program, which tells its version.</param>
    /// <returns>Null if they are on.</returns>
    public Task<string?> ProblemAsync(CancellationToken cancellationToken) => _problem.Value.WaitAsync(cancellationToken);

    /// <summary>Makes a variant.</summary>
    /// <param name="original">Of what.</param>
    /// <param name="name">Which.</param>
    /// <param name="to">Where to; flushed, not completed. What is there is a variant only if it is done: otherwise it may be a part of
    /// one.</param>
    /// <param name="cancellationToken">Ends it, and the process.</param>
    public async Task<VariantOutcome> MakeAsync(ImageSource original, VariantName name, PipeWriter to, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        VariantOutcome outcome;
        try
        {
            outcome = await AdmitAsync(original, name, to, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            outcome = RunVerdict.Cut;
        }

        _metrics.Asked(outcome.Status);
        return outcome;
    }

    /// <summary>Begins to look whether the program runs; nobody need wait for that.</summary>
    /// <param name="cancellationToken">Not used.</param>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = _problem.Value;
        return Task.CompletedTask;
    }

    /// <summary>Ends the processes that are left.</summary>
    /// <param name="cancellationToken">Ends the wait for them.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        int ended = 0;
        try
        {
            for (; ended < _options.MaxConcurrent; ended++)
            {
                await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The program has no more time to wait: they are killed already.
        }

        if (ended > 0)
        {
            _places.Release(ended);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _places.Dispose();
    }

    private async Task<string?> TryProgramAsync(string missing)
    {
        string? problem = _program is null ? missing : await AskVersionAsync(_program).ConfigureAwait(false);
        if (_stopping.IsCancellationRequested)
        {
            // Then that it has no answer says nothing.
            return problem;
        }

        if (problem is null)
        {
            _log.On(Version, _options.MaxConcurrent);
        }
        else
        {
            _log.Off(problem);
        }

        return problem;
    }

    private async Task<string?> AskVersionAsync(ImageProgram program)
    {
        using var output = new MemoryStream();
        RunResult run = await ImageRun.RunAsync(
            program.Version(), null, PipeWriter.Create(output), LongestVersion, VersionTimeout, _time, _stopping.Token)
            .ConfigureAwait(false);
        string said = Encoding.UTF8.GetString(output.ToArray()).Trim();
        if (run is { End: RunEnd.Exited, ExitCode: 0 } && said.StartsWith("vips-", StringComparison.Ordinal))
        {
            Version = "libvips " + said["vips-".Length..];
            return null;
        }

        if (run.End != RunEnd.Cut)
        {
            _log.NoVersion(run.End, run.ExitCode, RunVerdict.Line(run.Said));
        }

        return "the program does not tell its version";
    }

    private async Task<VariantOutcome> AdmitAsync(
        ImageSource original, VariantName name, PipeWriter to, CancellationToken cancellationToken)
    {
        if (await ProblemAsync(cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return new VariantOutcome(VariantStatus.Off, $"Variants are off: {problem}.");
        }

        if (!Takes(original.MediaType))
        {
            return new VariantOutcome(VariantStatus.NotDecodable, $"There are no variants of {original.MediaType}.");
        }

        bool isAnimated = ImageProgram.IsAnimated(original.MediaType, name);
        long pixels = (long)original.Width * original.Height;
        if (pixels > _options.MaxPixels || (isAnimated && pixels > _options.MaxPixels / Math.Max(original.Frames, 1)))
        {
            return new VariantOutcome(VariantStatus.Refused, $"It has more than {_options.MaxPixels} pixels in all its frames.");
        }

        if (!await EnterAsync(cancellationToken).ConfigureAwait(false))
        {
            return new VariantOutcome(VariantStatus.Busy, "Too many variants are being made.");
        }

        try
        {
            return await RunAsync(_program!, original, name, to, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<VariantOutcome> RunAsync(
        ImageProgram program, ImageSource original, VariantName name, PipeWriter to, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        (VariantOutcome outcome, RunResult run) = await TryRunAsync(withProfiles: true).ConfigureAwait(false);
        if (RunVerdict.LacksProfile(run))
        {
            // It is grey without a profile, and there is none of one colour to take it for. Grey needs none.
            (outcome, run) = await TryRunAsync(withProfiles: false).ConfigureAwait(false);
        }

        _metrics.Ran(outcome.Status, _time.GetElapsedTime(start));
        if (outcome.Status is not (VariantStatus.Done or VariantStatus.Cut))
        {
            _failures.Tell(original, name, outcome, run.Said);
        }

        return outcome;

        async Task<(VariantOutcome Outcome, RunResult Run)> TryRunAsync(bool withProfiles)
        {
            ProcessStartInfo command = program.Thumbnail(original.MediaType, name, withProfiles);
            if (name.Format == VariantFormat.Webp)
            {
                return await RunWebpAsync(command, original, to, cancellationToken).ConfigureAwait(false);
            }

            RunResult result = await ImageRun.RunAsync(
                command, original, to, LongestOther, _options.Timeout, _time, cancellationToken).ConfigureAwait(false);
            return (RunVerdict.Of(result, _options), result);
        }
    }

    private async Task<(VariantOutcome Outcome, RunResult Run)> RunWebpAsync(
        ProcessStartInfo command, ImageSource original, PipeWriter to, CancellationToken cancellationToken)
    {
        // Its length is at its beginning: so it must be there as a whole before any of it is written without its metadata.
        var whole = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        RunResult run = await ImageRun.RunAsync(
            command, original, whole.Writer, LongestWebp, _options.Timeout, _time, cancellationToken).ConfigureAwait(false);
        VariantOutcome outcome = RunVerdict.Of(run, _options);
        await whole.Writer.CompleteAsync().ConfigureAwait(false);
        if (outcome.IsDone)
        {
            ReadResult read = await whole.Reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            outcome = WebpMetadata.TryRemove(read.Buffer, to)
                ? await FlushAsync(to, cancellationToken).ConfigureAwait(false)
                : RunVerdict.NoPicture;
        }

        await whole.Reader.CompleteAsync().ConfigureAwait(false);
        return (outcome, run);
    }

    private static async ValueTask<VariantOutcome> FlushAsync(PipeWriter to, CancellationToken cancellationToken)
    {
        try
        {
            FlushResult flushed = await to.FlushAsync(cancellationToken).ConfigureAwait(false);
            return flushed.IsCompleted || flushed.IsCanceled ? RunVerdict.Cut : VariantOutcome.Done;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            return RunVerdict.Cut;
        }
    }

    private async ValueTask<bool> EnterAsync(CancellationToken cancellationToken)
    {
        if (_places.Wait(0, CancellationToken.None))
        {
            return true;
        }

        try
        {
            return Interlocked.Increment(ref _waiting) <= _options.MaxWaiting
                && await _places.WaitAsync(_options.Timeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
