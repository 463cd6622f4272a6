using Relay.Client.Transport;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Client;

/// <content>Moderation, and this client's own standing. protocol-spec.md §11.6.</content>
public sealed partial class RelayClient
{
    /// <summary>Comes out of the lobby into the room. protocol-spec.md §11.6.</summary>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4422 (not in the lobby), 4410 outside a room, 4429; or too much waits while away (1013),
    /// the answer was lost (1006), or the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task EnterAsync(CancellationToken cancellationToken = default) => ManageAsync(ManageAction.Enter, cancellationToken);

    /// <summary>Has a member's events refused. Needs <see cref="RoomPermissions.Mute"/>. protocol-spec.md §11.6.</summary>
    /// <param name="member">The member; its role must be lower than this client's.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403 (no permission: limit and value are permissions, needed and had; or a role that is
    /// not lower), 4404 (no such member), 4422 (oneself), 4439; and as for <see cref="EnterAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task MuteAsync(uint member, CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.Mute, cancellationToken, member);

    /// <summary>Lets a member speak again. Needs <see cref="RoomPermissions.Mute"/>. protocol-spec.md §11.6.</summary>
    /// <param name="member">The member; its role must be lower than this client's.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: as for <see cref="MuteAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task UnmuteAsync(uint member, CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.Unmute, cancellationToken, member);

    /// <summary>Takes a member out of the room; it may come again. Needs <see cref="RoomPermissions.Kick"/>. protocol-spec.md
    /// §11.6.</summary>
    /// <param name="member">The member; its role must be lower than this client's.</param>
    /// <param name="reason">For the server's log, at most 255 bytes of UTF-8; default empty.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: as for <see cref="MuteAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">The reason does not fit 255 bytes.</exception>
    public Task KickAsync(uint member, string reason = "", CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.Kick, cancellationToken, member, text: reason);

    /// <summary>Takes a member out of the room and does not let it in again. Holds for the member's user id, or for the network address of
    /// one without. Needs <see cref="RoomPermissions.Ban"/>. protocol-spec.md §11.6.</summary>
    /// <param name="member">The member; its role must be lower than this client's.</param>
    /// <param name="duration">How long, in minutes, rounded up; default <c>null</c>: for good.</param>
    /// <param name="reason">For the server's log, at most 255 bytes of UTF-8; default empty.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: as for <see cref="MuteAsync"/>, and 4500 (it could not be stored).</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The duration is not positive, or too long.</exception>
    /// <exception cref="ArgumentException">The reason does not fit 255 bytes.</exception>
    public Task BanAsync(uint member, TimeSpan? duration = null, string reason = "", CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.Ban, cancellationToken, member, Units(duration, TimeSpan.FromMinutes(1), nameof(duration)), reason);

    /// <summary>Ends a ban. Needs <see cref="RoomPermissions.Ban"/>. protocol-spec.md §11.6.</summary>
    /// <param name="subject">Whom the ban holds for: <c>user:</c> and the user's id, or <c>address:</c> and the network address; at most
    /// 255 bytes of UTF-8.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403, 4404 (nobody of that name is banned), 4439, 4500; and as for
    /// <see cref="EnterAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">The subject does not fit 255 bytes.</exception>
    public Task UnbanAsync(string subject, CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.Unban, cancellationToken, text: subject);

    /// <summary>A member and this client get no events of each other and do not see each other's avatar, for as long as the room lives,
    /// also when either comes again. protocol-spec.md §11.6.</summary>
    /// <param name="member">The member.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4404 (no such member), 4422 (oneself), 4439; and as for
    /// <see cref="EnterAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task BlockAsync(uint member, CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.Block, cancellationToken, member);

    /// <summary>Ends this client's own block of a member; the member's own one stays. protocol-spec.md §11.6.</summary>
    /// <param name="member">The member.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: as for <see cref="BlockAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task UnblockAsync(uint member, CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.Unblock, cancellationToken, member);

    /// <summary>Gives a member another role. Needs <see cref="RoomPermissions.SetRoles"/>. protocol-spec.md §11.6.</summary>
    /// <param name="member">The member; its role must be lower than this client's.</param>
    /// <param name="role">The new role, a place in <see cref="RoomInfo.Roles"/>; no higher than this client's.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: as for <see cref="MuteAsync"/>, 4403 also for a role above one's own, and 4422 for one
    /// that there is not (limit: roles, value: role).</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task SetRoleAsync(uint member, uint role, CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.SetRole, cancellationToken, member, role);

    /// <summary>Takes everybody out of the room whose role lacks <see cref="RoomPermissions.CloseRoom"/>, which this needs, and lets nobody
    /// of them in. protocol-spec.md §11.6.</summary>
    /// <param name="reason">For the server's log, at most 255 bytes of UTF-8; default empty.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403, 4439, 4500 (it could not be stored); and as for
    /// <see cref="EnterAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">The reason does not fit 255 bytes.</exception>
    public Task CloseRoomAsync(string reason = "", CancellationToken cancellationToken = default) =>
        ManageAsync(ManageAction.CloseRoom, cancellationToken, text: reason);

    /// <summary>Lets everybody in again after <see cref="CloseRoomAsync"/>. Needs <see cref="RoomPermissions.CloseRoom"/>. protocol-spec.md
    /// §11.6.</summary>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: as for <see cref="CloseRoomAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task OpenRoomAsync(CancellationToken cancellationToken = default) => ManageAsync(ManageAction.OpenRoom, cancellationToken);

    private Task<ulong> ManageAsync(
        ManageAction action, CancellationToken cancellationToken, uint member = 0, uint argument = 0, string text = "")
    {
        byte[] frame = new byte[300];
        var writer = new FrameWriter(frame);
        new Manage { Action = action, Member = member, Argument = argument, TextUtf8 = ShortText.Encode(text, "A text", nameof(text)) }
            .Write(ref writer);
        return AskAsync(Draft.From(frame, writer.Written), cancellationToken);
    }
}
