using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Relay.Host.Accounts;
using Relay.Host.Accounts.Http;
using Relay.Host.Api;
using Relay.Host.Files.Images;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Storage;

namespace Relay.Host.Files.Serving;

/// <summary>Sends files to those who may have them.</summary>
internal sealed class FileServer(
    FileShelf shelf, FileSight sight, FileTable table, VariantDesk variants, FileSigner signer, FileReader reader, FilesMetrics metrics,
    StorageOptions storage, TimeProvider time, ILogger<FileServer> log) : IDisposable
{
    private const string NotFound = "There is no such file, or not for you to see.";

    /// <summary>
    /// Fewer look-ups at a time than the database has connections for reads, however many ask for files: all others who read from it,
    /// rooms that open for instance, find one free.
    /// </summary>
    private readonly SemaphoreSlim _lookUps = new(Math.Max(1, storage.Readers - 2));

    /// <summary>Answers GET and HEAD of a file, <c>/files/HASH</c>, or of a variant of an image, <c>/files/HASH/256.webp</c>.</summary>
    /// <param name="context">The request; its route has the <c>hash</c>, and perhaps the <c>variant</c>.</param>
    public async Task ServeAsync(HttpContext context)
    {
        long start = time.GetTimestamp();
        (long Bytes, bool IsCut) sent = default;
        FileHeaders.SetAlways(context.Response);
        try
        {
            sent = await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (StoreUnavailableException e) when (!context.Response.HasStarted)
        {
            // What the database says is for the log; it may name hosts.
            log.DatabaseFailed(e.Message);
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "Who may see a file cannot be said now.", 2)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there any more to be told.
            sent = (0, true);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The room did not answer in time.", 1).ConfigureAwait(false);
        }
        finally
        {
            metrics.Answered(context.Response.StatusCode, sent.IsCut, sent.Bytes, time.GetElapsedTime(start));
        }
    }

    /// <summary>Says that there is no such file.</summary>
    /// <param name="context">The request.</param>
    public static Task NotFoundAsync(HttpContext context)
    {
        FileHeaders.SetAlways(context.Response);
        return RefuseAsync(context, StatusCodes.Status404NotFound, NotFound);
    }

    public void Dispose() => _lookUps.Dispose();

    private async Task<(long Bytes, bool IsCut)> AnswerAsync(HttpContext context)
    {
        if (context.Features.Get<FailedBearer>() is not null)
        {
            // Who shows a bearer that is not good is not taken for somebody who shows none.
            await context.ChallengeAsync(RelayClaims.Scheme).ConfigureAwait(false);
            return default;
        }

        VariantName? variant = VariantName.TryParse(context.Request.RouteValues["variant"] as string, out VariantName named) ? named : null;
        if (!ContentHash.TryParse(context.Request.RouteValues["hash"] as string, out ContentHash hash)
            || variant is null == context.Request.RouteValues.ContainsKey("variant"))
        {
            await NotFoundAsync(context).ConfigureAwait(false);
            return default;
        }

        if (!FileToken.TryRead(context.Request, out FileSecret? token))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, FileToken.Wanted).ConfigureAwait(false);
            return default;
        }

        if (shelf.Store is not { } store)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The files cannot be reached now.", 5)
                .ConfigureAwait(false);
            return default;
        }

        using var pace = new EvenPace(time);
        (FileRow? row, DateTimeOffset? until) = await FindAsync(context, store, hash, token).ConfigureAwait(false);
        return row is null || (variant is not null && !ImageVariants.Takes(row.Type)) ? await MissAsync(context, pace).ConfigureAwait(false)
            : variant is { } name ? await SendVariantAsync(context, store, row, until, name, pace).ConfigureAwait(false)
            : await SendAsync(context, store, new ServedContent(hash, token, row.Type, row.Name, row.IsPublic, until), pace)
                .ConfigureAwait(false);
    }

    /// <summary>Sends a variant. Where none are made, the image itself is better than nothing, and is no variant.</summary>
    private async Task<(long Bytes, bool IsCut)> SendVariantAsync(
        HttpContext context, FileStore store, FileRow row, DateTimeOffset? until, VariantName name, EvenPace pace)
    {
        (VariantOutcome outcome, FileRow? variant) = row.File == row.Hash
            ? await variants.FindAsync(row, name, context.RequestAborted).ConfigureAwait(false)
            : (new VariantOutcome(VariantStatus.Off, ""), null);
        if (variant is not null && ContentHash.TryParse(variant.Hash, out ContentHash hash))
        {
            string called = $"{Path.GetFileNameWithoutExtension(row.Name)}.{name.Extension}";
            return await SendAsync(context, store, new ServedContent(hash, null, variant.Type, called, row.IsPublic, until), pace)
                .ConfigureAwait(false);
        }

        switch (outcome.Status)
        {
            case VariantStatus.Off:
                context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
                context.Response.Headers.Location = $"{FilesOrigin.Path}/{row.Hash}{context.Request.QueryString}";
                context.Response.Headers.CacheControl = "no-store";
                context.Response.Headers["Cross-Origin-Resource-Policy"] = row.IsPublic || until is not null ? "cross-origin" : "same-site";
                break;
            case VariantStatus.Refused or VariantStatus.NotDecodable:
                await RefuseAsync(context, StatusCodes.Status422UnprocessableEntity, outcome.Reason).ConfigureAwait(false);
                break;
            default:
                await RefuseAsync(
                    context, StatusCodes.Status503ServiceUnavailable, "The variant cannot be made now.", ImageVariants.RetryAfter)
                    .ConfigureAwait(false);
                break;
        }

        return default;
    }

    /// <summary>Finds a file that the asker may see.</summary>
    /// <param name="context">The request.</param>
    /// <param name="store">The store.</param>
    /// <param name="hash">The file's hash.</param>
    /// <param name="token">What it is sealed with.</param>
    /// <returns>The file, and until when its address is good if it is signed: it is signed with all its variants.</returns>
    private async Task<(FileRow? File, DateTimeOffset? Until)> FindAsync(
        HttpContext context, FileStore store, ContentHash hash, FileSecret? token)
    {
        Caller? caller = context.User.AccountId() is null ? null : context.Caller();
        await _lookUps.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            if (signer.Check(hash.Hex, context.Request.Query) is { } signed)
            {
                IReadOnlyList<FileRow> holdings = await table.SeenAsync(
                    store.NameOf(hash, token), signed.Account, isAll: false, context.RequestAborted).ConfigureAwait(false);
                if (holdings is [{ } own, ..] && own.Account == signed.Account)
                {
                    return (own, signed.Expires);
                }
            }

            return (await sight.FindAsync(hash, token, caller, context.RequestAborted).ConfigureAwait(false), null);
        }
        finally
        {
            _lookUps.Release();
        }
    }

    /// <summary>Sends a content, or the part of it that is asked for, unless the asker has it already. RFC 9110 §13.2.2 says in which order
    /// this is decided.</summary>
    /// <param name="context">The request.</param>
    /// <param name="store">The store.</param>
    /// <param name="content">The content; the asker may have it.</param>
    /// <param name="pace">When to say that it is not there after all.</param>
    /// <returns>Bytes of content that were sent, and whether that was less than was promised.</returns>
    private async Task<(long Bytes, bool IsCut)> SendAsync(HttpContext context, FileStore store, ServedContent content, EvenPace pace)
    {
        HttpRequest request = context.Request;
        if (request.Headers.IfMatch.Count > 0 && !EntityTags.Name(request.Headers.IfMatch, content.Tag, isWeak: false))
        {
            await RefuseAsync(context, StatusCodes.Status412PreconditionFailed, "If-Match names another content.").ConfigureAwait(false);
            return default;
        }

        if (EntityTags.Name(request.Headers.IfNoneMatch, content.Tag, isWeak: true))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            FileHeaders.SetKeeping(context.Response, content, time.GetUtcNow());
            return default;
        }

        (StoreOutcome outcome, StoredFile? file) = await reader.OpenAsync(store, content.Hash, content.Token, context.RequestAborted)
            .ConfigureAwait(false);
        if (file is null && outcome.Status == StoreStatus.Missing)
        {
            // It was removed this very moment, or somebody lost it who should have kept it.
            log.NotServed(store.NameOf(content.Hash, content.Token), outcome.Status, outcome.Reason);
            return await MissAsync(context, pace).ConfigureAwait(false);
        }

        if (file is null)
        {
            return await FailAsync(context, store, content, outcome, 0).ConfigureAwait(false);
        }

        await using (file.ConfigureAwait(false))
        {
            return await SendAsync(context, store, content, file).ConfigureAwait(false);
        }
    }

    private async Task<(long Bytes, bool IsCut)> SendAsync(HttpContext context, FileStore store, ServedContent content, StoredFile file)
    {
        HttpResponse response = context.Response;
        ByteRange? part = RangeOf(context.Request, content, file.Length);
        if (part is { Count: 0 })
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Length}");
            await RefuseAsync(context, StatusCodes.Status416RangeNotSatisfiable, "Nothing of the file is in the range.")
                .ConfigureAwait(false);
            return default;
        }

        ByteRange range = part ?? new ByteRange(0, file.Length);
        FileHeaders.SetKeeping(response, content, time.GetUtcNow());
        FileHeaders.SetContent(response, content, isSaved: context.Request.Query["download"] == "1");
        response.ContentLength = range.Count;
        if (part is not null)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture, $"bytes {range.Offset}-{range.Offset + range.Count - 1}/{file.Length}");
        }

        if (HttpMethods.IsHead(context.Request.Method))
        {
            return default;
        }

        (StoreOutcome outcome, long written) = await reader.CopyAsync(file, range, response, context.RequestAborted)
            .ConfigureAwait(false);
        return outcome.IsDone ? (written, false) : await FailAsync(context, store, content, outcome, written).ConfigureAwait(false);
    }

    /// <summary>The part that is asked for. Ranges are for GET alone (RFC 9110 §14.2), and If-Range for those who have begun with this very
    /// content (§13.1.5); there are no dates here that could fit.</summary>
    private static ByteRange? RangeOf(HttpRequest request, ServedContent content, long length) =>
        HttpMethods.IsGet(request.Method) && (request.Headers.IfRange is not { Count: > 0 } tag || tag == content.Tag)
            ? ByteRange.Read(request.Headers.Range, length)
            : null;

    private async Task<(long Bytes, bool IsCut)> MissAsync(HttpContext context, EvenPace pace)
    {
        await pace.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        await NotFoundAsync(context).ConfigureAwait(false);
        return default;
    }

    /// <summary>Says that a content cannot be read; if a part of it has gone already, by ending the connection.</summary>
    private async Task<(long Bytes, bool IsCut)> FailAsync(
        HttpContext context, FileStore store, ServedContent content, StoreOutcome outcome, long written)
    {
        if (outcome.Status != StoreStatus.Cut)
        {
            log.NotServed(store.NameOf(content.Hash, content.Token), outcome.Status, outcome.Reason);
        }

        if (context.Response.HasStarted || outcome.Status == StoreStatus.Cut)
        {
            context.Abort();
            return (written, true);
        }

        context.Response.Clear();
        FileHeaders.SetAlways(context.Response);
        await (outcome.Status is StoreStatus.Damaged or StoreStatus.WrongKey
            ? RefuseAsync(context, StatusCodes.Status500InternalServerError, "The file is damaged.")
            : RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The file cannot be read now.", 2)).ConfigureAwait(false);
        return default;
    }

    private static Task RefuseAsync(HttpContext context, int status, string detail, int? retryAfter = null)
    {
        context.Response.Headers.RetryAfter = retryAfter?.ToString(CultureInfo.InvariantCulture);
        return Problem.WriteAsync(context, status, detail);
    }
}
