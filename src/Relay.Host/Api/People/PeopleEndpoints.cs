using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;
using Relay.Protocol.Messages;

namespace Relay.Host.Api.People;

/// <summary>Who is in a room, who has which role there, and who is banned from it.</summary>
internal static class PeopleEndpoints
{
    private const int MaxReason = 500, MaxSubject = 200;

    public static void MapPeople(this RouteGroupBuilder api)
    {
        api.MapGet("/rooms/{room}/members", MembersAsync).Describe(
            "listMembers", "People", "Lists who is in a room just now, by member id.", query: Operation.Paged)
            .Answers<Page<MemberAnswer>>(200).Problems(401, 403, 404, 422);
        api.MapDelete("/rooms/{room}/members/{member}", KickAsync).Describe(
            "kickMember", "People", "Takes a member out of a room; it may come again.")
            .Answers(204).Problems(401, 403, 404);
        api.MapGet("/rooms/{room}/roles", RolesAsync).Describe(
            "listRoles", "People", "Lists the roles that are stored, by account.", query: Operation.Paged)
            .Answers<Page<RoleAnswer>>(200).Problems(401, 403, 404, 422);
        api.MapPut("/rooms/{room}/roles/{account}", SetRoleAsync).Describe(
            "setRole", "People", "Gives somebody a role, for now and every later stay.")
            .Takes<RoleBody>().Answers<RoleAnswer>(200).Problems(401, 403, 404, 422);
        api.MapDelete("/rooms/{room}/roles/{account}", RemoveRoleAsync).Describe(
            "removeRole", "People", "Takes somebody's role away: the room's default one holds.")
            .Answers(204).Problems(401, 403, 404);
        api.MapGet("/rooms/{room}/bans", BansAsync).Describe(
            "listBans", "People", "Lists who is banned from a room, by subject.", query: Operation.Paged)
            .Answers<Page<BanAnswer>>(200).Problems(401, 403, 404, 422);
        api.MapPut("/rooms/{room}/bans/{subject}", BanAsync).Describe("ban", "People", "Bans somebody from a room, and takes them out.")
            .Takes<BanBody>().Answers<BanAnswer>(200).Problems(401, 403, 404, 422);
        api.MapDelete("/rooms/{room}/bans/{subject}", UnbanAsync).Describe("unban", "People", "Lifts a ban.")
            .Answers(204).Problems(401, 403, 404);
    }

    private static async Task<IResult> MembersAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        int limit = context.Limit();
        string cursor = context.Cursor();
        uint after = 0;
        if (cursor.Length > 0 && !uint.TryParse(cursor, out after))
        {
            throw ApiProblem.Invalid("cursor", "must be a nextCursor as it was answered.");
        }

