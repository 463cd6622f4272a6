using System.Globalization;
using System.Text;
using Relay.Host.Api;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Files.Serving;
using Relay.Host.Http;

namespace Relay.Host.Files.Http;

/// <summary>Uploads that go on where they were cut off: the tus protocol, version 1.0.0, with the extensions creation, expiration and
/// termination.</summary>
internal static class TusEndpoints
{
    private const string Version = "1.0.0";
    private const string PartType = "application/offset+octet-stream";
    private const int MaxMetadata = 8192;

    /// <summary>Headers of requests that pages of other origins may send.</summary>
    public static string[] Asks { get; } =
        ["Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset", "X-HTTP-Method-Override", FileToken.Header];

    /// <summary>Headers of answers that pages of other origins may read.</summary>
    public static string[] Tells { get; } =
    [
        "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Upload-Length", "Upload-Offset", "Upload-Expires",
        "Content-Location", "File-Hash",
    ];

    public static void MapTus(this RouteGroupBuilder api)
    {
        api.MapMethods("/uploads", ["OPTIONS"], Options).ExcludeFromDescription();
        api.MapPost("/uploads", CreateAsync).Describe(
            "createUpload", "Files", "Begins an upload that can go on where it was cut off (tus 1.0.0). Its address is in Location.",
            headers: ["Tus-Resumable", "Upload-Length", "Upload-Metadata", FileToken.Header])
            .Answers(201).Problems(401, 403, 404, 409, 412, 413, 422);
        api.MapMethods("/uploads/{id}", ["HEAD"], HeadAsync).Describe(
            "readUpload", "Files", "Tells how much of an upload is here: Upload-Offset.", headers: ["Tus-Resumable", FileToken.Header])
            .Answers(200).Problems(401, 404, 412);
        api.MapPatch("/uploads/{id}", AppendAsync).Describe(
            "appendUpload", "Files", "Takes the next part of an upload. With the last it becomes a file: its address is in Content-Location.",
            headers: ["Tus-Resumable", "Upload-Offset", FileToken.Header])
            .Reads<Stream>(PartType).Answers(204).Problems(401, 404, 409, 412, 413, 415, 422, 423);
        api.MapDelete("/uploads/{id}", CancelAsync).Describe(
            "cancelUpload", "Files", "Ends an upload; nothing of it is left.", headers: ["Tus-Resumable"])
            .Answers(204).Problems(401, 404, 412, 423);

        // For senders behind what lets only GET and POST through.
        api.MapPost("/uploads/{id}", OverrideAsync).ExcludeFromDescription();
    }

