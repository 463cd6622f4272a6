using System.Text.Json.Serialization;

namespace Relay.Load.Measure;

/// <summary>What a member found that had stopped reading, when it read again.</summary>
internal sealed record StalledFigures
{
    /// <summary>Bytes that were waiting: what the server, its kernel and the member's own kernel held. An upper bound, since the last
    /// receive may hold the beginning of what came later.</summary>
    [JsonPropertyName("waiting_bytes")]
    public long WaitingBytes { get; init; }

    /// <summary>Batches among them.</summary>
    [JsonPropertyName("batches")]
    public int Batches { get; init; }

    /// <summary>How old the oldest of these was when the member read again; <c>null</c> without any.</summary>
    [JsonPropertyName("oldest_ms")]
    public double? OldestMillis { get; init; }

    /// <summary>How old the newest of these was then.</summary>
    [JsonPropertyName("newest_ms")]
    public double? NewestMillis { get; init; }

    /// <summary>How wrong these ages may be: how well the server's clock is known.</summary>
    [JsonPropertyName("age_error_ms")]
    public double AgeErrorMillis { get; init; }

    /// <summary>Whether a batch made after that moment arrived as well.</summary>
    [JsonPropertyName("caught_up")]
    public bool CaughtUp { get; init; }

    /// <summary>Whether the server closed the connection.</summary>
    [JsonPropertyName("closed")]
    public bool Closed { get; init; }
}
