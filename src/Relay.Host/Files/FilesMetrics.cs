using System.Diagnostics.Metrics;

namespace Relay.Host.Files;

/// <summary>Files in numbers: meter <c>Relay.Files</c>.</summary>
internal sealed class FilesMetrics
{
    private readonly Counter<long> _received;
    private readonly Counter<long> _taken;

    /// <summary>Makes the meter.</summary>
    /// <param name="meters">Makes meters.</param>
    public FilesMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create("Relay.Files");
        _received = meter.CreateCounter<long>("relay.files.received", "By", "Bytes of files that came.");
        _taken = meter.CreateCounter<long>("relay.files.taken", "{file}", "Files that were taken in, by media type.");
    }

    /// <summary>Bytes of a file have come.</summary>
    /// <param name="bytes">How many.</param>
    public void Received(long bytes) => _received.Add(bytes);

    /// <summary>A file was taken in.</summary>
    /// <param name="type">Its media type.</param>
    public void Taken(string type) => _taken.Add(1, new KeyValuePair<string, object?>("type", type));
}
