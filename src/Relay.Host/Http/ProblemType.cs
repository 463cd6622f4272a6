namespace Relay.Host.Http;

/// <summary>A kind of problem. RFC 9457 §3.1.1: its URI is <c>/problems/NAME</c>, where a page says more.</summary>
/// <param name="Name">The end of the URI.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The same for each of the kind.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record ProblemType(string Name, int Status, string Title, string Advice)
{
    public static readonly ProblemType
        BadRequest = new(
            "bad-request", 400, "The request cannot be read",
            "Write it as /openapi/v1.json says. Members that it does not know are refused, too."),
        Unauthorized = new(
            "unauthorized", 401, "Nobody is signed in", "Send Authorization: Bearer with an access token or an API key that is good now."),
        Forbidden = new(
            "forbidden", 403, "Not allowed",
            "The role in this room, or the account, does not have the permission; " +
            "limit has the bits that it takes, value those that there are."),
        NotFound = new("not-found", 404, "No such thing", "It is not there, or not for you to see."),
        MethodNotAllowed = new("method-not-allowed", 405, "Not with this method", "The header Allow names those that there are."),
        Conflict = new("conflict", 409, "It does not fit what is there", "Read it again and decide anew."),
        Exists = new("exists", 409, "There is one already", "Take another name, or change the one that is there."),
        Full = new("full", 409, "No more fit", "The limit and the value are in the problem. Remove something, or have the limit raised."),
        OutcomeUnknown = new(
            "outcome-unknown", 409, "It is not known whether it was done",
            "The server ended while it worked on the request with this Idempotency-Key. Look whether it was done."),
        Busy = new(
            "busy", 409, "It is being done just now",
            "Another request with this Idempotency-Key has not been answered yet. Ask again later."),
        Gone = new("gone", 410, "It is over", "Ask for another."),
        PreconditionFailed = new(
            "precondition-failed", 412, "It has changed since", "staleFields, if there, names what has. Read it again and decide anew."),
        TooLarge = new("too-large", 413, "Too large", "The limit is in the problem."),
        UnsupportedMediaType = new(
            "unsupported-media-type", 415, "Another media type is wanted", "Send JSON with Content-Type: application/json."),
        FileNotTaken = new(
            "file-not-taken", 415, "Files of this kind are not taken",
            "Taken are images (PNG, JPEG, GIF, WebP, AVIF), sounds, videos, glTF models and PDF, by their content and not by their name."),
        Invalid = new("invalid", 422, "A value is not allowed", "errors names each field with what it takes."),
        KeyReused = new(
            "idempotency-key-reused", 422, "The Idempotency-Key is another request's", "Take a new key for each thing that is to be done."),
        Locked = new("locked", 423, "Somebody holds the lock", "Wait until it is let go; value is the member that holds it."),
        PreconditionRequired = new(
            "precondition-required", 428, "If-Match is wanted", "Send If-Match with the ETag that was read, or * for whatever it is."),
        RateLimited = new("rate-limited", 429, "Too many requests", "Wait as long as Retry-After says."),
        Internal = new("internal", 500, "The server failed", "It is not your fault. The server's log has the details."),
        Unavailable = new(
            "unavailable", 503, "Not possible now",
            "The database or the room cannot be reached, or the server is going down. " +
            "Try again later: nothing was changed, unless the detail says otherwise.");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        BadRequest, Unauthorized, Forbidden, NotFound, MethodNotAllowed, Conflict, Exists, Full, OutcomeUnknown, Busy, Gone,
        PreconditionFailed, TooLarge, UnsupportedMediaType, FileNotTaken, Invalid, KeyReused, Locked, PreconditionRequired, RateLimited, Internal,
        Unavailable,
    ];

    /// <summary>The one for a status without more.</summary>
    public static ProblemType Of(int status) => All.FirstOrDefault(type => type.Status == status) ?? (status < 500 ? BadRequest : Internal);

    /// <summary>Its URI, relative to the server.</summary>
    public string Uri => "/problems/" + Name;
}
