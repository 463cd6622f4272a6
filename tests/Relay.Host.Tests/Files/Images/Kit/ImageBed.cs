using System.Diagnostics.Metrics;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Files.Images;
using Relay.Host.Files.Store;
using Relay.Host.Tests.Storage.Kit;

namespace Relay.Host.Tests.Files.Images.Kit;

/// <summary>What makes variants, with what it logs and counts. Its program has a name of its own, so that its processes can be told from
/// those of other tests.</summary>
internal sealed class ImageBed : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("relay-images-");
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = [];

    public ImageBed(Action<ImageOptions>? configure = null, string? script = null)
    {
        if (script is null)
        {
            File.CreateSymbolicLink(Program, "/usr/bin/vipsthumbnail");
        }
        else
        {
            File.WriteAllText(Program, $"#!/bin/sh\n[ \"$1\" != --version ] || {{ echo vips-0; exit; }}\n{script}\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }

        Options = new ImageOptions { Program = Program, MaxConcurrent = 2 };
        configure?.Invoke(Options);
        IMeterFactory meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, tags, value));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Count(instrument, tags, 1));
        _listener.Start();
        Variants = new ImageVariants(Options, new ImagesMetrics(meters), TimeProvider.System, Log);
    }

    public ImageOptions Options { get; }

    public ImageVariants Variants { get; }

    public ListLogger<ImageVariants> Log { get; } = new();

    /// <summary>What is run: a link to the real one, or a script in its place.</summary>
    public string Program => Path.Combine(_directory.FullName, "thumbnail");

    /// <summary>A directory that a program could write into.</summary>
    public string Place => _directory.FullName;

    /// <summary>The ids of its processes that live.</summary>
    public string[] Processes => [.. Directory.EnumerateDirectories("/proc")
        .Select(path => Path.GetFileName(path))
        .Where(name => char.IsAsciiDigit(name[0]) && Read(name, "cmdline").Contains(Program, StringComparison.Ordinal))];

    /// <summary>The most memory that its processes have had resident so far, in bytes, as far as it was seen.</summary>
    public long Peak => Processes
        .Select(id => Read(id, "status").Split('\n').FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)))
        .DefaultIfEmpty()
        .Max(line => line is null ? 0 : long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture) << 10);

    /// <summary>How often something was measured, as in <c>relay.files.variants done</c>.</summary>
    public long Counted(string what)
    {
        lock (_counts)
        {
            return _counts.GetValueOrDefault(what);
        }
    }

    /// <summary>An original that is small, as its header would say.</summary>
    public static ImageSource Source(byte[] content, string mediaType, int frames = 1, Action? fed = null) => new(
        mediaType, 1, 1, frames, async (to, cancellationToken) =>
        {
            fed?.Invoke();
            await to.WriteAsync(content, cancellationToken);
            return StoreOutcome.Done;
        });

    public async Task<(VariantOutcome Outcome, byte[] Content)> TryMakeAsync(
        ImageSource original, string name, CancellationToken cancellationToken = default)
    {
        Assert.True(VariantName.TryParse(name, out VariantName variant));
        using var to = new MemoryStream();
        VariantOutcome outcome = await Variants.MakeAsync(original, variant, PipeWriter.Create(to), cancellationToken);
        return (outcome, to.ToArray());
    }

    public async Task<byte[]> MakeAsync(byte[] content, string mediaType, string name)
    {
        (VariantOutcome outcome, byte[] made) = await TryMakeAsync(Source(content, mediaType), name);
        Assert.True(outcome.IsDone, $"{outcome.Status}: {outcome.Reason} {string.Join('\n', Log.Lines)}");
        return made;
    }

    public async Task<Picture> PictureAsync(byte[] content, string mediaType, string name)
    {
        byte[] made = await MakeAsync(content, mediaType, name);
        return name.EndsWith(".png", StringComparison.Ordinal) ? Picture.OfPng(made) : await Picture.DecodeAsync(made);
    }

    /// <summary>Waits until a process of it is there: for a moment what has been started is not yet what it becomes.</summary>
    public async Task<string> ProcessAsync()
    {
        await UntilAsync(() => Processes.Length > 0);
        return Processes[0];
    }

    /// <summary>Reads what the system says of a process; empty if there is none.</summary>
    public static string Read(string id, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < ChildProcess.Patience);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Variants.StopAsync(default);
        Assert.Empty(Processes);
        Variants.Dispose();
        _listener.Dispose();
        await _services.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private void Count(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags, long value)
    {
        lock (_counts)
        {
            string key = $"{instrument.Name} {tags[0].Value}";
            _counts[key] = _counts.GetValueOrDefault(key) + value;
        }
    }
}
