using System.Text;
using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms;

/// <summary>
/// What moderators do to members and rooms, and members for themselves: enter, mute, kick, ban, block, roles, closing. What must last is
/// stored first, off the shard; only then is it done and answered. protocol-spec.md §11.6.
/// </summary>
internal sealed class Moderation
{
    private readonly Shard _shard;
    private readonly IModerationStore _store;

    public Moderation(Shard shard, IModerationStore store)
    {
        _shard = shard;
        _store = store;
    }

    /// <summary>A Manage arrived; the road has checked that it is well formed.</summary>
    public void Handle(Connection connection, in Command command)
    {
        connection.Member?.Room.Recorder?.In(_shard.Now, connection.Member.Id, command.Type, command.Payload!.Frames);
        Manage.TryRead(command.Payload!.Frames, out Manage message);
        Order order = new(connection, command.Sequence, message.Action, message.Argument, Encoding.UTF8.GetString(message.TextUtf8));
        Fault fault = connection.Member is { } member
            ? Do(member, order, message.Member)
            : new Fault(CloseCode.NotInRoom, "Not in a room.");
        command.Payload!.Release();
        if (!fault.IsNone || !connection.IsMoving)
        {
            _shard.Replies.Answer(connection, FrameType.Manage, command.Sequence, fault, 0);
        }
    }

    /// <summary>Takes everybody out who came under a name that is banned now, or everybody.</summary>
    /// <returns>How many.</returns>
    public int TakeOut(Room room, Func<Member, bool> concerned, CloseCode reason)
    {
        Member[] members = [.. room.Members.Where(concerned)];
        foreach (Member member in members)
        {
            Connection connection = member.Receiver.Connection;
            _shard.Membership.LeaveRoom(connection, reason);
            if (connection.IsAway)
            {
                connection.Past.TakenOut = reason;
            }
            else
            {
                _shard.Replies.Left(connection, sequence: 0, reason);
            }
        }

        return members.Length;
    }

    /// <summary>What an order is in the table of permissions.</summary>
    public static Deed DeedOf(ManageAction action) => action switch
    {
        ManageAction.Enter => Deed.Enter,
        ManageAction.Mute => Deed.Mute,
        ManageAction.Unmute => Deed.Unmute,
        ManageAction.Kick => Deed.Kick,
        ManageAction.Ban => Deed.Ban,
        ManageAction.Unban => Deed.Unban,
        ManageAction.Block => Deed.Block,
        ManageAction.Unblock => Deed.Unblock,
        ManageAction.SetRole => Deed.SetRole,
        ManageAction.CloseRoom => Deed.CloseRoom,
        _ => Deed.OpenRoom,
    };

    private Fault Do(Member actor, Order order, uint about)
    {
        Fault fault = Permissions.Check(actor, DeedOf(order.Action));
        if (!fault.IsNone)
        {
            return fault;
        }

        switch (order.Action)
        {
            case ManageAction.Enter:
                return Enter(actor);
            case ManageAction.Unban or ManageAction.CloseRoom or ManageAction.OpenRoom:
                return Store(order, actor.Room, order.Text);
        }

        if (actor.Room.Find(about) is not { } member)
        {
            return Fault.NotFound("No such member in the room.", about);
        }

        if (member == actor)
        {
            return new Fault(CloseCode.BadValue, "That cannot be done to oneself.", Value: about);
        }

        switch (order.Action)
        {
            case ManageAction.Block:
                return actor.Room.Blocks.Add(actor, member);
            case ManageAction.Unblock:
                actor.Room.Blocks.Remove(actor, member);
                return Fault.None;
        }

        if (member.Role >= actor.Role)
        {
            return new Fault(CloseCode.Forbidden, "The member's role is not lower than one's own.", actor.Role, member.Role);
        }

        switch (order.Action)
        {
            case ManageAction.Mute:
                member.Room.Muted.Add(member.Receiver.Connection.Person);
                return SetStanding(member, member.Standing | MemberStanding.Muted);
            case ManageAction.Unmute:
                member.Room.Muted.Remove(member.Receiver.Connection.Person);
                return SetStanding(member, member.Standing & ~MemberStanding.Muted);
            case ManageAction.SetRole:
                return member.Receiver.Connection.Who.UserId is null
                    ? SetRole(actor, member, order.Argument)
                    : StoreRole(order, actor, member);
            case ManageAction.Kick:
                TakeOut(actor.Room, other => other == member, CloseCode.Kicked);
                return Fault.None;
            default:
                return Store(order, actor.Room, member.Receiver.Connection.Subject);
        }
    }

    private Fault Enter(Member member) => (member.Standing & MemberStanding.Lobby) == 0
        ? new Fault(CloseCode.BadValue, "Not in the lobby.")
        : SetStanding(member, member.Standing & ~MemberStanding.Lobby);

    /// <summary>Gives a member another standing, and tells so.</summary>
    public Fault SetStanding(Member member, MemberStanding standing)
    {
        if (member.Standing != standing)
        {
            member.Standing = standing;
            member.Room.PublishStanding(member);
            _shard.Membership.RenewSeat(member);
        }

        return Fault.None;
    }

    /// <summary>Gives a member another role.</summary>
    /// <param name="actor">Who gives it; null for the server.</param>
    /// <param name="member">Who gets it.</param>
    /// <param name="role">Its number.</param>
    public Fault SetRole(Member? actor, Member member, uint role)
    {
        Fault fault = MaySetRole(actor, member.Room, role);
        if (!fault.IsNone)
        {
            return fault;
        }

        RoomWorld world = member.Room.World;
        HashSet<StoredAttribute> saw = Sight.Before(member, world.AllAttributes(), world);
        member.Role = (byte)role;
        member.Room.PublishStanding(member);
        Sight.TellDifference(member, saw, world.AllAttributes(), world);
        _shard.Membership.RenewSeat(member);
        return Fault.None;
    }

