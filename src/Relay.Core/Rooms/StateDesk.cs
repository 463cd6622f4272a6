using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms;

/// <summary>Takes what members ask of a room's objects and attributes to the deed that does it, and answers: Done or Error, one for each.
/// protocol-spec.md §11.7.</summary>
internal sealed class StateDesk
{
    private const long RefusalMicros = 1_000_000;

    private readonly Shard _shard;

    public StateDesk(Shard shard) => _shard = shard;

    /// <summary>A message arrived; the road has checked that it is well formed.</summary>
    public void Handle(Connection connection, in Command command)
    {
        connection.Member?.Room.Recorder?.In(_shard.Now, connection.Member.Id, command.Type, command.Payload!.Frames);
        ulong value = 0;
        RoomKeeper? keeper = connection.Member?.Room.World.Keeper;
        ulong mark = keeper?.Mark ?? 0;
        Fault fault = connection.Member is { } member
            ? Do(member, command.Type, command.Payload!.Frames, out value)
            : new Fault(CloseCode.NotInRoom, "Not in a room.");
        command.Payload!.Release();
        if (fault.IsNone && keeper is not null && keeper.Mark != mark)
        {
            _shard.Replies.AnswerWhenStored(connection, command.Type, command.Sequence, value, keeper);
        }
        else
        {
            _shard.Replies.Answer(connection, command.Type, command.Sequence, fault, value);
        }
    }

    /// <summary>Transforms of objects arrived: applies those that are the sender's to move.</summary>
    public void MoveObjects(Connection connection, Member member, Seat seat)
    {
        ObjectMailbox mailbox = connection.Objects!;
        if (mailbox.Take() is not { } box)
        {
            return;
        }

        for (int i = 0; ReferenceEquals(box.Seat, seat) && i < box.Count; i++)
        {
            ref readonly ObjectMailbox.Item item = ref box[i];
            if (member.Room.Slots.GenerationOf(item.Entry.Slot) != item.Entry.Generation)
            {
                // It was under way while the slot changed hands.
                continue;
            }

            RoomObject? moved = member.Room.World.AtSlot(item.Entry.Slot);
            uint mover = moved is null ? 0 : moved.LockHolder != 0 ? moved.LockHolder : moved.Owner;
            if (!Permissions.Allows(member, Deed.MoveObject, mover == member.Id))
            {
                RefuseSlot(connection, mailbox, item.Entry.Slot);
            }
            else
            {
                member.Room.Slots.Set(moved!.Slot, item.Entry.Value, item.Entry.Extension, item.SampleTime);
                member.Room.Recorder?.Moved(_shard.Now, member.Id, item.Entry, seat.Space);
            }
        }

        mailbox.Return(box);
    }

    /// <summary>Told once a second at most: an object may just have changed hands, and a flood of transforms is no reason for one of
    /// errors.</summary>
    private void RefuseSlot(Connection connection, ObjectMailbox mailbox, uint slot)
    {
        if (_shard.Now - mailbox.LastRefusal >= RefusalMicros)
        {
            mailbox.LastRefusal = _shard.Now;
            _shard.Replies.Refuse(
                connection,
                new Refusal(
                    FrameType.TransformUpdate, 0, CloseCode.NotOwner, "The slot in value is not the sender's to move.", Value: slot));
        }
    }

    private Fault Do(Member member, FrameType type, ReadOnlySpan<byte> body, out ulong value)
    {
        RoomWorld world = member.Room.World;
        uint id = 0;
        value = 0;
        Fault fault;
        switch (type)
        {
            case FrameType.CreateObject when CreateObject.TryRead(body, out CreateObject create) == ReadStatus.Ok:
                fault = ObjectDeeds.Create(world, member, ref create, _shard.Now, out id);
                break;
            case FrameType.UpdateObject when UpdateObject.TryRead(body, out UpdateObject update) == ReadStatus.Ok:
                fault = ObjectDeeds.Update(world, member, update);
                break;
            case FrameType.RemoveObject when RemoveObject.TryRead(body, out RemoveObject remove) == ReadStatus.Ok:
                fault = ObjectDeeds.Remove(world, member, remove.Object);
                break;
            case FrameType.CloneObject when CloneObject.TryRead(body, out CloneObject clone) == ReadStatus.Ok:
                fault = ObjectDeeds.Clone(world, member, clone, _shard.Now, out id);
                break;
            case FrameType.Claim when Claim.TryRead(body, out Claim claim) == ReadStatus.Ok:
                fault = ClaimDeeds.Claim(world, member, claim, _shard.Now);
                break;
            case FrameType.SetAttribute when SetAttribute.TryRead(body, out SetAttribute set) == ReadStatus.Ok:
                return AttributeDeeds.Set(world, member, set, out value);
            default:
                throw new InvalidOperationException($"No deed for a {type} frame.");
        }

        value = id;
        return fault;
    }
}
