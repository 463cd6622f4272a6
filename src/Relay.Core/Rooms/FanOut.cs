using Relay.Protocol.Buffers;

namespace Relay.Core.Rooms;

/// <summary>
/// Tells every receiver of a room what it has not been told: replies first, then reliable messages, then what moved. A receiver whose
/// last write has not gone gets nothing; the others never wait for it. What is sent is a function of (cursor, position) alone, so
/// receivers that have the same share the same bytes.
/// </summary>
internal sealed class FanOut
{
    /// <summary>
    /// Bytes of reliable messages after which one transmission ends: what a connection holds that does not read is bounded by this and
    /// one batch.
    /// </summary>
    private const int MaxReliableBytes = 64 * 1024;

    private readonly Room _room;
    private readonly ShardStats _stats;
    private readonly EncodingCache _batches;
    private readonly EncodingCache _reliable;
    private long _written;
    private long _bytes;
    private SharedBuffer? _fullSet;
    private RoomSnapshot? _snapshot;

    public FanOut(Room room, ShardStats stats)
    {
        _room = room;
        _stats = stats;
        _batches = new EncodingCache(room.Options.MaxCursorGroups);
        _reliable = new EncodingCache(room.Options.MaxCursorGroups);
    }

    public void Run(long now, bool withBatch)
    {
        if (withBatch)
        {
            _room.Slots.Advance();
        }

        bool laggards = false;
        long conflated = 0;
        (_written, _bytes) = (0, 0);
        ulong version = _room.Slots.Version;
        List<Receiver> receivers = _room.Receivers;
        for (int i = 0; i < receivers.Count; i++)
        {
            Receiver receiver = receivers[i];
            Outlet outlet = receiver.Connection.Outlet;
            if (!outlet.IsReady)
            {
                // Nobody to wait for: who is away is told everything when they come back.
                conflated += withBatch && !receiver.Connection.IsAway ? 1 : 0;
                laggards |= !receiver.Connection.IsAway;
                continue;
            }

            bool wrote = receiver.Connection.WriteReplies();
            if (outlet.OwesControl)
            {
                outlet.WriteControl();
                wrote = true;
            }

            // Reliable first: a batch presupposes everything that was said before it.
            bool current = WriteReliable(receiver, ref wrote);
            if (current && withBatch && receiver.Cursor != version)
            {
                SharedBuffer batch = receiver.Hidden is null ? BatchFor(receiver.Cursor, now) : BatchForOne(receiver, now);
                outlet.Write(batch);
                Count(batch);
                if (receiver.Hidden is not null)
                {
                    batch.Release();
                }

                receiver.Cursor = version;
                wrote = true;
            }

            laggards |= !current || receiver.Cursor != version;
            if (wrote)
            {
                receiver.Connection.BlockedSince = 0;
                outlet.Flush();
            }
        }

        _room.HasLaggards = laggards;
        Tally(conflated);
        Forget();
    }

    /// <summary>Fixes for some receivers that are new what "who is here" means: as of now.</summary>
    public void CutSnapshotFor(List<Receiver> newcomers)
    {
        RoomSnapshot snapshot = RoomSnapshot.Encode(_room);
        foreach (Receiver newcomer in newcomers)
        {
            Give(newcomer, snapshot);
        }

        snapshot.Release();
    }

    /// <summary>Writes reliable messages, or a snapshot, up to the bound of one transmission.</summary>
    /// <returns>Whether the receiver now has everything up to the ring's head.</returns>
    private bool WriteReliable(Receiver receiver, ref bool wrote)
    {
        int budget = MaxReliableBytes;
        if (receiver.NeedsSnapshot || !_room.Ring.Holds(receiver.Position))
        {
            BeginSnapshot(receiver);
        }

        if (receiver.Snapshot is not null && !WriteSnapshot(receiver, ref budget, ref wrote))
        {
            return false;
        }

        ulong head = _room.Ring.Head;
        while (receiver.Position < head && budget > 0)
        {
            EncodingCache.Entry entry = receiver.LastException > receiver.Position
                ? EncodeRange(receiver.Position, receiver.Member)
                : RangeFor(receiver.Position);
            receiver.Position = entry.To;
            if (entry.Buffer is { } buffer)
            {
                Write(receiver, buffer, ref budget, ref wrote);
                if (receiver.LastException > entry.From)
                {
                    buffer.Release();
                }
            }
        }

        return receiver.Position == head;
    }

    private void BeginSnapshot(Receiver receiver)
    {
        if (receiver.Snapshot is { } unfinished)
        {
            // Still being sent and already overtaken: what comes after it would not follow on. Begin again with the present.
            if (_room.Ring.Holds(unfinished.Sequence))
            {
                return;
            }

            receiver.DropSnapshot();
        }

        Give(receiver, _snapshot ??= RoomSnapshot.Encode(_room));
    }

