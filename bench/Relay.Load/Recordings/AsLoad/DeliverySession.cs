using Relay.Load.Recordings.Replay;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.AsLoad;

/// <summary>What one session receives. It believes only what its own stream says of whose a slot is.</summary>
internal sealed class DeliverySession(DeliveryWatch room) : SessionWatch
{
    private readonly Dictionary<uint, uint> _memberOfSlot = [];
    private readonly Dictionary<uint, long> _seen = [];
    private uint _self;
    private RoomSpace _space = RoomSpace.Default;
    private long _joinedNanos;

    public override void OnJoined(uint member, RoomSpace space, long nowNanos)
    {
        (_self, _space, _joinedNanos) = (member, space, nowNanos);
        room.Joined();
    }

    public override void OnLeft() => room.Gone();

    public override void OnReliable(long nowNanos) => room.CountReliable(nowNanos);

    public override void OnSlot(uint slot, uint member) => _memberOfSlot[slot] = member;

    public override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = TransformBatch.TryBegin(body, _space, out TransformBatch batch);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        while (batch.TryReadRemoval(out _))
        {
        }

        while (batch.TryReadEntry(out TransformBatchEntry entry))
        {
            Take(entry, nowNanos);
        }

        return batch.Finish();
    }

    private void Take(in TransformBatchEntry entry, long nowNanos)
    {
        if (!_memberOfSlot.TryGetValue(entry.Slot, out uint member))
        {
            room.BadValues++;
            return;
        }

        // Objects are load, and are not counted; one's own avatar is nobody's news.
        if (member == 0 || member == _self)
        {
            return;
        }

        SentValues? sent = room.SentOf(member);
        long number = sent?.Find(entry.Value.WithoutPrefix()) ?? -1;
        long seen = _seen.GetValueOrDefault(member, -1);
        if (number < 0 || number < seen)
        {
            room.BadValues++;
            return;
        }

        // The newest stands for those before it that were not sent on. What was sent before this member came was not for it.
        for (long reached = Math.Max(seen + 1, sent!.Oldest); reached <= number; reached++)
        {
            if (sent.DueNanos(reached) >= _joinedNanos)
            {
                room.Deliver(sent.DueNanos(reached), nowNanos);
            }
        }

        _seen[member] = number;
    }
}
