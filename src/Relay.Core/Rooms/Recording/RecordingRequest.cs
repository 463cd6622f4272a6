using Relay.Protocol.Buffers;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;

namespace Relay.Core.Rooms.Recording;

/// <summary>To a room's shard: give what was recorded. The first answer is the header, what the recorder still had, and the room as it is
/// now; those after it go on where the one before ended.</summary>
internal sealed class RecordingRequest : ShardMessage
{
    private readonly string _room;
    private readonly ulong _startedMillis;
    private readonly Position? _after;
    private readonly TaskCompletionSource<Answer?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes a request.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="startedMillis">The time of day, in milliseconds since 1970.</param>
    /// <param name="after">Where the answer before ended; null for the first.</param>
    public RecordingRequest(string room, ulong startedMillis, Position? after)
    {
        _room = room;
        _startedMillis = startedMillis;
        _after = after;
    }

    /// <summary>Null when there is no such room, or no longer that one, or it does not record.</summary>
    public Task<Answer?> Done => _answer.Task;

    public override void Handle(Shard shard)
    {
        if (shard.FindRoom(_room) is not { Recorder: { } recorder } room || (_after is { } before && before.Epoch != room.Epoch))
        {
            _answer.TrySetResult(null);
            return;
        }

        byte[] records = recorder.CopyFrom(_after?.Offset ?? recorder.Tail, out bool isComplete);
        byte[] gap = isComplete ? [] : Gap(shard.Now);
        byte[] bytes = _after is null ? [.. Header(room, shard.Now), .. records, .. Snapshot(room, shard.Now)] : [.. gap, .. records];
        _answer.TrySetResult(new Answer(bytes, new Position(room.Epoch, recorder.Head)));
    }

    private static byte[] Gap(long now)
    {
        byte[] bytes = new byte[Record.MaxOverhead];
        var writer = new FrameWriter(bytes);
        new Record { Time = (ulong)now, Kind = RecordKind.Gap }.Write(ref writer);
        return bytes[..writer.Written];
    }

    private byte[] Header(Room room, long now)
    {
        byte[] bytes = new byte[RecordingHeader.MaxSize];
        var writer = new FrameWriter(bytes);
        new RecordingHeader
        {
            RoomUtf8 = room.NameUtf8,
            Epoch = room.Epoch,
            StartedMillis = _startedMillis,
            Clock = (ulong)now,
            Space = room.Space,
            TickMicros = (uint)room.TickMicros,
            AgeUnitMicros = room.AgeUnitMicros,
        }.Write(ref writer);
        return bytes[..writer.Written];
    }

    /// <summary>The room as it is now.</summary>
    private static byte[] Snapshot(Room room, long now)
    {
        var all = new List<byte>();
        RoomSnapshot snapshot = RoomSnapshot.Encode(room);
        for (int i = 0; i < snapshot.PartCount; i++)
        {
            Add(all, now, snapshot[i]);
        }

        snapshot.Release();
        room.Slots.Advance();
        room.HasLaggards = true;
        SharedBuffer places = room.Slots.Encode(0, room.Ring.Head, now, room.Pool);
        Add(all, now, places);
        places.Release();
        return [.. all];
    }

    private static void Add(List<byte> all, long now, SharedBuffer frames)
    {
        byte[] bytes = new byte[Record.MaxOverhead + frames.Length];
        var writer = new FrameWriter(bytes);
        new Record { Time = (ulong)now, Kind = RecordKind.Snapshot, Frames = frames.Frames }.Write(ref writer);
        all.AddRange(bytes.AsSpan(0, writer.Written));
    }

    /// <summary>Where a recording has got to.</summary>
    internal readonly record struct Position(ulong Epoch, long Offset);

    /// <summary>Some bytes of a recording, and where the next begin.</summary>
    internal sealed record Answer(byte[] Bytes, Position Next);
}
