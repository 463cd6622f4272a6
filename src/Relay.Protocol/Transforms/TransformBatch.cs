using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Transforms;

/// <summary>The flags byte of a <see cref="TransformBatch"/>. protocol-spec.md §8.4.</summary>
[Flags]
public enum BatchFlags : byte
{
    /// <summary>Changes since the receiver's cursor.</summary>
    None = 0,

    /// <summary>The full set: forget every transform known so far.</summary>
    Reset = 1,
}

/// <summary>One entity in a <see cref="TransformBatch"/>.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Value">The packed transform, prefix included.</param>
/// <param name="Extension">What follows the record; default when nothing does.</param>
public readonly record struct TransformBatchEntry(uint Slot, PackedTransform Value, TransformExtension Extension);

/// <summary>
/// Server → client: what changed since the receiver last looked. protocol-spec.md §8.4. Read the frame with <see cref="TryRead"/>, then
/// all removals with <see cref="TryReadRemoval"/>, then the entries with <see cref="TryReadEntry"/>. Nothing is allocated.
/// </summary>
/// <remarks>
/// Body: <c>u8 flags | varint version | varint presupposes | u32 serverMillis | varint removals | removals × varint slotDelta | varint
/// count | count × (varint slotDelta | record | [extension])</c>. A slot delta is the slot minus the one before minus 1; both lists start
/// at −1.
/// </remarks>
public ref struct TransformBatch
{
    private readonly RoomSpace _space;
    private BodyReader _reader;
    private int _removalsLeft;
    private int _entriesLeft;
    private ulong _nextSlot;

    private TransformBatch(BodyReader reader, RoomSpace space)
    {
        this = default;
        _reader = reader;
        _space = space;
    }

    /// <summary>Full set or changes.</summary>
    public BatchFlags Flags { get; private set; }

    /// <summary>The room's version up to which the receiver is now complete: its new cursor.</summary>
    public ulong Version { get; private set; }

    /// <summary>The room sequence of the last reliable message that the batch presupposes; it has arrived before.</summary>
    public ulong Presupposes { get; private set; }

    /// <summary>The server's clock when the batch was made, in milliseconds, modulo 2^32. A sample's time is this minus its age.</summary>
    public uint ServerMillis { get; private set; }

    /// <summary>How many slots have no transform any more.</summary>
    public int RemovalCount { get; private set; }

    /// <summary>How many entries follow the removals; known once the removals have been read.</summary>
    public int Count { get; private set; }

    /// <summary>Reads a body: checks it whole, then stands before the first removal.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="space">The room's measures, from Joined.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, RoomSpace space, out TransformBatch message)
    {
        ReadStatus status = TryBegin(body, space, out message);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        TransformBatch check = message;
        while (check.TryReadRemoval(out _))
        {
        }

        while (check.TryReadEntry(out _))
        {
        }

        return check._reader.Finish();
    }

    /// <summary>Reads only the fields before the lists. For a receiver that reads every entry anyway: it asks <see cref="Finish"/> at the
    /// end.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="space">The room's measures, from Joined.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryBegin(ReadOnlySpan<byte> body, RoomSpace space, out TransformBatch message)
    {
        message = new TransformBatch(new BodyReader(body), space);
        byte flags = message._reader.ReadByte();
        if (flags > (byte)BatchFlags.Reset)
        {
            message._reader.Fail(ReadStatus.BadValue);
        }

        message.Flags = (BatchFlags)flags;
        message.Version = message._reader.ReadVarint();
        message.Presupposes = message._reader.ReadVarint();
        message.ServerMillis = message._reader.ReadUInt32();
        message.RemovalCount = message._reader.ReadCount(1);
        message._removalsLeft = message.RemovalCount;
        if (message.RemovalCount == 0)
        {
            message.BeginEntries();
        }

        return message._reader.Status;
    }

    /// <summary>Gives the next slot that has no transform any more. Read all of these before the first entry.</summary>
    /// <param name="slot">The slot when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> after the last.</returns>
    public bool TryReadRemoval(out uint slot)
    {
        if (_removalsLeft == 0)
        {
            slot = 0;
            return false;
        }

        slot = ReadSlot();
        if (--_removalsLeft == 0)
        {
            BeginEntries();
        }

        return _reader.Status == ReadStatus.Ok;
    }

    /// <summary>Gives the next entry.</summary>
    /// <param name="entry">The entry when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> after the last, or when the rest of the body is malformed.</returns>
    public bool TryReadEntry(out TransformBatchEntry entry)
    {
        if (_entriesLeft == 0)
        {
            entry = default;
            return false;
        }

        _entriesLeft--;
        uint slot = ReadSlot();
        PackedTransform value = TransformRecord.Read(ref _reader, _space, out TransformExtension extension);
        entry = new TransformBatchEntry(slot, value, extension);
        return _reader.Status == ReadStatus.Ok;
    }

    /// <summary>Ends the body after the last entry.</summary>
    /// <returns>Whether all that was read was well formed and nothing is left over.</returns>
    public ReadStatus Finish() => _reader.Finish();

    private void BeginEntries()
    {
        _nextSlot = 0;
        Count = _reader.ReadCount(1 + _space.RecordSize);
        _entriesLeft = Count;
    }

    private uint ReadSlot()
    {
        // Wider than a slot, so that a delta cannot run past the last slot and begin again at the first.
        ulong slot = _nextSlot + _reader.ReadVarint32();
        if (slot > uint.MaxValue)
        {
            _reader.Fail(ReadStatus.BadInteger);
            return 0;
        }

        _nextSlot = slot + 1;
        return (uint)slot;
    }
}

