using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>
/// An open room, for its <see cref="IRoomHandler"/> or whoever holds it open (<see cref="RelayRooms.OpenAsync"/>): what may be read of it,
/// and done there in the server's name. A handler has one for each life of a room, known by <see cref="Epoch"/>. All of it may be used from
/// any thread, inside and outside the handler's calls.
/// </summary>
/// <remarks>What the server does needs no permission, keeps to the limits of <see cref="RoomOptions"/> and is told to members with author
/// or sender 0. Each call is done at the next wake-up of the room's shard, in the order of the calls, and fails with
/// <see cref="RoomRefusedException"/>: <see cref="CloseCode.NotFound"/> (4404) when the room has ended or
/// is not held any more, <see cref="CloseCode.RateLimited"/>
/// (4429) when more than <see cref="RelayLimits.HandlerRequests"/> wait, and whatever a client would be told.</remarks>
public sealed partial class RoomContext
{
    private readonly Room _room;
    private readonly RelayLimits _limits;
    private readonly AuthorCalls _calls;
    private readonly ObjectMoves _moves;

    internal RoomContext(Shard shard, Room room, RelayLimits limits)
    {
        _room = room;
        _limits = limits;
        _calls = new AuthorCalls(shard, room, limits.HandlerRequests);
        _moves = new ObjectMoves(shard, room, _calls);
    }

    /// <summary>The room's name; of a room that spilled over, with the number of the instance.</summary>
    public string Name => _room.Name;

    /// <summary>Names this life of the room. protocol-spec.md §6.2.</summary>
    public ulong Epoch => _room.Epoch;

    /// <summary>Whatever the handler keeps of this room. Default null.</summary>
    public object? State { get; set; }

    /// <summary>Sends an event.</summary>
    /// <param name="kind">What it is: 1,024 and up for the application's, below it a <see cref="SignalKind"/>.</param>
    /// <param name="payload">At most <see cref="RelayLimits.MaxEventPayload"/> bytes; for a signal what protocol-spec.md §11.9
    /// says.</param>
    /// <param name="audience">Who gets it.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <exception cref="RoomRefusedException">4404 no such member, 4413 too large, 4422 no such kind or role, or another payload than the
    /// kind takes.</exception>
    public Task SendAsync(
        uint kind, ReadOnlyMemory<byte> payload, RoomAudience audience = default, CancellationToken cancellationToken = default)
    {
        Fault fault = payload.Length > _limits.MaxEventPayload
            ? new Fault(CloseCode.PayloadTooLarge, "The payload is larger than the limit (bytes).", _limits.MaxEventPayload, payload.Length)
            : Signals.Check(new SendEvent { Kind = kind, Audience = audience.Kind, Payload = payload.Span });
        if (!fault.IsNone)
        {
            return Refused(fault);
        }

        byte[] copy = payload.ToArray();
        return _calls.CallAsync((Shard _, Room room, out ulong value) => Send(room, kind, copy, audience, out value), cancellationToken);
    }

