using Microsoft.AspNetCore.Http.Features;
using Relay.Host.Accounts;
using Relay.Host.Api;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Http;

/// <summary>What requests about files say beside their bodies.</summary>
internal static class FileRequest
{
    /// <summary>The caller's token.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="ApiProblem">400: it is none.</exception>
    public static FileSecret? FileToken(this HttpContext context) =>
        Serving.FileToken.TryRead(context.Request, out FileSecret? token) ? token : throw ApiProblem.BadRequest(Serving.FileToken.Wanted);

    /// <summary>The hash in the path.</summary>
    /// <exception cref="ApiProblem">404: it is none.</exception>
    public static ContentHash FileHash(this HttpContext context) =>
        ContentHash.TryParse(context.PathPiece(1), out ContentHash hash) ? hash : throw NoSuchFile();

    /// <summary>What is said of a file that is not there, or not the asker's.</summary>
    public static ApiProblem NoSuchFile() => ApiProblem.NotFound("There is no such file, or none of yours.");

    /// <summary>What is said of a file that is about to come.</summary>
    /// <param name="context">The request.</param>
    /// <param name="rooms">Says who may enter which room.</param>
    /// <param name="options">Quotas.</param>
    /// <param name="said">Finds what was said: <c>name</c>, <c>visibility</c>, <c>room</c>.</param>
    /// <param name="length">Bytes that are announced; null for no word about it.</param>
    /// <exception cref="ApiProblem">400, 401, 403, 404, 422.</exception>
    public static async Task<NewFile> NewFileAsync(
        HttpContext context, RoomAccess rooms, FilesOptions options, Func<string, string?> said, long? length)
    {
        Caller caller = context.Caller();
        (FileVisibility visibility, string? room) = await SightAsync(
            context, rooms, caller, said("visibility"), said("room")).ConfigureAwait(false);
        return new NewFile(
            caller.Account, QuotaOf(context, options), FileNames.Clean(said("name")), visibility, room, length, context.FileToken());
    }

    /// <summary>What an account may have, in bytes.</summary>
    public static long QuotaOf(HttpContext context, FilesOptions options) =>
        context.User.FindFirst(RelayClaims.Kind)?.Value == "guest" ? options.GuestQuota : options.AccountQuota;

    /// <summary>Who is to see a file.</summary>
    /// <exception cref="ApiProblem">403, 404: the room is none that the caller may enter; 422.</exception>
    public static async Task<(FileVisibility Visibility, string? Room)> SightAsync(
        HttpContext context, RoomAccess rooms, Caller caller, string? word, string? room)
    {
        FileVisibility visibility = word is null ? room is null ? FileVisibility.Owner : FileVisibility.Room
            : FileVisibilityWords.Parse(word)
                ?? throw ApiProblem.Invalid("visibility", $"must be public, room or owner; it is {ApiRequest.Shown(word)}.");
        if (visibility == FileVisibility.Room)
        {
            string name = room ?? throw ApiProblem.Invalid("room", "must be there with the visibility room.");
            await rooms.EnterAsync(name, caller, context.RequestAborted).ConfigureAwait(false);
            return (visibility, name);
        }

        return room is null ? (visibility, null) : throw ApiProblem.Invalid("room", "may be there with the visibility room only.");
    }

    /// <summary>Lets a body be as large as it is: who reads it has limits of their own.</summary>
    public static void TakeAnyLength(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }
    }
}
