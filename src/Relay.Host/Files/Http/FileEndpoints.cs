using Relay.Host.Api;
using Relay.Host.Api.Json;
using Relay.Host.Api.Rooms;
using Relay.Host.Files.Images;
using Relay.Host.Files.Serving;
using Relay.Host.Files.Store;
using Relay.Host.Http;

namespace Relay.Host.Files.Http;

/// <summary>One's own files.</summary>
internal static class FileEndpoints
{
    public static void MapFileEndpoints(this RouteGroupBuilder api)
    {
        api.MapPost("/files", UploadAsync).Describe(
            "uploadFile", "Files", "Takes a file: the body is its bytes, whatever Content-Type says. It is temporary until it is claimed or shown in a room.",
            query: ["name", "visibility", "room"], headers: [FileToken.Header])
            .Reads<Stream>("application/octet-stream").Answers<FileAnswer>(200).Answers<FileAnswer>(201).Problems(401, 403, 404, 409, 413, 415, 422);
        api.MapGet("/files", ListAsync).Describe("listFiles", "Files", "Lists one's own files, the newest first.", query: Operation.Paged)
            .Answers<Page<FileAnswer>>(200).Problems(401, 422);
        api.MapGet("/files/{hash}", ReadAsync).Describe(
            "readFile", "Files", "Tells of one's own file.", headers: [FileToken.Header])
            .Answers<FileAnswer>(200).Problems(401, 404);
        api.MapPatch("/files/{hash}", ChangeAsync).Describe(
            "changeFile", "Files", "Renames one's own file, shows it to others, or claims it, so that it stays.", headers: [FileToken.Header])
            .Takes<FilePatch>().Answers<FileAnswer>(200).Problems(401, 403, 404, 415, 422);
        api.MapDelete("/files/{hash}", DeleteAsync).Describe(
            "deleteFile", "Files", "Takes one's own file away, also where rooms show it. Its content stays as long as others have it.",
            headers: [FileToken.Header])
            .Answers(204).Problems(401, 404);
    }

    /// <summary>A file, as its owner is told of it.</summary>
    private static FileAnswer Show(FileRow row, FilesOptions options, VariantDesk variants) => new(
        row.Hash,
        $"{options.Origin}/files/{row.Hash}",
        row.Type,
        row.Length,
        row.Name,
        row.Visibility,
        row.Room,
        row.Width,
        row.Height,
        DateTimeOffset.FromUnixTimeMilliseconds(row.Created),
        row.Expires is { } expires ? DateTimeOffset.FromUnixTimeMilliseconds(expires) : null,
        variants.Has(row));

    private static async Task<IResult> UploadAsync(
        HttpContext context, FileDesk desk, RoomAccess rooms, FilesOptions options, VariantDesk variants)
    {
        NewFile file = await FileRequest.NewFileAsync(context, rooms, options, context.Query, context.Request.ContentLength)
            .ConfigureAwait(false);
        FileRequest.TakeAnyLength(context);
        (FileRow row, bool isNew) = await desk.TakeAsync(file, context.Request.Body, context.RequestAborted).ConfigureAwait(false);
        FileAnswer answer = Show(row, options, variants);
        context.Response.Headers.Location = answer.Url;
        return Results.Json(
            answer, ApiJson.Default.FileAnswer, statusCode: isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static async Task<IResult> ListAsync(HttpContext context, FileTable table, FilesOptions options, VariantDesk variants)
    {
        int limit = context.Limit();
        IReadOnlyList<FileRow> rows = await table.ListAsync(
            context.Caller().Account, context.Cursor(), limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Paging.Of(rows, limit, FileTable.KeyOf, row => Show(row, options, variants)), ApiJson.Default.PageFileAnswer);
    }

    private static async Task<IResult> ReadAsync(
        HttpContext context, FileDesk desk, FileTable table, FilesOptions options, VariantDesk variants) =>
        Results.Json(Show(await FindAsync(context, desk, table).ConfigureAwait(false), options, variants), ApiJson.Default.FileAnswer);

    private static async Task<IResult> ChangeAsync(
        HttpContext context, FileDesk desk, FileTable table, RoomAccess rooms, FilesOptions options, VariantDesk variants, TimeProvider time)
    {
        FileRow row = await FindAsync(context, desk, table).ConfigureAwait(false);
        FilePatch patch = await JsonBody.ReadAsync(context, ApiJson.Default.FilePatch).ConfigureAwait(false);
        if (patch.Visibility is not null || patch.Room is not null)
        {
            (FileVisibility visibility, string? room) = await FileRequest.SightAsync(
                context, rooms, context.Caller(), patch.Visibility, patch.Room).ConfigureAwait(false);
            row = row with { Visibility = visibility.ToWord(), Room = room };
        }

        long anew = (time.GetUtcNow() + options.TemporaryLifetime).ToUnixTimeMilliseconds();
        row = row with
        {
            Name = patch.Name is null ? row.Name : FileNames.Clean(patch.Name),
            Expires = patch.Kept switch { true => null, false => row.Expires ?? anew, null => row.Expires },
        };
        return await table.ChangeAsync(row, context.RequestAborted).ConfigureAwait(false)
            ? Results.Json(Show(row, options, variants), ApiJson.Default.FileAnswer)
            : throw FileRequest.NoSuchFile();
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, FileDesk desk, FileTable table)
    {
        FileName name = desk.Store.NameOf(context.FileHash(), context.FileToken());
        if (!await table.ReleaseAsync(name, context.Caller().Account, context.RequestAborted).ConfigureAwait(false))
        {
            throw FileRequest.NoSuchFile();
        }

        await desk.RemoveAsync(name, CancellationToken.None).ConfigureAwait(false);
        return Results.NoContent();
    }

    private static async Task<FileRow> FindAsync(HttpContext context, FileDesk desk, FileTable table) =>
        await table.FindOwnAsync(
            desk.Store.NameOf(context.FileHash(), context.FileToken()), context.Caller().Account, context.RequestAborted)
            .ConfigureAwait(false) ?? throw FileRequest.NoSuchFile();
}
