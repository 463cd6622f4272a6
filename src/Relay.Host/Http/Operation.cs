namespace Relay.Host.Http;

/// <summary>What the OpenAPI document says of an operation beyond its bodies.</summary>
/// <param name="Query">Its parameters in the query.</param>
/// <param name="Headers">Headers of the request that mean something.</param>
/// <param name="IsRepeatable">Whether an attempt that a server did not answer, since it ended, can be told from what is stored.</param>
internal sealed record Operation(IReadOnlyList<string> Query, IReadOnlyList<string> Headers, bool IsRepeatable)
{
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>The parameters of each list.</summary>
    public static readonly string[] Paged = ["limit", "cursor"];

    /// <summary>What the parameters mean.</summary>
    public static IReadOnlyDictionary<string, string> Meanings { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["q"] = "What must be in it, whatever its case.",
        ["limit"] = "How many are wanted, 1 to 100. Default 20.",
        ["cursor"] = "The nextCursor of the page before.",
        ["user"] = "Only this account.",
        ["room"] = "The room's name, percent-encoded (also its slashes).",
        ["object"] = "The object's id.",
        ["member"] = "The member's id.",
        ["key"] = "The attribute's key, percent-encoded.",
        ["account"] = "The account's id.",
        ["subject"] = "user: and an account's id, or address: and a network address.",
        ["id"] = "Its id.",
        ["hash"] = "SHA-256 of the content, 64 hex digits.",
        ["name"] = "What it is called.",
        ["visibility"] = "Who may see it: public, room or owner. Default room if a room is named, else owner.",
        ["File-Token"] = "16 to 64 secret bytes in base64url that the file is sealed with instead of the server's key.",
        ["Tus-Resumable"] = "1.0.0.",
        ["Upload-Length"] = "How many bytes will come.",
        ["Upload-Offset"] = "Where the part begins.",
        ["Upload-Metadata"] = "filename, visibility and room, each with its value in base64 behind a space, with commas between.",
        ["If-Match"] = "An ETag that was answered, or *. If it is another by now, nothing is done: 412.",
        ["If-None-Match"] = "*: only if there is none yet. Otherwise nothing is done: 412.",
        [IdempotencyKey] =
            "1 to 128 visible ASCII characters that you have made for this request: " +
            "however often it is sent within a day, it is done once.",
    };
}

/// <summary>The body of an operation that takes it under any media type.</summary>
/// <param name="Type">What it is; <see cref="Stream"/> for bytes.</param>
/// <param name="MediaType">What the document says that it is.</param>
internal sealed record OperationBody(Type Type, string MediaType);

/// <summary>Says of endpoints what the OpenAPI document shows.</summary>
internal static class OperationExtensions
{
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint, string name, string tag, string summary,
        string[]? query = null, string[]? headers = null, bool repeatable = false) =>
        endpoint.WithName(name).WithTags(tag).WithSummary(summary).WithMetadata(new Operation(query ?? [], headers ?? [], repeatable));

    public static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint)
        where T : notnull => endpoint.Accepts<T>("application/json");

    /// <summary>Says what the body is, whatever media type the request gives it: <c>curl -d</c> says that it is a form.</summary>
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder endpoint, string mediaType = "application/json") =>
        endpoint.WithMetadata(new OperationBody(typeof(T), mediaType));

    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, int status) => endpoint.Produces<T>(status);

    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, int status) => endpoint.Produces(status);

    /// <summary>The problems that an operation may answer; 400, 429, 500 and 503 are any operation's.</summary>
    public static RouteHandlerBuilder Problems(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (int status in statuses.Concat([400, 429, 500, 503]).Distinct().Order())
        {
            endpoint.Produces<ProblemBody>(status, "application/problem+json");
        }

        return endpoint;
    }
}
