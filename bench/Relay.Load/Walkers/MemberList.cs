using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.Walkers;

/// <summary>
/// Who is in the room as one client was told; counts what cannot be: an arrival of somebody present, a departure of somebody absent, a
/// sequence that falls.
/// </summary>
internal sealed class MemberList
{
    private readonly HashSet<uint> _members = [];
    private ulong _sequence;

    /// <summary>What was told wrongly so far.</summary>
    public int Errors { get; private set; }

    public int Count
    {
        get
        {
            lock (_members)
            {
                return _members.Count;
            }
        }
    }

    public bool Contains(uint member)
    {
        lock (_members)
        {
            return _members.Contains(member);
        }
    }

    public ReadStatus Apply(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Presence.TryRead(body, out Presence presence);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        lock (_members)
        {
            bool snapshot = (presence.Flags & PresenceFlags.Snapshot) != 0;
            if ((presence.Flags & PresenceFlags.First) != 0)
            {
                _members.Clear();
            }

            if (!snapshot && presence.Sequence <= _sequence)
            {
                Errors++;
            }

            _sequence = presence.Sequence;
            while (presence.TryReadEntry(out PresenceEntry entry))
            {
                bool fits = entry.Kind == PresenceKind.Present ? _members.Add(entry.Member) : _members.Remove(entry.Member);
                Errors += fits ? 0 : 1;
            }
        }

        return status;
    }
}
