using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>TransformUpdate (§8.3) and TransformBatch (§8.4): round trips with removals and extensions, and what an entity costs.</summary>
public class TransformFramesTests
{
    private static readonly Gen<TransformExtension> Extensions =
        from flags in Gen.Choose(0, 7)
        from velocity in Gen.Choose(short.MinValue, short.MaxValue).Three()
        from scale in Gen.Choose(1, 100_000_000)
        select new TransformExtension
        {
            Flags = (TransformFlags)flags,
            VelocityX = (flags & 2) == 0 ? (short)0 : (short)velocity.Item1,
            VelocityY = (flags & 2) == 0 ? (short)0 : (short)velocity.Item2,
            VelocityZ = (flags & 2) == 0 ? (short)0 : (short)velocity.Item3,
            Scale = (flags & 4) == 0 ? 0 : scale / 10_000f,
        };

    /// <summary>Rising slots, close together or far apart, sometimes up to the very last.</summary>
    private static readonly Gen<uint[]> Slots =
        from count in Gen.Choose(0, 40)
        from slots in Gen.OneOf(Gen.Choose(0, 60).Select(value => (uint)value), Properties.UInt32).ArrayOf(count)
        select slots.Distinct().Order().ToArray();

    private static Gen<(RoomSpace Space, TransformUpdateEntry[] Entries)> Updates { get; } =
        from space in RoomSpaceTests.Spaces
        from slots in Slots
        from generations in Properties.Byte.ArrayOf(slots.Length)
        from values in ValuesIn(space, slots.Length)
        from extensions in Extensions.ArrayOf(slots.Length)
        select (space, slots.Select((slot, i) => new TransformUpdateEntry(
            slot, generations[i], values[i].WithPrefix(values[i].Age, extensions[i].Flags != 0), extensions[i])).ToArray());

    [Fact]
    public void Update_round_trips() => Properties.ForAll(Updates.Where(given => given.Entries.Length > 0), given =>
    {
        (RoomSpace space, TransformUpdateEntry[] entries) = given;
        byte[] frame = new byte[TransformUpdate.MaxSize(entries.Length)];
        var writer = new TransformUpdateWriter(frame, space, entries.Length);
        foreach (TransformUpdateEntry entry in entries)
        {
            writer.Add(entry);
        }

        int size = writer.Finish();
        Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(frame.AsSpan(0, size), FrameHeader.MaxBodyLength, out FrameHeader header));
        Assert.Equal((FrameType.TransformUpdate, size - FrameHeader.Size), (header.Type, header.BodyLength));
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(frame.AsSpan(FrameHeader.Size, header.BodyLength), space, out TransformUpdate read));
        Assert.Equal(entries.Length, read.Count);
        foreach (TransformUpdateEntry entry in entries)
        {
            Assert.True(read.TryReadEntry(out TransformUpdateEntry got));
            Assert.Equal(entry, got);
        }

