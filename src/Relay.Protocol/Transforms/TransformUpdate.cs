using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;

namespace Relay.Protocol.Transforms;

/// <summary>One entity in a <see cref="TransformUpdate"/>.</summary>
/// <param name="Slot">The slot that the client owns.</param>
/// <param name="Generation">The slot's generation.</param>
/// <param name="Value">The packed transform, prefix included.</param>
/// <param name="Extension">What follows the record; default when nothing does.</param>
public readonly record struct TransformUpdateEntry(uint Slot, byte Generation, PackedTransform Value, TransformExtension Extension);

/// <summary>
/// Client → server: new transforms of slots that the client owns. protocol-spec.md §8.3. Read the frame with <see cref="TryRead"/>, which
/// checks it whole, then the entries with <see cref="TryReadEntry"/>.
/// </summary>
/// <remarks>Body: <c>varint count | count × (varint slot | u8 generation | record | [extension])</c>.</remarks>
public ref struct TransformUpdate
{
    private readonly RoomSpace _space;
    private BodyReader _reader;
    private int _left;

    private TransformUpdate(BodyReader reader, RoomSpace space, int count)
    {
        _reader = reader;
        _space = space;
        _left = count;
        Count = count;
    }

    /// <summary>How many entries the frame has, at least 1.</summary>
    public int Count { get; }

    /// <summary>The most bytes that a frame with so many entries takes.</summary>
    /// <param name="entries">How many entries.</param>
    public static int MaxSize(int entries) =>
        FrameHeader.Size + 5 + (entries * (5 + 1 + RoomSpace.MaxRecordSize + TransformExtension.MaxSize));

    /// <summary>Reads a body: checks that every entry is whole, then stands before the first.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="space">The room's measures, from Joined.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, RoomSpace space, out TransformUpdate message)
    {
        var reader = new BodyReader(body);
        int count = reader.ReadCount(1 + 1 + space.RecordSize);
        if (count == 0)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        message = new TransformUpdate(reader, space, count);
        for (int i = 0; i < count; i++)
        {
            ReadEntry(ref reader, space);
        }

        return reader.Finish();
    }

    /// <summary>Gives the next entry. Bounds, ownership and values are the caller's to check.</summary>
    /// <param name="entry">The entry when the answer is <c>true</c>.</param>
    /// <returns><c>false</c> after the last.</returns>
    public bool TryReadEntry(out TransformUpdateEntry entry)
    {
        if (_left == 0)
        {
            entry = default;
            return false;
        }

        _left--;
        entry = ReadEntry(ref _reader, _space);
        return true;
    }

    /// <summary>Writes a whole frame with one entry: what a client with one avatar sends.</summary>
    /// <param name="destination">At least <see cref="MaxSize"/> of 1.</param>
    /// <param name="space">The room's measures.</param>
    /// <param name="entry">The entry; its extension bit is set from the extension's flags.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteSingle(Span<byte> destination, RoomSpace space, in TransformUpdateEntry entry)
    {
        var writer = new TransformUpdateWriter(destination, space, 1);
        writer.Add(entry);
        return writer.Finish();
    }

    private static TransformUpdateEntry ReadEntry(scoped ref BodyReader reader, RoomSpace space)
    {
        uint slot = reader.ReadVarint32();
        byte generation = reader.ReadByte();
        PackedTransform value = TransformRecord.Read(ref reader, space, out TransformExtension extension);
        return new TransformUpdateEntry(slot, generation, value, extension);
    }
}

/// <summary>Writes a <see cref="TransformUpdate"/> frame entry by entry.</summary>
public ref struct TransformUpdateWriter
{
    private readonly RoomSpace _space;
    private readonly int _count;
    private FrameWriter _writer;
    private int _added;

    /// <summary>Begins a frame.</summary>
    /// <param name="destination">At least <see cref="TransformUpdate.MaxSize"/> of <paramref name="count"/> bytes.</param>
    /// <param name="space">The room's measures.</param>
    /// <param name="count">How many entries will be added, at least 1.</param>
    public TransformUpdateWriter(Span<byte> destination, RoomSpace space, int count)
    {
        _space = space;
        _count = count;
        _added = 0;
        _writer = new FrameWriter(destination);
        _writer.BeginFrame();
        _writer.WriteVarint((ulong)count);
    }

    /// <summary>Adds one entry.</summary>
    /// <param name="entry">The entry.</param>
    public void Add(in TransformUpdateEntry entry)
    {
        _writer.WriteVarint(entry.Slot);
        _writer.WriteByte(entry.Generation);
        TransformRecord.Write(ref _writer, _space, entry.Value, entry.Extension);
        _added++;
    }

    /// <summary>Ends the frame.</summary>
    /// <returns>Bytes written; 0 if the destination was too small or fewer entries were added than announced.</returns>
    public int Finish()
    {
        _writer.EndFrame(FrameType.TransformUpdate);
        return _writer.Overflowed || _added != _count ? 0 : _writer.Written;
    }
}
