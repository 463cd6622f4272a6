using System.Text.Json.Serialization;

namespace Relay.Load.Measure;

/// <summary>What it took to join a room of one size.</summary>
internal sealed record LateJoinFigures
{
    /// <summary>Objects in the room.</summary>
    [JsonPropertyName("objects")]
    public required int Objects { get; init; }

    /// <summary>Newcomers.</summary>
    [JsonPropertyName("joins")]
    public required int Joins { get; init; }

    /// <summary>From connecting until a newcomer knew all there is and where it stands, in the middle.</summary>
    [JsonPropertyName("p50_ms")]
    public required double P50Millis { get; init; }

    /// <summary>The same at the 99th percentile.</summary>
    [JsonPropertyName("p99_ms")]
    public required double P99Millis { get; init; }

    /// <summary>User and system time of the server process for each, the median; <c>null</c> if it cannot be told.</summary>
    [JsonPropertyName("server_cpu_ms")]
    public required double? ServerCpuMillis { get; init; }

    /// <summary>TCP payload that a newcomer received until then.</summary>
    [JsonPropertyName("wire_kib")]
    public required double WireKib { get; init; }
}
