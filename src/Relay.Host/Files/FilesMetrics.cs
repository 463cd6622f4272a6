using System.Diagnostics.Metrics;

namespace Relay.Host.Files;

/// <summary>Files in numbers: meter <c>Relay.Files</c>. No tag names a file or a person.</summary>
internal sealed class FilesMetrics
{
    /// <summary>The meter.</summary>
    public const string MeterName = "Relay.Files";

    private readonly Counter<long> _received;
    private readonly Counter<long> _taken;
    private readonly Counter<long> _served;
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _duration;

    /// <summary>Makes the meter.</summary>
    /// <param name="meters">Makes meters.</param>
    public FilesMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _received = meter.CreateCounter<long>("relay.files.received", "By", "Bytes of files that came.");
        _taken = meter.CreateCounter<long>("relay.files.taken", "{file}", "Files that were taken in, by media type.");
        _served = meter.CreateCounter<long>("relay.files.served", "By", "Bytes of content that were sent to those who asked for files.");
        _answers = meter.CreateCounter<long>("relay.files.answers", "{answer}", "Answers to those who asked for files, by HTTP status.");
        _duration = meter.CreateHistogram<double>(
            "relay.files.answer.duration", "s", "How long those answers took, to their last byte.");
    }

    /// <summary>Bytes of a file have come.</summary>
    /// <param name="bytes">How many.</param>
    public void Received(long bytes) => _received.Add(bytes);

    /// <summary>A file was taken in.</summary>
    /// <param name="type">Its media type.</param>
    public void Taken(string type) => _taken.Add(1, new KeyValuePair<string, object?>("type", type));

    /// <summary>Somebody who asked for a file has been answered.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="isCut">Whether the answer ended before its end.</param>
    /// <param name="bytes">Bytes of content that were sent.</param>
    /// <param name="took">From the request to the last byte.</param>
    public void Answered(int status, bool isCut, long bytes, TimeSpan took)
    {
        var which = new KeyValuePair<string, object?>("http.response.status_code", status);
        var how = new KeyValuePair<string, object?>("relay.cut", isCut);
        _served.Add(bytes);
        _answers.Add(1, which, how);
        _duration.Record(took.TotalSeconds, which, how);
    }
}
