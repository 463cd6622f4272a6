using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms.Recording;

/// <summary>
/// The last moments of a room, always: what its members asked for, as it was applied, and what the room told, once for all receivers. A
/// ring of bytes in which the newest records overwrite the oldest; copying some dozens of bytes for each frame is all it costs. Joins are
/// not in it (they carry tickets): presence tells who came. One thread, the shard's. protocol-spec.md §12.
/// </summary>
internal sealed class FlightRecorder
{
    private const int FirstSize = 4096;

    private readonly int _maxBytes;
    private byte[] _ring = [];
    private long _tail;
    private long _head;

    /// <summary>Makes an empty recorder.</summary>
    /// <param name="maxBytes">What it keeps; a power of two.</param>
    public FlightRecorder(int maxBytes) => _maxBytes = maxBytes;

    /// <summary>How many bytes were ever written: where the next record will begin.</summary>
    public long Head => _head;

    /// <summary>Where the oldest record that is kept begins.</summary>
    public long Tail => _tail;

    /// <summary>A member moved something.</summary>
    public void Moved(long now, uint member, in TransformUpdateEntry entry, RoomSpace space)
    {
        Span<byte> frame = stackalloc byte[TransformUpdate.MaxSize(1)];
        int length = TransformUpdate.WriteSingle(frame, space, entry);
        Add(now, RecordKind.In, member, default, frame[..length]);
    }

    /// <summary>A member asked for something.</summary>
    public void In(long now, uint member, FrameType type, ReadOnlySpan<byte> body)
    {
        Span<byte> header = stackalloc byte[FrameHeader.Size];
        new FrameHeader(type, body.Length).Write(header);
        Add(now, RecordKind.In, member, header, body);
    }

    /// <summary>A member sent an event.</summary>
    public void In(long now, uint member, in Command command)
    {
        ReadOnlySpan<byte> payload = command.Payload!.Frames;
        Span<byte> start = stackalloc byte[64];
        var writer = new FrameWriter(start);
        new SendEvent
        {
            Sequence = command.Sequence,
            Audience = command.Audience,
            Member = command.Member,
            Roles = command.Roles,
            Radius = command.Radius,
            Kind = command.EventKind,
        }.Write(ref writer);

        // The payload is the rest of the body: it needs no copy of its own, only a header that counts it.
        new FrameHeader(FrameType.SendEvent, writer.Written - FrameHeader.Size + payload.Length).Write(start);
        Add(now, RecordKind.In, member, start[..writer.Written], payload);
    }

    /// <summary>The room told something.</summary>
    /// <param name="now">When, in microseconds.</param>
    /// <param name="member">The one that it is for; 0 for all or some.</param>
    /// <param name="frames">Whole frames.</param>
    public void Out(long now, uint member, ReadOnlySpan<byte> frames) => Add(now, RecordKind.Out, member, default, frames);

    /// <summary>Copies what was recorded after a position.</summary>
    /// <param name="position">Where a record begins, or one that was overwritten since.</param>
    /// <param name="isComplete">Whether nothing in between was overwritten.</param>
    /// <returns>Whole records up to <see cref="Head"/>.</returns>
    public byte[] CopyFrom(long position, out bool isComplete)
    {
        isComplete = position >= _tail;
        long from = Math.Max(position, _tail);
        byte[] copy = new byte[_head - from];
        Read(from, copy);
        return copy;
    }

    private void Add(long now, RecordKind kind, uint member, ReadOnlySpan<byte> header, ReadOnlySpan<byte> rest)
    {
        Span<byte> start = stackalloc byte[Record.MaxOverhead];
        var writer = new FrameWriter(start);
        writer.WriteUInt64((ulong)now);
        writer.WriteByte((byte)kind);
        writer.WriteVarint(member);
        writer.WriteVarint((ulong)(header.Length + rest.Length));
        int size = writer.Written + header.Length + rest.Length;
        if (size > _maxBytes / 2)
        {
            // Larger than what it may displace: the gap in the numbers of the room tells.
            return;
        }

        MakeRoom(size);
        Write(start[..writer.Written]);
        Write(header);
        Write(rest);
    }

    private void MakeRoom(int size)
    {
        while (_head + size - _tail > _ring.Length)
        {
            if (_ring.Length < _maxBytes)
            {
                // Each step to four times the size: busy rooms are at the full one after seconds.
                Grow();
            }
            else
            {
                DropOldest();
            }
        }
    }

    private void Grow()
    {
        byte[] smaller = _ring;
        _ring = new byte[Math.Min(_maxBytes, Math.Max(FirstSize, smaller.Length * 4))];
        for (long at = _tail; at < _head;)
        {
            // As far as neither of the two wraps.
            int from = (int)(at & (smaller.Length - 1));
            int to = (int)(at & (_ring.Length - 1));
            int length = (int)Math.Min(_head - at, Math.Min(smaller.Length - from, _ring.Length - to));
            smaller.AsSpan(from, length).CopyTo(_ring.AsSpan(to));
            at += length;
        }
    }

    private void DropOldest()
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(Record.MaxOverhead, _head - _tail)];
        Read(_tail, start);
        var reader = new BodyReader(start);
        reader.Take(8 + 1);
        reader.ReadVarint32();
        uint length = reader.ReadVarint32();
        _tail += reader.Position + length;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        int at = (int)(_head & (_ring.Length - 1));
        int first = Math.Min(bytes.Length, _ring.Length - at);
        bytes[..first].CopyTo(_ring.AsSpan(at));
        bytes[first..].CopyTo(_ring);
        _head += bytes.Length;
    }

    private void Read(long from, Span<byte> into)
    {
        if (into.IsEmpty)
        {
            return;
        }

        int at = (int)(from & (_ring.Length - 1));
        int first = Math.Min(into.Length, _ring.Length - at);
        _ring.AsSpan(at, first).CopyTo(into);
        _ring.AsSpan(0, into.Length - first).CopyTo(into[first..]);
    }
}