    private void Give(Receiver receiver, RoomSnapshot snapshot)
    {
        snapshot.Retain();
        _stats.Snapshots++;
        receiver.Snapshot = snapshot;
        receiver.PrivateParts = snapshot.EncodePrivateParts(receiver.Member);
        receiver.NextPart = 0;
        receiver.NeedsSnapshot = true;
    }

    private bool WriteSnapshot(Receiver receiver, ref int budget, ref bool wrote)
    {
        RoomSnapshot snapshot = receiver.Snapshot!;
        while (receiver.NextPart < snapshot.PartCount && budget > 0)
        {
            if (receiver.NextPart == snapshot.LastPart && receiver.PrivateParts is { } own && own.TryDequeue(out SharedBuffer? part))
            {
                Write(receiver, part, ref budget, ref wrote);
                part.Release();
                continue;
            }

            Write(receiver, snapshot[receiver.NextPart++], ref budget, ref wrote);
        }

        if (receiver.NextPart < snapshot.PartCount)
        {
            return false;
        }

        receiver.Position = snapshot.Sequence;
        receiver.NeedsSnapshot = false;
        receiver.Snapshot = null;
        snapshot.Release();
        return true;
    }

    private void Write(Receiver receiver, SharedBuffer buffer, ref int budget, ref bool wrote)
    {
        receiver.Connection.Outlet.Write(buffer);
        Count(buffer);
        budget -= buffer.Length;
        wrote = true;
    }

    private void Count(SharedBuffer buffer)
    {
        _written++;
        _bytes += buffer.Length;
    }

    /// <summary>Adds what this run did to the figures of the shard and of the room: once a run, not once a receiver.</summary>
    private void Tally(long conflated)
    {
        RoomStats room = _room.Stats;
        (room.TransmissionsOut, room.BytesOut, room.Conflated) =
            (room.TransmissionsOut + _written, room.BytesOut + _bytes, room.Conflated + conflated);
        _stats.TransmissionsOut += _written;
        _stats.BytesOut += _bytes;
        _stats.Conflated += conflated;
    }

    private EncodingCache.Entry RangeFor(ulong position)
    {
        if (_reliable.TryGet(position, out EncodingCache.Entry entry))
        {
            return entry;
        }

        if (!_reliable.HasRoom)
        {
            _reliable.Clear();
        }

        entry = EncodeRange(position, member: 0);
        _reliable.Add(entry);
        return entry;
    }

    /// <summary>Joins the frames after a position into one buffer: those for one member, or, for member 0, those that are for everybody
    /// but their exceptions.</summary>
    private EncodingCache.Entry EncodeRange(ulong position, uint member)
    {
        ReliableRing ring = _room.Ring;
        int size = 0;
        ulong to = position;
        while (to < ring.Head && size < MaxReliableBytes)
        {
            ref readonly ReliableMessage message = ref ring[++to];
            size += IsFor(message, member) ? message.Frame.Length : 0;
        }

        if (size == 0)
        {
            return new EncodingCache.Entry(position, to, null);
        }

        SharedBuffer buffer = _room.Pool.Rent(size);
        int written = 0;
        for (ulong sequence = position + 1; sequence <= to; sequence++)
        {
            ref readonly ReliableMessage message = ref ring[sequence];
            if (IsFor(message, member))
            {
                message.Frame.Frames.CopyTo(buffer.Writable[written..]);
                written += message.Frame.Length;
            }
        }

        buffer.Seal(written);
        return new EncodingCache.Entry(position, to, buffer);

        static bool IsFor(in ReliableMessage message, uint member) => member == 0 ? message.IsShared : message.IsFor(member);
    }

    private SharedBuffer BatchFor(ulong cursor, long now)
    {
        if (_batches.TryGet(cursor, out EncodingCache.Entry entry))
        {
            return entry.Buffer!;
        }

        SlotTable slots = _room.Slots;
        if (!slots.CanAnswer(cursor) || !_batches.HasRoom)
        {
            return _fullSet ??= slots.Encode(0, _room.Ring.Head, now, _room.Pool);
        }

        SharedBuffer buffer = slots.Encode(cursor, _room.Ring.Head, now, _room.Pool);
        if (cursor == slots.Version - 1)
        {
            // What those get who are up to date: the others' batches tell nothing that was not in one of these.
            _room.Recorder?.Out(now, 0, buffer.Frames);
        }

        _batches.Add(new EncodingCache.Entry(cursor, slots.Version, buffer));
        return buffer;
    }

    /// <summary>For a receiver that is not to see everything.</summary>
    private SharedBuffer BatchForOne(Receiver receiver, long now) =>
        _room.Slots.Encode(receiver.Cursor, _room.Ring.Head, now, _room.Pool, receiver.Hidden);

    private void Forget()
    {
        _batches.Clear();
        _reliable.Clear();
        _fullSet?.Release();
        _fullSet = null;
        _snapshot?.Release();
        _snapshot = null;
    }
}
