using System.Diagnostics.Metrics;

namespace Relay.Host.Files.Images;

/// <summary>The metrics of variants: meter <c>Relay.Files</c>.</summary>
internal sealed class ImagesMetrics
{
    public const string MeterName = "Relay.Files";

    private readonly Counter<long> _made;
    private readonly Histogram<double> _duration;

    public ImagesMetrics(IMeterFactory factory)
    {
        Meter meter = factory.Create(MeterName);
        _made = meter.CreateCounter<long>(
            "relay.files.variants", "{variant}", "Variants of images that were asked for and not there yet.");
        _duration = meter.CreateHistogram<double>(
            "relay.files.variant.duration", "s", "How long making them took, without waiting for it.");
    }

    /// <summary>One was asked for, and this became of it.</summary>
    /// <param name="status">What.</param>
    public void Asked(VariantStatus status) => _made.Add(1, Result(status));

    /// <summary>The program ran.</summary>
    /// <param name="status">What became of it.</param>
    /// <param name="took">How long.</param>
    public void Ran(VariantStatus status, TimeSpan took)
    {
        if (_duration.Enabled)
        {
            _duration.Record(took.TotalSeconds, Result(status));
        }
    }

    private static KeyValuePair<string, object?> Result(VariantStatus status) => new("relay.result", status switch
    {
        VariantStatus.Done => "done",
        VariantStatus.Off => "off",
        VariantStatus.Busy => "busy",
        VariantStatus.Refused => "refused",
        VariantStatus.NotDecodable => "not_decodable",
        VariantStatus.Unavailable => "unavailable",
        _ => "cut",
    });
}
