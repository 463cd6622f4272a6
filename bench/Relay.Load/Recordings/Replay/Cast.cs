using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>
/// Who is in a recording, and who was there from its beginning: everybody but those whose arrival it tells, and those who appear for the
/// first time behind a gap.
/// </summary>
internal sealed class Cast
{
    private readonly SortedDictionary<uint, CastMember> _members = [];
    private readonly HashSet<uint> _objectSlots = [];
    private bool _snapshotSeen;
    private bool _gapSeen;

    public Cast(RecordingFile file)
    {
        foreach (RecordedFrame frame in file.Frames)
        {
            Read(frame, file.Space);
        }

        foreach (CastMember member in _members.Values)
        {
            // It left before the snapshot, which would have told its slot. People move themselves more than anything else.
            member.Slot ??= member.MovesBySlot.Where(moves => !_objectSlots.Contains(moves.Key))
                .OrderByDescending(moves => moves.Value).Select(moves => (uint?)moves.Key).FirstOrDefault();
        }
    }

    /// <summary>Everybody, in the order in which they first came.</summary>
    public IEnumerable<CastMember> Members => _members.Values;

    public CastMember this[uint member] => _members[member];

    private void Read(in RecordedFrame frame, RoomSpace space)
    {
        _gapSeen |= frame.Kind == RecordKind.Gap;
        _snapshotSeen |= frame.Kind == RecordKind.Snapshot;
        if (frame.Kind == RecordKind.In)
        {
            CastMember member = Meet(frame.Member);
            if (frame.Type == FrameType.TransformUpdate &&
                TransformUpdate.TryRead(frame.Body.Span, space, out TransformUpdate update) == ReadStatus.Ok)
            {
                while (update.TryReadEntry(out TransformUpdateEntry entry))
                {
                    member.MovesBySlot[entry.Slot] = member.MovesBySlot.GetValueOrDefault(entry.Slot) + 1;
                }
            }
        }
        else if (frame.Type == FrameType.Presence && Presence.TryRead(frame.Body.Span, out Presence presence) == ReadStatus.Ok)
        {
            Read(ref presence);
        }
        else if (frame.Type == FrameType.State && State.TryRead(frame.Body.Span, out State state) == ReadStatus.Ok)
        {
            while (state.TryReadEntry(out StateEntry entry))
            {
                if (entry.Kind == StateKind.Object && (entry.ObjectFlags & ObjectFlags.Placed) != 0)
                {
                    _objectSlots.Add(entry.Slot);
                }
            }
        }
    }

    private void Read(ref Presence presence)
    {
        bool isChange = presence.Flags == PresenceFlags.None;
        while (presence.TryReadEntry(out PresenceEntry entry))
        {
            CastMember member = Meet(entry.Member);
            if (entry.Kind == PresenceKind.Present)
            {
                (member.Name, member.Slot) = (Encoding.UTF8.GetString(entry.NameUtf8), entry.Slot);
                member.IsThereAtStart &= !isChange;
            }
        }
    }

    private CastMember Meet(uint id)
    {
        if (!_members.TryGetValue(id, out CastMember? member))
        {
            _members.Add(id, member = new CastMember(id) { IsThereAtStart = !(_gapSeen && _snapshotSeen) });
        }

        return member;
    }
}