        Assert.False(read.TryReadEntry(out _));
    });

    [Fact]
    public void Batch_round_trips() => Properties.ForAll(
        from update in Updates
        from removals in Slots
        from version in Properties.UInt64.Two()
        from millis in Properties.UInt32
        from flags in Gen.Choose(0, 1)
        select (update.Space, update.Entries, removals, version, millis, (BatchFlags)flags),
        given =>
        {
            (RoomSpace space, TransformUpdateEntry[] entries, uint[] removals, (ulong version, ulong presupposes), uint millis, BatchFlags flags) = given;
            int extended = entries.Count(entry => entry.Value.HasExtension);
            byte[] frame = new byte[TransformBatchWriter.MaxSize(removals.Length, entries.Length - extended, extended, space)];
            var writer = new TransformBatchWriter(frame, space, flags, version, presupposes, millis, removals.Length);
            foreach (uint slot in removals)
            {
                writer.AddRemoval(slot);
            }

            writer.BeginEntries(entries.Length);
            foreach (TransformUpdateEntry entry in entries)
            {
                if (entry.Value.HasExtension)
                {
                    writer.Add(entry.Slot, entry.Value, entry.Extension);
                }
                else
                {
                    writer.Add(entry.Slot, entry.Value);
                }
            }

            int size = writer.Finish();
            Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(frame.AsSpan(0, size), FrameHeader.MaxBodyLength, out FrameHeader header));
            Assert.Equal((FrameType.TransformBatch, size - FrameHeader.Size), (header.Type, header.BodyLength));
            Assert.Equal(ReadStatus.Ok, TransformBatch.TryRead(frame.AsSpan(FrameHeader.Size, header.BodyLength), space, out TransformBatch read));
            Assert.Equal((flags, version, presupposes, millis), (read.Flags, read.Version, read.Presupposes, read.ServerMillis));
            Assert.Equal(removals.Length, read.RemovalCount);
            foreach (uint slot in removals)
            {
                Assert.True(read.TryReadRemoval(out uint got));
                Assert.Equal(slot, got);
            }

            Assert.False(read.TryReadRemoval(out _));
            Assert.Equal(entries.Length, read.Count);
            foreach (TransformUpdateEntry entry in entries)
            {
                Assert.True(read.TryReadEntry(out TransformBatchEntry got));
                Assert.Equal(new TransformBatchEntry(entry.Slot, entry.Value, entry.Extension), got);
            }

            Assert.False(read.TryReadEntry(out _));
            Assert.Equal(ReadStatus.Ok, read.Finish());
        });

    [Theory]
    [InlineData(131.072, 12)]
    [InlineData(1_000, 14)]
    public void Entity_in_a_batch_takes_the_bytes_that_the_design_allows(double side, int bytes)
    {
        RoomSpace space = RoomSpace.Create(0, 0, 0, side, side, side, 0.001);
        int few = BatchSize(space, 10);
        int many = BatchSize(space, 110);
        Assert.Equal(100 * bytes, many - few);
    }

    [Fact]
    public void Slot_deltas_that_run_past_the_last_slot_are_refused()
    {
        byte[] record = new byte[RoomSpace.Default.RecordSize];

        // Delta 0xFFFFFFFF is the last slot; one more entry has nowhere to be.
        byte[] last = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];
        Assert.Equal(ReadStatus.Ok, ReadBatch([0, 0, 0, 0, 0, 0, 0, 0, 1, .. last, .. record]));
        Assert.Equal(ReadStatus.BadInteger, ReadBatch([0, 0, 0, 0, 0, 0, 0, 0, 2, .. last, .. record, 0, .. record]));
        Assert.Equal(ReadStatus.BadInteger, ReadBatch([0, 0, 0, 0, 0, 0, 0, 0, 2, 5, .. record, .. last, .. record]));
        Assert.Equal(ReadStatus.BadInteger, ReadBatch([0, 0, 0, 0, 0, 0, 0, 2, .. last, 0, 0]));
    }

    [Fact]
    public void Update_without_entries_is_refused()
    {
        Assert.Equal(ReadStatus.BadValue, TransformUpdate.TryRead([0], RoomSpace.Default, out _));
    }

    [Fact]
    public void Flags_without_a_meaning_are_refused()
    {
        byte[] extended = [1, .. new byte[RoomSpace.Default.RecordSize - 1]];
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead([1, 3, 1, .. extended, 1], RoomSpace.Default, out _));
        Assert.Equal(ReadStatus.BadValue, TransformUpdate.TryRead([1, 3, 1, .. extended, 8], RoomSpace.Default, out _));
        Assert.Equal(ReadStatus.BadValue, ReadBatch([2, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public void Update_writer_with_too_little_room_or_too_few_entries_writes_nothing()
    {
        var entry = new TransformUpdateEntry(3, 1, default, default);
        byte[] frame = new byte[TransformUpdate.MaxSize(1)];
        int size = TransformUpdate.WriteSingle(frame, RoomSpace.Default, entry);
        Assert.Equal(FrameHeader.Size + 1 + 1 + 1 + 11, size);
        for (int room = 0; room < size; room++)
        {
            Assert.Equal(0, TransformUpdate.WriteSingle(new byte[room], RoomSpace.Default, entry));
        }

        Assert.Equal(size, TransformUpdate.WriteSingle(new byte[size], RoomSpace.Default, entry));
        var missing = new TransformUpdateWriter(frame, RoomSpace.Default, 2);
        missing.Add(entry);
        Assert.Equal(0, missing.Finish());
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(15u, 15u)]
    [InlineData(16u, 15u)]
    [InlineData(uint.MaxValue, 15u)]
    public void Age_beyond_four_bits_is_fifteen(uint age, uint expected)
    {
        PackedTransform value = RoomSpace.Default.Pack(1, 2, 3, 4);
        Assert.Equal(expected, value.WithPrefix(age, false).Age);
        Assert.Equal(value, value.WithPrefix(age, true).WithoutPrefix());
    }

    private static ReadStatus ReadBatch(byte[] body) => TransformBatch.TryRead(body, RoomSpace.Default, out _);

    private static Gen<PackedTransform[]> ValuesIn(RoomSpace space, int count) =>
        (from x in Gen.Choose(0, (int)space.StepsX - 1)
         from y in Gen.Choose(0, (int)space.StepsY - 1)
         from z in Gen.Choose(0, (int)space.StepsZ - 1)
         from rotation in Properties.UInt32
         from age in Gen.Choose(0, 15)
         select space.Pack((uint)x, (uint)y, (uint)z, rotation).WithPrefix((uint)age, false)).ArrayOf(count);

    private static int BatchSize(RoomSpace space, int entities)
    {
        byte[] frame = new byte[TransformBatchWriter.MaxSize(0, entities, 0, space)];
        var writer = new TransformBatchWriter(frame, space, BatchFlags.None, 1, 1, 1, 0);
        writer.BeginEntries(entities);
        for (uint slot = 0; slot < entities; slot++)
        {
            writer.Add(slot, space.Pack(space.StepsX - 1, space.StepsY - 1, space.StepsZ - 1, uint.MaxValue));
        }

        return writer.Finish();
    }
}