/// <summary>
/// Writes a <see cref="TransformBatch"/> frame: first the removals, then the entries, both by rising slot. The destination is sized by
/// <see cref="MaxSize"/> beforehand, so nothing is checked byte by byte.
/// </summary>
public ref struct TransformBatchWriter
{
    private readonly Span<byte> _destination;
    private readonly int _recordSize;
    private int _position;
    private uint _nextSlot;

    /// <summary>Begins a frame.</summary>
    /// <param name="destination">At least <see cref="MaxSize"/> bytes.</param>
    /// <param name="space">The room's measures.</param>
    /// <param name="flags">Full set or changes.</param>
    /// <param name="version">The receiver's cursor after this batch.</param>
    /// <param name="presupposes">The room sequence that must have arrived before.</param>
    /// <param name="serverMillis">The server's clock in milliseconds, modulo 2^32.</param>
    /// <param name="removals">How many removals will be added.</param>
    public TransformBatchWriter(
        Span<byte> destination, RoomSpace space, BatchFlags flags, ulong version, ulong presupposes, uint serverMillis, int removals)
    {
        _destination = destination;
        _recordSize = space.RecordSize;
        _nextSlot = 0;
        var head = new FrameWriter(destination);
        head.BeginFrame();
        head.WriteByte((byte)flags);
        head.WriteVarint(version);
        head.WriteVarint(presupposes);
        head.WriteUInt32(serverMillis);
        head.WriteVarint((ulong)removals);
        _position = head.Written;
    }

    /// <summary>The most bytes that a frame takes.</summary>
    /// <param name="removals">How many removals.</param>
    /// <param name="plain">How many entries without an extension.</param>
    /// <param name="extended">How many entries with one.</param>
    /// <param name="space">The room's measures.</param>
    public static int MaxSize(int removals, int plain, int extended, RoomSpace space) =>
        FrameHeader.Size + 1 + 10 + 10 + 4 + 5 + 5 + (removals * 5) + ((plain + extended) * (5 + space.RecordSize)) +
        (extended * TransformExtension.MaxSize) + RoomSpace.MaxRecordSize;

    /// <summary>Adds a removal.</summary>
    /// <param name="slot">Higher than the one before.</param>
    public void AddRemoval(uint slot) => WriteSlot(slot);

    /// <summary>Begins the entries, after all removals.</summary>
    /// <param name="count">How many entries will be added.</param>
    public void BeginEntries(int count)
    {
        _nextSlot = 0;
        WriteVarint((uint)count);
    }

    /// <summary>Adds an entry without an extension.</summary>
    /// <param name="slot">Higher than the one before.</param>
    /// <param name="value">The value, its extension bit clear.</param>
    public void Add(uint slot, in PackedTransform value)
    {
        WriteSlot(slot);
        RoomSpace.WriteRecord(_destination[_position..], value);
        _position += _recordSize;
    }

    /// <summary>Adds an entry with an extension.</summary>
    /// <param name="slot">Higher than the one before.</param>
    /// <param name="value">The value, its extension bit set.</param>
    /// <param name="extension">The extension.</param>
    public void Add(uint slot, in PackedTransform value, in TransformExtension extension)
    {
        Add(slot, value);
        _position += extension.Write(_destination[_position..]);
    }

    /// <summary>Ends the frame.</summary>
    /// <returns>Bytes written.</returns>
    public readonly int Finish()
    {
        new FrameHeader(FrameType.TransformBatch, _position - FrameHeader.Size).Write(_destination);
        return _position;
    }

    private void WriteSlot(uint slot)
    {
        WriteVarint(slot - _nextSlot);
        _nextSlot = slot + 1;
    }

    private void WriteVarint(uint value)
    {
        while (value >= 0x80)
        {
            _destination[_position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _destination[_position++] = (byte)value;
    }
}
