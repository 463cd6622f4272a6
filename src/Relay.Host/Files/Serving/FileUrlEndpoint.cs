using System.Text.Json.Serialization;
using Relay.Host.Api;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Http;

namespace Relay.Host.Files.Serving;

/// <summary><c>POST /api/v1/files/HASH/url</c>: an address of a file that opens it for whoever has it, for a time.</summary>
internal static class FileUrlEndpoint
{
    private const int Least = 60, Usual = 3600, Most = 7 * 24 * 3600;

    /// <summary>Puts it into the program.</summary>
    /// <param name="app">The program.</param>
    public static void MapFileUrls(this IEndpointRouteBuilder app) => app.MapPost("/api/v1/files/{hash}/url", SignAsync)
        .Describe(
            "signFileUrl", "Files",
            "Signs an address of a file, for its owner or an operator: whoever has it sees the file until it expires.",
            headers: [FileToken.Header])
        .Takes<FileUrlBody>().Answers<FileUrlAnswer>(200).Problems(401, 404, 422);

    private static async Task<IResult> SignAsync(
        HttpContext context, FileShelf shelf, FileTable table, FileSigner signer, FilesOptions options, TimeProvider time)
    {
        using var pace = new EvenPace(time);
        Caller caller = context.Caller();
        FileUrlBody body = await JsonBody.ReadAsync(context, FileUrlJson.Default.FileUrlBody).ConfigureAwait(false);
        int seconds = body.ExpiresIn ?? Usual;
        if (seconds is < Least or > Most)
        {
            throw ApiProblem.Invalid("expiresIn", $"must be {Least} to {Most} seconds; it is {seconds}.");
        }

        if (!FileToken.TryRead(context.Request, out FileSecret? token))
        {
            throw ApiProblem.BadRequest(FileToken.Wanted);
        }

        if (shelf.Store is not { } store)
        {
            throw new ApiProblem(ProblemType.Unavailable, "The files cannot be reached now.") { RetryAfter = TimeSpan.FromSeconds(5) };
        }

        FileRow? row = null;
        if (ContentHash.TryParse(context.PathPiece(1), out ContentHash hash))
        {
            IReadOnlyList<FileRow> holdings = await table.SeenAsync(
                store.NameOf(hash, token), caller.Account, caller.IsAdmin, context.RequestAborted).ConfigureAwait(false);

            // One's own comes first.
            row = holdings is [{ } first, ..] && (first.Account == caller.Account || caller.IsAdmin) ? first : null;
        }

        if (row is null)
        {
            await pace.WaitAsync(context.RequestAborted).ConfigureAwait(false);
            throw ApiProblem.NotFound("There is no such file of yours.");
        }

        DateTimeOffset expires = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds() + seconds);
        string url = $"{options.Origin}{FilesOrigin.Path}/{hash}?{signer.Sign(hash.Hex, row.Account, expires)}";
        return Results.Json(new FileUrlAnswer(url, expires), FileUrlJson.Default.FileUrlAnswer);
    }
}

/// <summary>What address is wanted.</summary>
/// <param name="ExpiresIn">For how many seconds it is good, 60 to 604,800. Default 3600.</param>
internal sealed record FileUrlBody(int? ExpiresIn = null);

/// <summary>An address that is signed.</summary>
/// <param name="Url">The address; relative to the program if files have no origin of their own.</param>
/// <param name="Expires">When it is not good any more.</param>
internal sealed record FileUrlAnswer(string Url, DateTimeOffset Expires);

/// <summary>How these look as JSON; strict in what is read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FileUrlBody))]
[JsonSerializable(typeof(FileUrlAnswer))]
internal sealed partial class FileUrlJson : JsonSerializerContext;
