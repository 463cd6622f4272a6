using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms;

/// <summary>
/// Who is in a room, cut at a declared (epoch, sequence, version) and encoded once, in parts, for every receiver that needs it then.
/// Counted references, one thread.
/// </summary>
internal sealed class PresenceSnapshot
{
    /// <summary>The most bytes of a part's body: a receiver with the smallest limits takes it.</summary>
    private const int MaxPart = 8 * 1024;

    private readonly List<SharedBuffer> _parts = [];
    private int _references = 1;

    private PresenceSnapshot(ulong sequence) => Sequence = sequence;

    /// <summary>The last reliable sequence that it includes.</summary>
    public ulong Sequence { get; }

    /// <summary>How many parts, at least 1.</summary>
    public int PartCount => _parts.Count;

    /// <summary>A part: one frame.</summary>
    public SharedBuffer this[int part] => _parts[part];

    /// <summary>Encodes a snapshot.</summary>
    public static PresenceSnapshot Encode(
        IReadOnlyList<Member> members, ulong epoch, ulong sequence, ulong version, SharedBufferPool pool)
    {
        var snapshot = new PresenceSnapshot(sequence);
        int next = 0;
        do
        {
            int first = next;
            int size = 0;
            while (next < members.Count && size + EntrySize(members[next]) <= MaxPart)
            {
                size += EntrySize(members[next++]);
            }

            PresenceFlags part = (first == 0 ? PresenceFlags.First : 0) | (next == members.Count ? PresenceFlags.Last : 0);
            SharedBuffer buffer = pool.Rent(FrameHeader.Size + 1 + 10 + 8 + 10 + 5 + size);
            var writer = new FrameWriter(buffer.Writable);
            Presence.BeginSnapshotPart(ref writer, part, epoch, sequence, version, next - first);
            for (int i = first; i < next; i++)
            {
                Member member = members[i];
                new PresenceEntry
                {
                    Kind = PresenceKind.Present,
                    Member = member.Id,
                    Slot = (uint)member.Slot,
                    Generation = member.Generation,
                    NameUtf8 = member.NameUtf8,
                }.Write(ref writer);
            }

            writer.EndFrame(FrameType.Presence);
            buffer.Seal(writer.Written);
            snapshot._parts.Add(buffer);
        }
        while (next < members.Count);

        return snapshot;
    }

    public void Retain() => _references++;

    public void Release()
    {
        if (--_references > 0)
        {
            return;
        }

        foreach (SharedBuffer part in _parts)
        {
            part.Release();
        }

        _parts.Clear();
    }

    private static int EntrySize(Member member) => 1 + 5 + 5 + 1 + 1 + member.NameUtf8.Length;
}
