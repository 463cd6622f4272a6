using Relay.Load.Wire;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tracks;

/// <summary>Where somebody was seen, and when.</summary>
internal readonly record struct Sighting(long Nanos, double X, double Y);

/// <summary>Somebody's arrival or departure, as it was told.</summary>
internal readonly record struct Passage(uint Member, PresenceKind Kind, long Nanos);

/// <summary>
/// A member that stands and writes down everything: who came and went, who was seen where. It believes only what its own stream says.
/// </summary>
internal sealed class TrackObserver(string room) : RelaySession(room)
{
    private readonly Lock _gate = new();
    private readonly List<Passage> _passages = [];
    private readonly Dictionary<uint, List<Sighting>> _sightings = [];
    private readonly Dictionary<uint, uint> _memberOfSlot = [];
    private readonly Dictionary<uint, uint> _slotOfMember = [];
    private ulong _sequence;

    /// <summary>Presence told with a falling number, and positions of slots that nobody held.</summary>
    public int Errors { get; private set; }

    public IReadOnlyList<Passage> Passages => _passages;

    /// <summary>Where a member was seen, by rising time.</summary>
    public IReadOnlyList<Sighting> SightingsOf(uint member) => _sightings.TryGetValue(member, out List<Sighting>? found) ? found : [];

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Presence.TryRead(body, out Presence presence);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        lock (_gate)
        {
            Errors += presence.Flags == PresenceFlags.None && presence.Sequence <= _sequence ? 1 : 0;
            _sequence = presence.Sequence;
            while (presence.TryReadEntry(out PresenceEntry entry))
            {
                _passages.Add(new Passage(entry.Member, entry.Kind, nowNanos));
                if (entry.Kind == PresenceKind.Present)
                {
                    _memberOfSlot[entry.Slot] = entry.Member;
                    _slotOfMember[entry.Member] = entry.Slot;
                }
                else if (_slotOfMember.Remove(entry.Member, out uint slot) && _memberOfSlot[slot] == entry.Member)
                {
                    _memberOfSlot.Remove(slot);
                }
            }
        }

        return status;
    }

    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos)
    {
        RoomSpace space = Space!;
        ReadStatus status = TransformBatch.TryBegin(body, space, out TransformBatch batch);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        lock (_gate)
        {
            // A removal takes a value away, not the slot from its owner: who that is, presence alone says.
            while (batch.TryReadRemoval(out _))
            {
            }

            while (batch.TryReadEntry(out TransformBatchEntry entry))
            {
                if (!_memberOfSlot.TryGetValue(entry.Slot, out uint member))
                {
                    Errors++;
                    continue;
                }

                Transform where = space.Unpack(entry.Value);
                if (!_sightings.TryGetValue(member, out List<Sighting>? list))
                {
                    _sightings.Add(member, list = []);
                }

                list.Add(new Sighting(nowNanos, where.X, where.Z));
            }
        }

        return batch.Finish();
    }
}