    /// <summary>Makes an object, without an owner.</summary>
    /// <param name="made">What it is like.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="RoomRefusedException">4404 no such parent, 4411 name taken, 4413, 4414 or 4422 a value or name that is not allowed,
    /// 4424 a place outside the room, 4432 too many.</exception>
    public async Task<uint> CreateObjectAsync(NewObject made, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(made);
        byte[] body = ObjectEncoding.Encode(made, _room.Space);
        return (uint)await _calls.CallAsync(
            (Shard shard, Room room, out ulong value) =>
            {
                CreateObject.TryRead(body, out CreateObject message);
                Fault fault = ObjectDeeds.Create(room.World, null, ref message, shard.Now, out uint id);
                value = id;
                return fault;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves a placed object, whoever owns it. Not waited for: the newest place of each object counts, and one that is not there
    /// (any more), or has no place, is passed over.</summary>
    /// <param name="id">Which.</param>
    /// <param name="place">Where it is, in metres.</param>
    /// <param name="extension">What else is told of it. Default nothing.</param>
    /// <exception cref="RoomRefusedException">4404 the room has ended, 4422 not finite numbers or not a scale, 4424 outside the room, 4429
    /// more objects wait than <see cref="RoomOptions.MaxObjects"/>.</exception>
    public void MoveObject(uint id, Transform place, TransformExtension extension = default)
    {
        if (_calls.IsEnded)
        {
            throw new RoomRefusedException(AuthorCalls.HasEnded);
        }

        Fault fault = ObjectEncoding.Pack(_room.Space, place, extension, out PackedTransform packed);
        if (!fault.IsNone)
        {
            throw new RoomRefusedException(fault);
        }

        _moves.Put(id, packed, extension);
    }

    /// <summary>Removes an object and everything under it, whoever owns or has locked it.</summary>
    /// <param name="id">Which.</param>
    /// <param name="expected">What must hold of the object as it is at that moment. Called on the room's thread: it must not wait. Default
    /// null: anything.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <exception cref="RoomRefusedException">4404 no such object, 4412 it is not as expected.</exception>
    public Task RemoveObjectAsync(
        uint id, Func<ObjectImage, bool>? expected = null, CancellationToken cancellationToken = default) => _calls.CallAsync(
        (Shard _, Room room, out ulong value) =>
        {
            value = 0;
            return IsAsExpected(room, id, expected, out Fault other) ? ObjectDeeds.Remove(room.World, null, id) : other;
        },
        cancellationToken);

    /// <summary>Takes a member out of the room; it is told Left with reason 4433 and keeps its connection.</summary>
    /// <param name="member">Its id.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <exception cref="RoomRefusedException">4404 no such member.</exception>
    public Task KickAsync(uint member, CancellationToken cancellationToken = default) => _calls.CallAsync(
        (Shard shard, Room room, out ulong value) =>
        {
            value = 0;
            if (room.Find(member) is null)
            {
                return NoSuchMember(member);
            }

            shard.Moderation.TakeOut(room, candidate => candidate.Id == member, CloseCode.Kicked);
            return Fault.None;
        },
        cancellationToken);

    /// <summary>Gives a member another role.</summary>
    /// <param name="member">Its id.</param>
    /// <param name="role">The role's name in this room.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <exception cref="RoomRefusedException">4404 no such member, 4422 no such role.</exception>
    public Task SetRoleAsync(uint member, string role, CancellationToken cancellationToken = default) => _calls.CallAsync(
        (Shard shard, Room room, out ulong value) =>
        {
            value = 0;
            int number = room.FindRole(role);
            return room.Find(member) is not { } found ? NoSuchMember(member)
                : number < 0 ? NoSuchRole(role)
                : shard.Moderation.SetRole(null, found, (uint)number);
        },
        cancellationToken);

    /// <summary>The room has ended.</summary>
    internal void End() => _calls.End();

    private static Fault Send(Room room, uint kind, byte[] payload, RoomAudience audience, out ulong value)
    {
        value = 0;
        uint roles = 0;
        foreach (string name in audience.RoleNames ?? [])
        {
            int role = room.FindRole(name);
            if (role < 0)
            {
                return NoSuchRole(name);
            }

            roles |= 1u << role;
        }

        if (audience.MemberId is { } member && room.Find(member) is null)
        {
            return NoSuchMember(member);
        }

        SharedBuffer buffer = room.Pool.Rent(payload.Length);
        payload.CopyTo(buffer.Writable);
        buffer.Seal(payload.Length);
        room.PublishEvent(null, new Command(CommandKind.SendEvent)
        {
            EventKind = kind,
            Audience = audience.Kind,
            Member = audience.MemberId ?? 0,
            Roles = roles,
            Payload = buffer,
        });
        buffer.Release();
        return Fault.None;
    }

    private static Task Refused(in Fault fault) => Task.FromException(new RoomRefusedException(fault));

    private static Fault NoSuchMember(uint member) => Fault.NotFound("No such member in the room.", member);

    private static Fault NoSuchRole(string role) => new(CloseCode.BadValue, $"The room has no role \"{role}\".");
}