    private static Fault MaySetRole(Member? actor, Room room, uint role)
    {
        if (role >= room.Roles.Count)
        {
            return new Fault(CloseCode.BadValue, "The room has no such role: they are below the limit.", room.Roles.Count, role);
        }

        return role > actor?.Role
            ? new Fault(CloseCode.Forbidden, "Nobody gives a role above their own.", actor.Role, role)
            : Fault.None;
    }

    /// <summary>The role of somebody who is known holds for later stays too.</summary>
    private Fault StoreRole(Order order, Member actor, Member member)
    {
        Fault fault = MaySetRole(actor, actor.Room, order.Argument);
        return fault.IsNone
            ? Store(
                order with { Text = actor.Room.Roles[(int)order.Argument].Name }, actor.Room, member.Receiver.Connection.Subject,
                member.Receiver.Connection.Who.UserId)
            : fault;
    }

    /// <summary>Gives the members that are a user another role.</summary>
    /// <returns>How many.</returns>
    public int SetRole(Room room, string userId, string role)
    {
        int number = room.FindRole(role);
        Member[] members = number < 0 ? [] : [.. room.Members.Where(member => member.Receiver.Connection.Who.UserId == userId)];
        foreach (Member member in members)
        {
            SetRole(null, member, (uint)number);
        }

        return members.Length;
    }

    private Fault Store(Order order, Room room, string subject, string? userId = null)
    {
        order.Asker.IsMoving = true;
        string name = RoomInstance.BaseOf(room.Name);
        _ = Task.Run(async () =>
        {
            Fault fault = await order.StoreAsync(_store, name, subject, _shard.Settings).ConfigureAwait(false);
            _shard.Lane.Push(new Stored(order, name, subject, userId, fault));
        });
        return Fault.None;
    }

    private void Finish(Order order, string name, string subject, string? userId, Fault fault)
    {
        if (fault.IsNone)
        {
            foreach (Room room in _shard.InstancesOf(name))
            {
                Apply(order, room, subject, userId);
            }
        }

        // No command of the asker has been handled meanwhile, so it is still here.
        order.Asker.IsMoving = false;
        _shard.Replies.Answer(order.Asker, FrameType.Manage, order.Sequence, fault, 0);
        order.Asker.Attend();
    }

    /// <summary>Bans somebody from an open room: takes them out and keeps them out. It is stored already.</summary>
    /// <param name="room">The room.</param>
    /// <param name="subject">Who.</param>
    /// <param name="duration">For how long; null for good.</param>
    public void Ban(Room room, string subject, TimeSpan? duration)
    {
        room.Ban(subject, duration);
        TakeOut(room, member => member.Receiver.Connection.Subject == subject, CloseCode.Banned);
    }

    /// <summary>Closes a room that is open for its members, or lets everybody in again. It is stored already.</summary>
    public void SetClosed(Room room, bool isClosed)
    {
        room.IsClosed = isClosed;
        if (isClosed)
        {
            // Those who may open it again stay.
            TakeOut(room, member => (member.Permissions & RoomPermissions.CloseRoom) == 0, CloseCode.RoomClosed);
        }
    }

    private void Apply(Order order, Room room, string subject, string? userId)
    {
        switch (order.Action)
        {
            case ManageAction.Ban:
                Ban(room, subject, order.Argument == 0 ? null : TimeSpan.FromMinutes(order.Argument));
                break;
            case ManageAction.Unban:
                room.Unban(subject);
                break;
            case ManageAction.SetRole:
                SetRole(room, userId!, order.Text);
                break;
            default:
                SetClosed(room, order.Action == ManageAction.CloseRoom);
                break;
        }
    }

    /// <summary>Something that has to be stored, and who waits for it.</summary>
    private sealed record Order(Connection Asker, ulong Sequence, ManageAction Action, uint Argument, string Text)
    {
        public Task<Fault> StoreAsync(IModerationStore store, string room, string subject, ShardSettings settings) =>
            StoreCall.InTimeAsync(settings, token => CallAsync(store, room, subject, settings.Time, token));

        private async Task<Fault> CallAsync(IModerationStore store, string room, string subject, TimeProvider time, CancellationToken token)
        {
            switch (Action)
            {
                case ManageAction.Ban:
                    await store.BanAsync(room, subject, Until(time.GetUtcNow()), Text, token).ConfigureAwait(false);
                    return Fault.None;
                case ManageAction.Unban:
                    return await store.UnbanAsync(room, subject, token).ConfigureAwait(false)
                        ? Fault.None
                        : Fault.NotFound("Nobody of that name is banned.", 0);
                case ManageAction.SetRole:
                    await store.SetRoleAsync(room, subject, Text, token).ConfigureAwait(false);
                    return Fault.None;
                default:
                    await store.SetClosedAsync(room, Action == ManageAction.CloseRoom, token).ConfigureAwait(false);
                    return Fault.None;
            }
        }

        /// <summary>When a ban ends; null for never, or after the end of the calendar.</summary>
        private DateTimeOffset? Until(DateTimeOffset now) =>
            Argument == 0 || Argument > (DateTimeOffset.MaxValue - now).TotalMinutes ? null : now.AddMinutes(Argument);
    }

    /// <summary>To the room's shard: it is stored, or not.</summary>
    private sealed class Stored(Order order, string name, string subject, string? userId, Fault fault) : ShardMessage
    {
        public override void Handle(Shard shard) => shard.Moderation.Finish(order, name, subject, userId, fault);
    }
}
