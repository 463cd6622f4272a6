using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Host.Api.Invites;
using Relay.Host.Api.Problems;
using Relay.Host.Http;
using Relay.Host.Storage.Rooms;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Host.Api.Rooms;

/// <summary>Says what somebody who asks over REST may do in a room: as in the room itself, by the role there. An operator is an
/// owner.</summary>
internal sealed class RoomAccess(
    RoomDirectory directory, InviteTable invites, IModerationStore moderation, RelayServer server, IOptions<RelayOptions> relay)
{
    /// <summary>Finds a room that the asker may see.</summary>
    /// <param name="name">Its name, or an instance's.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiProblem">404: there is none, or not for the asker to see; 403: the asker is banned there.</exception>
    public async Task<RoomView> FindAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        string of = RoomNames.RoomOf(name);
        KnownRoom? known = await directory.FindAsync(of, cancellationToken).ConfigureAwait(false);
        if (known is null && await server.Inspector.ReadRoomAsync(of, cancellationToken).ConfigureAwait(false) is null)
        {
            throw NoSuchRoom(name);
        }

        known ??= new KnownRoom(new RoomRow { Name = of, Revision = 0 }, relay.Value.Room);
        if (caller.IsAdmin)
        {
            return new RoomView(name, caller, known, known.Highest.Name, Everything, known.Options.EffectiveRoles.Count);
        }

        RoomStanding standing = await moderation.CheckAsync(of, "user:" + caller.Account, cancellationToken).ConfigureAwait(false);
        bool isOwner = known.Row.Owner == caller.Account;
        bool isVisible = known.Row.Entry == "open" || isOwner || standing.Role is not null ||
            (known.Row.Entry == "invite" && await invites.IsKnownAsync(of, caller.Account, cancellationToken).ConfigureAwait(false));
        if (!isVisible)
        {
            throw NoSuchRoom(name);
        }

        if (standing.Admission == RoomAdmission.Banned)
        {
            throw Refused(CloseCode.Banned, "You are banned from the room.");
        }

        IReadOnlyList<RoomRole> roles = known.Options.EffectiveRoles;
        string wanted = isOwner ? known.Highest.Name : standing.Role ?? known.Options.DefaultRole;
        int rank = IndexOf(roles, wanted) is >= 0 and var found ? found : IndexOf(roles, known.Options.DefaultRole);
        return new RoomView(name, caller, known, roles[rank].Name, roles[rank].Permissions, rank)
        {
            IsShut = standing.Admission == RoomAdmission.Closed && (roles[rank].Permissions & RoomPermissions.CloseRoom) == 0,
        };
    }

    /// <summary>Whether the asker may see a room.</summary>
    /// <param name="name">Its name, or an instance's.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> MaySeeAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        KnownRoom? known = await directory.FindAsync(RoomNames.RoomOf(name), cancellationToken).ConfigureAwait(false);
        if (known is null || known.Row.Entry == "open" || caller.IsAdmin)
        {
            return true;
        }

        try
        {
            await FindAsync(name, caller, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiProblem)
        {
            return false;
        }
    }

    /// <summary>Finds a room in which the asker may act.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public async Task<RoomView> EnterAsync(string name, Caller caller, CancellationToken cancellationToken) =>
        await FindAsync(name, caller, cancellationToken).ConfigureAwait(false) is { IsShut: false } view
            ? view
            : throw Refused(CloseCode.RoomClosed, "The room is closed.");

    /// <summary>Finds a room that the asker may change, or delete.</summary>
    /// <inheritdoc cref="FindAsync"/>
    public async Task<RoomView> ManageAsync(string name, Caller caller, CancellationToken cancellationToken) =>
        await FindAsync(name, caller, cancellationToken).ConfigureAwait(false) is { MayManage: true } view
            ? view
            : throw ApiProblem.Forbidden("This is for the room's owner: it takes the highest role.");

    /// <summary>All that a role can allow.</summary>
    private static RoomPermissions Everything { get; } = Enum.GetValues<RoomPermissions>().Aggregate((all, one) => all | one);

    private static ApiProblem NoSuchRoom(string name) => ApiProblem.NotFound($"There is no room \"{name}\" for you to see.");

    private static ApiProblem Refused(CloseCode code, string detail)
    {
        ProblemType type = ProblemTable.Of(code);
        return new ApiProblem(new ProblemBody
        {
            Type = type.Uri,
            Title = type.Title,
            Status = type.Status,
            Detail = detail,
            Code = (int)code,
        });
    }

    private static int IndexOf(IReadOnlyList<RoomRole> roles, string name)
    {
        for (int i = 0; i < roles.Count; i++)
        {
            if (roles[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>A room as somebody who asks over REST may see it.</summary>
/// <param name="Name">The room's name, or the instance's.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Known">What is known of the room.</param>
/// <param name="Role">The asker's role there.</param>
/// <param name="Permissions">What it allows.</param>
/// <param name="Rank">Its place among the roles; higher than all of them for an operator.</param>
internal sealed record RoomView(string Name, Caller Caller, KnownRoom Known, string Role, RoomPermissions Permissions, int Rank)
{
    /// <summary>Whether the room is closed for the asker.</summary>
    public bool IsShut { get; init; }

    /// <summary>Whether the asker may change the room itself.</summary>
    public bool MayManage => Rank >= Known.Options.EffectiveRoles.Count - 1 || Known.Row.Owner == Caller.Account;

    /// <summary>Whether the asker has permissions.</summary>
    public bool May(RoomPermissions needed) => (Permissions & needed) == needed;

    /// <summary>Makes sure that the asker has permissions.</summary>
    /// <exception cref="ApiProblem">403.</exception>
    public void Demand(RoomPermissions needed, string what)
    {
        if (!May(needed))
        {
            ProblemType type = ProblemType.Forbidden;
            throw new ApiProblem(new ProblemBody
            {
                Type = type.Uri,
                Title = type.Title,
                Status = type.Status,
                Detail = $"{what} needs the permissions in limit; your role, {Role}, has those in value.",
                Code = (int)CloseCode.Forbidden,
                Limit = (uint)needed,
                Value = (uint)Permissions,
            });
        }
    }
}