    private static IResult Options(HttpContext context, FilesOptions options)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers["Tus-Resumable"] = Version;
        headers["Tus-Version"] = Version;
        headers["Tus-Extension"] = "creation,expiration,termination";
        headers["Tus-Max-Size"] = options.MostOfAll.ToString(CultureInfo.InvariantCulture);
        return Results.NoContent();
    }

    private static async Task<IResult> CreateAsync(HttpContext context, FileDesk desk, RoomAccess rooms, FilesOptions options)
    {
        Agree(context);
        long length = Number(context, "Upload-Length") ?? throw ApiProblem.BadRequest("Upload-Length must say how many bytes will come.");
        if (length == 0)
        {
            throw IncomingStream.NotAllowed("it is empty");
        }

        Dictionary<string, string> said = Metadata(context.Request.Headers["Upload-Metadata"].ToString());
        NewFile file = await FileRequest.NewFileAsync(
            context, rooms, options, key => said.GetValueOrDefault(key) ?? (key == "name" ? said.GetValueOrDefault("filename") : null), length)
            .ConfigureAwait(false);
        UploadRow row = await desk.BeginAsync(file).ConfigureAwait(false);
        context.Response.Headers.Location = "/api/v1/uploads/" + row.Id;
        Tell(context, row, 0);
        return Results.StatusCode(StatusCodes.Status201Created);
    }

    private static async Task<IResult> HeadAsync(HttpContext context, FileDesk desk)
    {
        Agree(context);
        (UploadRow row, long offset) = await desk.FindAsync(
            context.PathPiece(1), context.Caller().Account, context.FileToken(), context.RequestAborted).ConfigureAwait(false);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Upload-Length"] = (row.Length ?? 0).ToString(CultureInfo.InvariantCulture);
        Tell(context, row, offset);
        return Results.Ok();
    }

    private static async Task<IResult> AppendAsync(HttpContext context, FileDesk desk, FilesOptions options)
    {
        Agree(context);
        if (context.Request.ContentType != PartType)
        {
            throw new ApiProblem(ProblemType.UnsupportedMediaType, $"A part comes with Content-Type: {PartType}.");
        }

        long offset = Number(context, "Upload-Offset") ?? throw ApiProblem.BadRequest("Upload-Offset must say where the part begins.");
        var file = new NewFile(
            context.Caller().Account, FileRequest.QuotaOf(context, options), "", FileVisibility.Owner, null, null, context.FileToken());
        FileRequest.TakeAnyLength(context);
        (UploadRow row, long now) = await desk.AppendAsync(
            context.PathPiece(1), file, offset, context.Request.Body, context.RequestAborted).ConfigureAwait(false);
        Tell(context, row, now);
        return Results.NoContent();
    }

    private static async Task<IResult> CancelAsync(HttpContext context, FileDesk desk)
    {
        Agree(context);
        await desk.CancelAsync(context.PathPiece(1), context.Caller().Account, context.RequestAborted).ConfigureAwait(false);
        return Results.NoContent();
    }

    private static Task<IResult> OverrideAsync(HttpContext context, FileDesk desk, FilesOptions options) =>
        context.Request.Headers["X-HTTP-Method-Override"].ToString() switch
        {
            "PATCH" => AppendAsync(context, desk, options),
            "DELETE" => CancelAsync(context, desk),
            _ => throw new ApiProblem(ProblemType.MethodNotAllowed, "An upload takes HEAD, PATCH and DELETE, also by X-HTTP-Method-Override."),
        };

    /// <summary>Makes sure that both speak the same version.</summary>
    private static void Agree(HttpContext context)
    {
        context.Response.Headers["Tus-Resumable"] = Version;
        if (context.Request.Headers["Tus-Resumable"].ToString() != Version)
        {
            context.Response.Headers["Tus-Version"] = Version;
            throw new ApiProblem(ProblemType.PreconditionFailed, $"Send Tus-Resumable: {Version}.");
        }
    }

    private static void Tell(HttpContext context, UploadRow row, long offset)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers["Upload-Offset"] = offset.ToString(CultureInfo.InvariantCulture);
        if (!row.IsDone)
        {
            headers["Upload-Expires"] = DateTimeOffset.FromUnixTimeMilliseconds(row.Expires).ToString("R", CultureInfo.InvariantCulture);
        }
        else if (row.Hash is { } hash)
        {
            headers.ContentLocation = "/files/" + hash;
            headers["File-Hash"] = hash;
        }
    }

    /// <summary>A header with a whole number.</summary>
    /// <returns>Null if it is not there.</returns>
    private static long? Number(HttpContext context, string header)
    {
        string text = context.Request.Headers[header].ToString();
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw ApiProblem.BadRequest($"{header} must be a whole number from 0 on; it is {ApiRequest.Shown(text)}.");
    }

    /// <summary>Reads <c>Upload-Metadata</c>: keys, each with a value in base64 behind a space, with commas between.</summary>
    private static Dictionary<string, string> Metadata(string header)
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        if (header.Length > MaxMetadata)
        {
            throw ApiProblem.BadRequest($"Upload-Metadata takes at most {MaxMetadata} characters; it has {header.Length}.");
        }

        foreach (string pair in header.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int space = pair.IndexOf(' ', StringComparison.Ordinal);
            byte[] value = new byte[pair.Length];
            if (!Convert.TryFromBase64String(space < 0 ? "" : pair[(space + 1)..], value, out int length)
                || !said.TryAdd(space < 0 ? pair : pair[..space], Encoding.UTF8.GetString(value, 0, length)))
            {
                throw ApiProblem.BadRequest("Upload-Metadata must be keys that come once, each with a value in base64 behind a space.");
            }
        }

        return said;
    }
}
