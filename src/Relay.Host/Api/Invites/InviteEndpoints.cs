using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Host.Accounts;
using Relay.Host.Api.Json;
using Relay.Host.Api.People;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;
using Relay.Protocol.Messages;

namespace Relay.Host.Api.Invites;

/// <summary>Invites: secret tokens that open one room.</summary>
internal static class InviteEndpoints
{
    private const int Week = 7 * 24 * 3600, Year = 365 * 24 * 3600, MostUses = 1_000_000;

    public static void MapInvites(this RouteGroupBuilder api)
    {
        api.MapGet("/rooms/{room}/invites", ListAsync).Describe(
            "listInvites", "Invites", "Lists a room's invites, without their tokens.", query: Operation.Paged)
            .Answers<Page<InviteAnswer>>(200).Problems(401, 403, 404, 422);
        api.MapPost("/rooms/{room}/invites", CreateAsync).Describe(
            "createInvite", "Invites", "Makes an invite. Its token is told this once.")
            .Takes<InviteBody>().Answers<InviteAnswer>(201).Problems(401, 403, 404, 409, 422);
        api.MapDelete("/rooms/{room}/invites/{id}", DeleteAsync).Describe("revokeInvite", "Invites", "Takes an invite back.")
            .Answers(204).Problems(401, 403, 404);
    }

    private static async Task<IResult> ListAsync(HttpContext context, RoomAccess access, InviteTable table)
    {
        int limit = context.Limit();
        RoomView view = await InvitingAsync(context, access).ConfigureAwait(false);
        string room = view.Known.Row.Name;
        IReadOnlyList<InviteRow> rows = await table.ListAsync(
            room, context.Cursor(), limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Paging.Of(rows, limit, row => row.Id, row => Show(row, room)), ApiJson.Default.PageInviteAnswer);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, RoomAccess access, InviteTable table, ApiOptions options, TimeProvider time)
    {
        RoomView view = await InvitingAsync(context, access).ConfigureAwait(false);
        InviteBody body = await JsonBody.ReadAsync(context, ApiJson.Default.InviteBody).ConfigureAwait(false);
        int seconds = body.ExpiresIn ?? Week;
        var problems = new List<FieldProblem>();
        if (seconds is < 60 or > Year)
        {
            problems.Add(new FieldProblem("expiresIn", $"must be 60 to {Year} seconds; it is {seconds}."));
        }

        if (body.MaxUses is < 1 or > MostUses)
        {
            problems.Add(new FieldProblem("maxUses", $"must be 1 to {MostUses}; it is {body.MaxUses}."));
        }

        RoomRole[] roles = [.. view.Known.Options.EffectiveRoles];
        int rank = body.Role is null ? -1 : Array.FindIndex(roles, role => role.Name == body.Role);
        if (body.Role is not null && rank < 0)
        {
            problems.Add(new FieldProblem("role", $"must be one of {string.Join(", ", roles.Select(role => role.Name))}."));
        }

        if (problems.Count > 0)
        {
            throw ApiProblem.Invalid(problems);
        }

        if (rank >= view.Rank && !view.MayManage)
        {
            throw ApiProblem.Forbidden($"The role {body.Role} is not lower than yours.");
        }

        DateTimeOffset now = time.GetUtcNow();
        var row = new InviteRow
        {
            Id = Secrets.NewId(),
            Role = body.Role,
            Creator = view.Caller.Account,
            Created = now.ToUnixTimeMilliseconds(),
            Expires = now.AddSeconds(seconds).ToUnixTimeMilliseconds(),
            UsesLeft = body.MaxUses,
        };
        string token = Secrets.NewSecret(), room = view.Known.Row.Name;
        await table.AddAsync(room, row, token, options.MaxInvitesPerRoom, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Show(row, room) with { Token = token }, ApiJson.Default.InviteAnswer, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, RoomAccess access, InviteTable table)
    {
        RoomView view = await InvitingAsync(context, access).ConfigureAwait(false);
        return await table.RemoveAsync(view.Known.Row.Name, context.PathPiece(3), context.RequestAborted).ConfigureAwait(false)
            ? Results.NoContent()
            : throw ApiProblem.NotFound("The room has no such invite.");
    }

    /// <summary>The room of a request, for somebody who may let others in: who gives roles.</summary>
    private static async Task<RoomView> InvitingAsync(HttpContext context, RoomAccess access)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.SetRole), "Inviting");
        return view.Known.Row.Revision > 0 ? view : throw ApiProblem.NotFound("The room was never made, so it takes no invites.");
    }

    private static InviteAnswer Show(InviteRow row, string room) => new(
        row.Id,
        room,
        row.Role,
        row.Creator,
        DateTimeOffset.FromUnixTimeMilliseconds(row.Created),
        DateTimeOffset.FromUnixTimeMilliseconds(row.Expires),
        row.UsesLeft);
}
