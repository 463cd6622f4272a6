using System.Text.Json.Serialization;

namespace Relay.Host.Http;

/// <summary>A problem, as RFC 9457 §3.1 has it, with members of Relay's own.</summary>
internal sealed record ProblemBody
{
    /// <summary>What kind: a URI relative to the server.</summary>
    public required string Type { get; init; }

    /// <summary>The kind in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong here, for people.</summary>
    public string? Detail { get; init; }

    /// <summary>Relay's numbered code, if a room refused it: protocol-spec.md §9.</summary>
    public int? Code { get; init; }

    /// <summary>The limit that was broken.</summary>
    public double? Limit { get; init; }

    /// <summary>The value that broke it.</summary>
    public double? Value { get; init; }

    /// <summary>Which fields are wrong, and why.</summary>
    public IReadOnlyList<FieldProblem>? Errors { get; init; }

    /// <summary>Which fields have changed since the ETag of If-Match.</summary>
    public IReadOnlyList<string>? StaleFields { get; init; }

    /// <summary>A problem of a kind.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="detail">What is wrong here, for people.</param>
    public static ProblemBody Of(ProblemType type, string detail) =>
        new() { Type = type.Uri, Title = type.Title, Status = type.Status, Detail = detail };
}

/// <summary>How problems look as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class ProblemJson : JsonSerializerContext;

/// <summary>What is wrong with a field.</summary>
/// <param name="Field">Where it stands, with dots between: <c>settings.capacity</c>.</param>
/// <param name="Message">What it must be, and what it is.</param>
internal sealed record FieldProblem(string Field, string Message);
