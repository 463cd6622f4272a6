using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Relay.Core.Hosting;
using Relay.Host.Accounts;
using Relay.Host.Api.Problems;
using Relay.Host.Http;

namespace Relay.Host.Api;

/// <summary>What is read of a request beside its body.</summary>
internal static class ApiRequest
{
    private const int MaxQuery = 200;

    /// <summary>Who asks.</summary>
    /// <exception cref="ApiProblem">401: nobody, or somebody whose token is not good.</exception>
    public static Caller Caller(this HttpContext context) =>
        context.User.AccountId() is { } account
            ? new Caller(account, context.User.DisplayName() ?? "", context.User.IsAdmin())
            : throw new ApiProblem(ProblemType.Unauthorized, "This needs Authorization: Bearer with a token that is good now.");

    /// <summary>Who asks, an operator.</summary>
    /// <exception cref="ApiProblem">401, 403.</exception>
    public static Caller Admin(this HttpContext context) =>
        context.Caller() is { IsAdmin: true } admin
            ? admin
            : throw ApiProblem.Forbidden("This is for operators: it needs the scope admin.");

    /// <summary>
    /// A piece of the path, as it was sent: split at the slashes first and decoded then, so that a name may have a slash or a percent sign
    /// in it.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="index">Which, from 0 after <c>/api/v1/</c>.</param>
    /// <exception cref="ApiProblem">400: the path is not written as it is meant.</exception>
    public static string PathPiece(this HttpContext context, int index)
    {
        string raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int query = raw.IndexOf('?', StringComparison.Ordinal);
        string[] pieces = (query < 0 ? raw : raw[..query]).Split('/');
        int matched = context.Request.Path.Value!.Split('/').Length;
        return pieces.Length == matched && index + 3 < pieces.Length && Decode(pieces[index + 3]) is { Length: > 0 } piece
            ? piece
            : throw ApiProblem.BadRequest(
                "The path must be written without dot segments, each name in it as percent-encoded UTF-8 (RFC 3986 section 2.1).");
    }

    /// <summary>The room's name in the path.</summary>
    /// <exception cref="ApiProblem">400, 404: no room may have that name.</exception>
    public static string RoomName(this HttpContext context)
    {
        string name = context.PathPiece(1);
        int limit = context.RequestServices.GetRequiredService<Microsoft.Extensions.Options.IOptions<RelayOptions>>()
            .Value.Limits.MaxRoomNameBytes;
        return RoomNames.IsValid(name, limit) ? name : throw ApiProblem.NotFound("There is no such room: none may have this name.");
    }

    /// <summary>The id of an object or member in the path.</summary>
    /// <exception cref="ApiProblem">404: none has that id.</exception>
    public static uint Id(this HttpContext context, int index) =>
        uint.TryParse(context.PathPiece(index), NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id != 0
            ? id
            : throw ApiProblem.NotFound("There is none with this id: ids are whole numbers from 1 on.");

    /// <summary>How many are wanted: <c>limit</c>, 1 to 100. Default 20.</summary>
    /// <exception cref="ApiProblem">422.</exception>
    public static int Limit(this HttpContext context)
    {
        string? text = context.Query("limit");
        return text is null ? 20
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= 100 ? limit
            : throw ApiProblem.Invalid("limit", $"must be 1 to 100; it is {Shown(text)}.");
    }

    /// <summary>A part of the query, once.</summary>
    /// <returns>Null if it is not there.</returns>
    /// <exception cref="ApiProblem">422.</exception>
    public static string? Query(this HttpContext context, string name)
    {
        Microsoft.Extensions.Primitives.StringValues values = context.Request.Query[name];
        string? value = values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw ApiProblem.Invalid(name, "may come once only."),
        };
        return value is { Length: > MaxQuery }
            ? throw ApiProblem.Invalid(name, $"takes at most {MaxQuery} characters; it has {value.Length}.")
            : value is not null && value.Any(char.IsControl)
                ? throw ApiProblem.Invalid(name, "must be without control characters.")
            : value;
    }

    /// <summary>Where the page before ended: <c>cursor</c>.</summary>
    /// <returns>Empty for the first page.</returns>
    /// <exception cref="ApiProblem">422: it is none of ours.</exception>
    public static string Cursor(this HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        return query["cursor"] is [{ Length: > 0 and <= 1024 } cursor]
            ? Paging.Decode(cursor) ?? throw ApiProblem.Invalid("cursor", "must be a nextCursor as it was answered.")
            : query.ContainsKey("cursor") ? throw ApiProblem.Invalid("cursor", "must be a nextCursor as it was answered.") : "";
    }

    /// <summary>A text as it may be shown in a problem.</summary>
    public static string Shown(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private static string? Decode(string piece)
    {
        if (!piece.Contains('%', StringComparison.Ordinal))
        {
            return piece;
        }

        byte[] bytes = new byte[piece.Length * 3];
        int length = 0;
        for (int i = 0; i < piece.Length; i++)
        {
            if (piece[i] != '%')
            {
                length += Encoding.UTF8.GetBytes(piece.AsSpan(i, 1), bytes.AsSpan(length));
            }
            else if (i + 2 < piece.Length &&
                byte.TryParse(piece.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte unit))
            {
                bytes[length++] = unit;
                i += 2;
            }
            else
            {
                return null;
            }
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

/// <summary>Who asks.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="IsAdmin">Whether it may do what operators do.</param>
internal sealed record Caller(string Account, string Name, bool IsAdmin);