        RoomView view = await access.FindAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        RoomInspection? look = await server.Inspector.LookAsync(view.Name, 0, context.RequestAborted).ConfigureAwait(false);
        InspectedMember[] members = [.. (look?.Members ?? [])
            .Where(member => member.Id > after).OrderBy(member => member.Id).Take(limit + 1)];
        return Results.Json(
            Paging.Of(
                members, limit, member => member.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
                member => Show(member, view.Name)),
            ApiJson.Default.PageMemberAnswer);
    }

    private static async Task<IResult> KickAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.Kick), "Taking members out");
        uint id = context.Id(3);
        RoomInspection? look = await server.Inspector.LookAsync(view.Name, 0, context.RequestAborted).ConfigureAwait(false);
        InspectedMember member = look?.Members.FirstOrDefault(candidate => candidate.Id == id)
            ?? throw ApiProblem.NotFound($"There is no member {id} in the room.");
        DemandBelow(view, member.Role);
        return await server.Rooms.KickAsync(view.Name, id, context.RequestAborted).ConfigureAwait(false)
            ? Results.NoContent()
            : throw ApiProblem.NotFound($"There is no member {id} in the room.");
    }

    private static async Task<IResult> RolesAsync(HttpContext context, RoomAccess access, PeopleTable table)
    {
        int limit = context.Limit();
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.SetRole), "Looking at roles");
        IReadOnlyList<RoleAnswer> rows = await table.RolesAsync(
            view.Known.Row.Name, context.Cursor(), limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Paging.Of(rows, limit, row => row.Account, row => row), ApiJson.Default.PageRoleAnswer);
    }

    private static async Task<IResult> SetRoleAsync(
        HttpContext context, RoomAccess access, RelayServer server, IModerationStore moderation, RoomDirectory directory)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.SetRole), "Giving roles");
        string account = Subject(context.PathPiece(3));
        RoleBody body = await JsonBody.ReadAsync(context, ApiJson.Default.RoleBody).ConfigureAwait(false);
        if (RankOf(view, body.Role) < 0)
        {
            throw ApiProblem.Invalid(
                "role", $"must be one of {string.Join(", ", view.Known.Options.EffectiveRoles.Select(role => role.Name))}.");
        }

        string room = view.Known.Row.Name;
        if (!view.MayManage)
        {
            DemandBelow(view, body.Role);
        }

        await DemandBelowAsync(view, "user:" + account, moderation, context.RequestAborted).ConfigureAwait(false);
        await server.Rooms.SetRoleAsync(room, account, body.Role, context.RequestAborted).ConfigureAwait(false);
        directory.Forget(room);
        return Results.Json(new RoleAnswer(account, body.Role), ApiJson.Default.RoleAnswer);
    }

    private static async Task<IResult> RemoveRoleAsync(
        HttpContext context, RoomAccess access, RelayServer server, IModerationStore moderation, PeopleTable table)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.SetRole), "Taking roles away");
        string account = Subject(context.PathPiece(3)), room = view.Known.Row.Name;
        if ((await moderation.CheckAsync(room, "user:" + account, context.RequestAborted).ConfigureAwait(false)).Role is null)
        {
            throw ApiProblem.NotFound("This account has no role of its own in the room.");
        }

        await DemandBelowAsync(view, "user:" + account, moderation, context.RequestAborted).ConfigureAwait(false);

        // Those who are there get the default role first; it is not to be kept as theirs, so that a later default holds for them too.
        await server.Rooms.SetRoleAsync(room, account, view.Known.Options.DefaultRole, context.RequestAborted).ConfigureAwait(false);
        await table.RemoveRoleAsync(room, account, context.RequestAborted).ConfigureAwait(false);
        return Results.NoContent();
    }

    private static async Task<IResult> BansAsync(HttpContext context, RoomAccess access, PeopleTable table)
    {
        int limit = context.Limit();
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.Ban), "Looking at bans");
        IReadOnlyList<BanAnswer> rows = await table.BansAsync(
            view.Known.Row.Name, context.Cursor(), limit + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(Paging.Of(rows, limit, row => row.Subject, row => row), ApiJson.Default.PageBanAnswer);
    }

    private static async Task<IResult> BanAsync(
        HttpContext context, RoomAccess access, RelayServer server, IModerationStore moderation, TimeProvider time)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.Ban), "Banning");
        string subject = BanSubject(context);
        BanBody body = await JsonBody.ReadAsync(context, ApiJson.Default.BanBody).ConfigureAwait(false);
        if (body.Reason.Length > MaxReason || body.Reason.Any(char.IsControl))
        {
            throw ApiProblem.Invalid("reason", $"takes at most {MaxReason} characters and no control characters.");
        }

        if (body.Until is { } until && until <= time.GetUtcNow())
        {
            throw ApiProblem.Invalid("until", "must be in the future.");
        }

        await DemandBelowAsync(view, subject, moderation, context.RequestAborted).ConfigureAwait(false);
        await server.Rooms.BanAsync(view.Known.Row.Name, subject, body.Until, body.Reason, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(new BanAnswer(subject, body.Until, body.Reason, time.GetUtcNow()), ApiJson.Default.BanAnswer);
    }

    private static async Task<IResult> UnbanAsync(HttpContext context, RoomAccess access, RelayServer server)
    {
        RoomView view = await access.EnterAsync(context.RoomName(), context.Caller(), context.RequestAborted).ConfigureAwait(false);
        view.Demand(RoomRights.Needs(ManageAction.Unban), "Lifting bans");
        return await server.Rooms.UnbanAsync(view.Known.Row.Name, BanSubject(context), context.RequestAborted).ConfigureAwait(false)
            ? Results.NoContent()
            : throw ApiProblem.NotFound("Nobody of that name is banned.");
    }

    private static string BanSubject(HttpContext context)
    {
        string subject = Subject(context.PathPiece(3));
        return subject.StartsWith("user:", StringComparison.Ordinal) || subject.StartsWith("address:", StringComparison.Ordinal)
            ? subject
            : throw ApiProblem.Invalid("subject", "must be user: and an account's id, or address: and a network address.");
    }

    private static string Subject(string text) => text.Length <= MaxSubject && !text.Any(char.IsControl)
        ? text
        : throw ApiProblem.Invalid("subject", $"takes at most {MaxSubject} characters and no control characters.");

    /// <summary>As in the room: only on those of lower roles. The owner is above all.</summary>
    private static async Task DemandBelowAsync(
        RoomView view, string subject, IModerationStore moderation, CancellationToken cancellationToken)
    {
        if (subject == "user:" + view.Caller.Account)
        {
            throw ApiProblem.Invalid("subject", "must be somebody else: that cannot be done to oneself.");
        }

        if (subject == "user:" + view.Known.Row.Owner && !view.Caller.IsAdmin)
        {
            throw ApiProblem.Forbidden("That is the room's owner.");
        }

        RoomStanding standing = await moderation.CheckAsync(view.Known.Row.Name, subject, cancellationToken).ConfigureAwait(false);
        if (view.Known.Row.Owner != view.Caller.Account)
        {
            DemandBelow(view, standing.Role ?? view.Known.Options.DefaultRole);
        }
    }

    private static void DemandBelow(RoomView view, string role)
    {
        if (RankOf(view, role) >= view.Rank)
        {
            throw ApiProblem.Forbidden($"The role {role} is not lower than yours.");
        }
    }

    private static int RankOf(RoomView view, string role)
    {
        RoomRole[] roles = [.. view.Known.Options.EffectiveRoles];
        return Array.FindIndex(roles, candidate => candidate.Name == role);
    }

    private static MemberAnswer Show(InspectedMember member, string room) => new(
        member.Id,
        room,
        member.UserId,
        member.Name,
        member.Role,
        (member.Standing & MemberStanding.Muted) != 0,
        (member.Standing & MemberStanding.Lobby) != 0,
        member.IsAway);
}
