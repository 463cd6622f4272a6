using System.Globalization;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;
using Relay.Protocol.Messages;

namespace Relay.Host.Api.State;

/// <summary>Whom the terms of attributes mean, when somebody asks over REST: as in the room, where those are the asker who are there under
/// the same account.</summary>
internal sealed class AttributeSight
{
    private readonly RoomView _view;
    private readonly HashSet<uint> _self;
    private readonly InspectedObject? _target;

    private AttributeSight(RoomView view, HashSet<uint> self, InspectedObject? target) => (_view, _self, _target) = (view, self, target);

    /// <summary>The object that the attributes are of; null if they are of none.</summary>
    public InspectedObject? Target => _target;

    /// <summary>Gets to know the asker in a room.</summary>
    public static async Task<AttributeSight> OfAsync(
        RoomView view, RoomContext room, AttributeTarget target, CancellationToken cancellationToken)
    {
        InspectedObject? made = null;
        if (target.Object != 0)
        {
            made = await room.FindObjectAsync(target.Object, cancellationToken).ConfigureAwait(false)
                ?? throw ApiProblem.NotFound($"There is no object {target.Object} in the room.");
        }

        RoomInspection look = await room.LookAsync(0, cancellationToken).ConfigureAwait(false);
        HashSet<uint> self = [.. look.Members.Where(member => member.UserId == view.Caller.Account).Select(member => member.Id)];
        return new AttributeSight(view, self, made);
    }

    /// <summary>Whether the asker is a member.</summary>
    public bool Is(uint member) => member != 0 && _self.Contains(member);

    /// <summary>Whether an access names the asker.</summary>
    public bool Names(Access access, AttributeTarget target) => _view.Caller.IsAdmin || access.Kind switch
    {
        AccessKind.Everyone => true,
        AccessKind.Member => Is(access.Argument),
        AccessKind.Roles => _view.Rank < 32 && (access.Argument >> _view.Rank & 1) != 0,
        _ => target.Kind switch
        {
            TargetKind.Room => _view.May(RoomPermissions.SetRoomAttributes),
            TargetKind.Object => Is(_target!.Image.Owner),
            _ => Is(target.Member),
        },
    };

    /// <summary>Makes sure that the asker may write an attribute.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="present">As it is; null if there is none yet.</param>
    /// <exception cref="ApiProblem">403, 423.</exception>
    public void DemandWrite(AttributeTarget target, string key, InspectedAttribute? present)
    {
        if (RoomRights.IsReservedKey(target.Kind, key))
        {
            throw ApiProblem.Forbidden("Keys that begin with \"relay.\" are the server's.");
        }

        bool own = Names((present?.Terms ?? AttributeTerms.Default).Writers, target);
        RoomPermissions others = RoomRights.ToSet(target.Kind, own: false);
        if (!_view.May(others))
        {
            _view.Demand(RoomRights.ToSet(target.Kind, own), own ? "Setting the attribute" : "Setting an attribute that others write");
        }

        if (target.Kind == TargetKind.Object)
        {
            DemandUnlocked();
        }
    }

    /// <summary>Makes sure that nobody else holds the object's lock.</summary>
    /// <exception cref="ApiProblem">423.</exception>
    public void DemandUnlocked()
    {
        uint holder = _target!.Image.LockHolder;
        if (holder != 0 && !Is(holder) && !_view.May(RoomPermissions.EditObjects))
        {
            ProblemType type = ProblemType.Locked;
            throw new ApiProblem(new ProblemBody
            {
                Type = type.Uri,
                Title = type.Title,
                Status = type.Status,
                Detail = $"Member {holder} holds the object's lock.",
                Value = holder,
            });
        }
    }

    /// <summary>Terms as they are on the wire.</summary>
    /// <exception cref="ApiProblem">422.</exception>
    public static AttributeTerms Read(TermsBody terms, RoomView view, string field) => new(
        (terms.Persistent ? AttributeFlags.Persistent : 0) | (terms.Cloneable ? AttributeFlags.Cloneable : 0),
        ReadAccess(terms.Readers, view, field + ".readers"),
        ReadAccess(terms.Writers, view, field + ".writers"));

    /// <summary>Terms for people.</summary>
    public static TermsBody Show(AttributeTerms terms, RoomView view) => new()
    {
        Persistent = (terms.Flags & AttributeFlags.Persistent) != 0,
        Cloneable = (terms.Flags & AttributeFlags.Cloneable) != 0,
        Readers = Show(terms.Readers, view),
        Writers = Show(terms.Writers, view),
    };

    private static string Show(Access access, RoomView view) => access.Kind switch
    {
        AccessKind.Everyone => "everyone",
        AccessKind.Owner => "owner",
        AccessKind.Member => string.Create(CultureInfo.InvariantCulture, $"member:{access.Argument}"),
        _ => "roles:" + string.Join(
            ',', view.Known.Options.EffectiveRoles.Where((_, role) => (access.Argument >> role & 1) != 0).Select(role => role.Name)),
    };

    private static Access ReadAccess(string text, RoomView view, string field)
    {
        switch (text)
        {
            case "everyone":
                return new Access(AccessKind.Everyone);
            case "owner":
                return new Access(AccessKind.Owner);
        }

        if (text.StartsWith("member:", StringComparison.Ordinal) &&
            uint.TryParse(text.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out uint member) && member != 0)
        {
            return new Access(AccessKind.Member, member);
        }

        if (!text.StartsWith("roles:", StringComparison.Ordinal))
        {
            throw ApiProblem.Invalid(field, $"must be everyone, owner, member:ID or roles:NAME,NAME; it is \"{ApiRequest.Shown(text)}\".");
        }

        uint mask = 0;
        foreach (string name in text[6..].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            RoomRole[] roles = [.. view.Known.Options.EffectiveRoles];
            int role = Array.FindIndex(roles, candidate => candidate.Name == name);
            mask |= role >= 0
                ? 1u << role
                : throw ApiProblem.Invalid(field, $"names a role \"{ApiRequest.Shown(name)}\", which the room does not have.");
        }

        return new Access(AccessKind.Roles, mask);
    }
}
