using System.Text;
using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>Every format of the MessagePack specification at the edges of its range, written and read.</summary>
public class MessagePackFormatTests
{
    [Fact]
    public void Every_format_is_written_in_its_shortest_form_and_read_back()
    {
        foreach ((string prefix, int size, MessagePackTree value) in MessagePackValues.Edges)
        {
            byte[] encoded = value.Encode();
            Assert.Equal(prefix, MessagePackTree.Hex(encoded.AsSpan(0, Math.Min(encoded.Length, prefix.Length / 2))));
            Assert.Equal(size, encoded.Length);
            var reader = new MessagePackReader(encoded);
            Assert.Equal(value.Json, MessagePackTree.Read(ref reader)!.Json);
            Assert.Equal(0, reader.Remaining);

            byte[] more = [.. encoded, 0xC1];
            reader = new MessagePackReader(more);
            Assert.Equal(MessagePackStatus.Ok, reader.TrySkip());
            Assert.Equal((size, 1), (reader.Position, reader.Remaining));
            reader = new MessagePackReader(more);
            Assert.Equal(MessagePackStatus.Ok, reader.TryReadRaw(out ReadOnlySpan<byte> raw));
            Assert.True(raw.SequenceEqual(encoded));
            Assert.Equal(MessagePackStatus.Ok, MessagePackValidator.Check(encoded, MessagePackValues.Wide).Status);
        }
    }

    [Fact]
    public void Every_truncation_of_every_format_is_truncated_and_overflows_the_writer()
    {
        foreach ((_, int size, MessagePackTree value) in MessagePackValues.Edges)
        {
            byte[] encoded = value.Encode();
            // Of the large ones, every cut near either end and some in the middle.
            foreach (int length in Enumerable.Range(0, size).Where(length => size < 1_000 || length < 20 || length > size - 20 || length % 9_973 == 0))
            {
                var reader = new MessagePackReader(encoded.AsSpan(0, length));
                Assert.Equal(MessagePackStatus.Truncated, reader.TrySkip());
                Assert.Equal(0, reader.Position);
                MessagePackVerdict verdict = MessagePackValidator.Check(encoded.AsSpan(0, length), MessagePackValues.Wide);
                Assert.Equal((MessagePackStatus.Truncated, (long)length), (verdict.Status, verdict.Limit));
                Assert.InRange(verdict.Measured, length + 1, size);

                var writer = new MessagePackWriter(new byte[length]);
                value.Write(ref writer);
                Assert.True(writer.Overflowed);
                Assert.InRange(writer.Written, 0, length);
            }
        }
    }

    [Fact]
    public void Longer_forms_of_integers_are_read_alike()
    {
        foreach ((string hex, long value) in new (string, long)[]
        {
            ("cc05", 5), ("cd0005", 5), ("ce00000005", 5), ("cf0000000000000005", 5), ("d005", 5), ("d10005", 5), ("d200000005", 5), ("d30000000000000005", 5),
            ("d0ff", -1), ("d1ffff", -1), ("d2ffffffff", -1), ("d3ffffffffffffffff", -1), ("d07f", 127), ("d17fff", 32_767),
        })
        {
            var reader = new MessagePackReader(MessagePackValues.Bytes(hex));
            Assert.Equal(MessagePackStatus.Ok, reader.TryReadInt64(out long signed));
            Assert.Equal((value, 0), (signed, reader.Remaining));
            reader = new MessagePackReader(MessagePackValues.Bytes(hex));
            Assert.Equal(value >= 0 ? MessagePackStatus.Ok : MessagePackStatus.OutOfRange, reader.TryReadUInt64(out ulong unsigned));
            Assert.Equal(value >= 0 ? (ulong)value : 0, unsigned);
            Assert.Equal(value >= 0 ? 0 : hex.Length / 2, reader.Remaining);
        }
    }

    [Fact]
    public void Longer_forms_of_lengths_and_counts_are_read_alike()
    {
        foreach ((string hex, string json) in new[]
        {
            ("d90161", """{"str":"61"}"""), ("da000161", """{"str":"61"}"""), ("db0000000161", """{"str":"61"}"""), ("d900", """{"str":""}"""),
            ("c50001ff", """{"bin":"ff"}"""), ("c600000001ff", """{"bin":"ff"}"""), ("dc0001c0", "[null]"), ("dd00000001c0", "[null]"),
            ("de0001c0c0", """{"map":[[null,null]]}"""), ("df00000001c0c0", """{"map":[[null,null]]}"""), ("c70105ff", """{"ext":[5,"ff"]}"""),
            ("c8000105ff", """{"ext":[5,"ff"]}"""), ("c90000000105ff", """{"ext":[5,"ff"]}"""), ("c704ff00000001", """{"time":["1",0]}"""),
            ("c708ff0000000000000001", """{"time":["1",0]}"""), ("c70cff000000000000000000000001", """{"time":["1",0]}"""),
        })
        {
            byte[] encoded = MessagePackValues.Bytes(hex);
            var reader = new MessagePackReader(encoded);
            Assert.Equal(json, MessagePackTree.Read(ref reader)!.Json);
            Assert.Equal(0, reader.Remaining);
            Assert.Equal(MessagePackStatus.Ok, MessagePackValidator.Check(encoded, MessagePackValues.Wide).Status);
        }
    }

    [Fact]
    public void Integers_that_do_not_fit_are_out_of_range_and_not_consumed()
    {
        var reader = new MessagePackReader(MessagePackValues.Bytes("cf8000000000000000"));
        Assert.Equal(MessagePackStatus.OutOfRange, reader.TryReadInt64(out long signed));
        Assert.Equal((0L, 0), (signed, reader.Position));
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadUInt64(out ulong unsigned));
        Assert.Equal(1UL << 63, unsigned);

        reader = new MessagePackReader([0xFF]);
        Assert.Equal(MessagePackStatus.OutOfRange, reader.TryReadUInt64(out unsigned));
        Assert.Equal((0UL, 0), (unsigned, reader.Position));
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadInt64(out signed));
        Assert.Equal(-1, signed);
    }

    [Fact]
    public void Float_32_widens_and_float_64_does_not_narrow()
    {
        var reader = new MessagePackReader(MessagePackValues.Bytes("ca3fc00000 cb3ff8000000000000 01"));
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadDouble(out double widened));
        Assert.Equal(MessagePackStatus.WrongType, reader.TryReadSingle(out float single));
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadDouble(out double value));
        Assert.Equal((1.5, 0f, 1.5), (widened, single, value));
        Assert.Equal(MessagePackStatus.WrongType, reader.TryReadDouble(out _));
        Assert.Equal(MessagePackStatus.WrongType, reader.TryReadSingle(out _));
        Assert.Equal(1, reader.Remaining);
    }

    [Fact]
    public void Every_first_byte_tells_its_type_and_is_refused_by_readers_of_all_others()
    {
        for (int first = 0; first <= byte.MaxValue; first++)
        {
            // Zeros behind it make any header whole, and all but the largest of the values.
            byte[] input = new byte[40];
            input[0] = (byte)first;
            MessagePackType type = new MessagePackReader(input).PeekType();
            foreach (MessagePackType wanted in Enum.GetValues<MessagePackType>().Where(wanted => wanted > MessagePackType.Invalid))
            {
                var reader = new MessagePackReader(input);
                MessagePackStatus status = ReadAs(wanted, ref reader);
                MessagePackStatus expected = type == MessagePackType.Invalid ? MessagePackStatus.Malformed
                    : type == wanted ? MessagePackStatus.Ok
                    : MessagePackStatus.WrongType;
                Assert.Equal((first, wanted, expected), (first, wanted, status));
                Assert.Equal(status == MessagePackStatus.Ok, reader.Position > 0);

                // Cut behind the first byte, it still is what it is.
                reader = new MessagePackReader(input.AsSpan(0, 1));
                Assert.Equal(type, reader.PeekType());
                Assert.Equal(type is not MessagePackType.Invalid && type != wanted, ReadAs(wanted, ref reader) == MessagePackStatus.WrongType);
            }
        }
    }

    [Fact]
    public void End_of_the_input_is_truncated_for_every_reader()
    {
        foreach (MessagePackType wanted in Enum.GetValues<MessagePackType>().Where(wanted => wanted > MessagePackType.Invalid))
        {
            var reader = new MessagePackReader([]);
            Assert.Equal(MessagePackStatus.Truncated, ReadAs(wanted, ref reader));
        }

        Assert.Equal(MessagePackType.None, new MessagePackReader([]).PeekType());
    }

    [Fact]
    public void Text_from_UTF_16_is_what_the_encoding_makes_of_it()
    {
        foreach (string text in new[]
        {
            "", "a", "é", "字", "😀", "x\uD800y", string.Concat(Enumerable.Repeat("😀", 7)) + "abc", string.Concat(Enumerable.Repeat("😀", 8)), new string('é', 128),
            new string('字', 21_846),
        })
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            byte[] room = new byte[utf8.Length + 5];
            var writer = new MessagePackWriter(room);
            writer.WriteString(text);
            Assert.Equal(MessagePackTree.Hex(new MessagePackTree.Str(utf8).Encode()), MessagePackTree.Hex(writer.WrittenSpan));
            var reader = new MessagePackReader(writer.WrittenSpan);
            Assert.Equal(MessagePackStatus.Ok, reader.TryReadString(out ReadOnlySpan<byte> read));
            Assert.True(read.SequenceEqual(utf8));
        }
    }

    [Fact]
    public void Str_that_is_not_UTF_8_is_refused_when_strict_and_given_when_not()
    {
        byte[] input = [0xA2, 0xC3, 0x28];
        var reader = new MessagePackReader(input);
        Assert.Equal(MessagePackStatus.BadText, reader.TryReadString(out ReadOnlySpan<byte> text));
        Assert.Equal((0, 0), (text.Length, reader.Position));
        reader = new MessagePackReader(input, strict: false);
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadString(out text));
        Assert.Equal((2, 3), (text.Length, reader.Position));
    }

    [Theory]
    [InlineData("c700ff")]
    [InlineData("d4ff00")]
    [InlineData("d5ff0000")]
    [InlineData("c703ff000000")]
    [InlineData("c705ff0000000000")]
    [InlineData("c70bff0000000000000000000000")]
    [InlineData("c70dff00000000000000000000000000")]
    [InlineData("d8ff00000000000000000000000000000000")]
    [InlineData("d7ffee6b280000000000")]
    [InlineData("d7ffffffffffffffffff")]
    [InlineData("c70cff3b9aca000000000000000000")]
    [InlineData("c70cffffffffff0000000000000000")]
    public void Timestamp_of_another_shape_is_malformed(string hex)
    {
        byte[] input = MessagePackValues.Bytes(hex);
        var reader = new MessagePackReader(input);
        Assert.Equal(MessagePackStatus.Malformed, reader.TryReadTimestamp(out _));
        Assert.Equal(0, reader.Position);
        Assert.Equal(new MessagePackVerdict(MessagePackStatus.Malformed, 0, 0, 0), MessagePackValidator.Check(input, MessagePackValues.Wide));

        // As an extension that nobody interprets it is whole.
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadExtension(out sbyte type, out _));
        Assert.Equal((-1, 0), (type, reader.Remaining));
    }

    [Fact]
    public void Timestamp_is_an_extension_of_type_minus_one_only()
    {
        var reader = new MessagePackReader(MessagePackValues.Bytes("d605 00000001"));
        Assert.Equal(MessagePackStatus.WrongType, reader.TryReadTimestamp(out _));
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data));
        Assert.Equal((5, 4), (type, data.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessagePackTimestamp(0, 1_000_000_000));
        Assert.Equal(999_999_999u, new MessagePackTimestamp(0, 999_999_999).Nanoseconds);
    }

    [Fact]
    public void Negative_count_overflows()
    {
        var writer = new MessagePackWriter(new byte[10]);
        writer.WriteArrayHeader(-1);
        Assert.True(writer.Overflowed);
        writer = new MessagePackWriter(new byte[10]);
        writer.WriteMapHeader(int.MinValue);
        Assert.True(writer.Overflowed);
        writer.WriteNil();
        Assert.Equal(0, writer.Written);
    }

    [Fact]
    public void Random_trees_come_back_are_valid_and_are_skipped_exactly()
    {
        Properties.ForAll(MessagePackValues.Trees, tree =>
        {
            byte[] encoded = tree.Encode();
            var reader = new MessagePackReader(encoded);
            Assert.Equal(tree.Json, MessagePackTree.Read(ref reader)?.Json);
            Assert.Equal(0, reader.Remaining);
            byte[] twice = [.. encoded, .. encoded];
            reader = new MessagePackReader(twice);
            Assert.Equal(MessagePackStatus.Ok, reader.TrySkip());
            Assert.Equal(encoded.Length, reader.Position);
            Assert.Equal(new MessagePackVerdict(MessagePackStatus.Ok, encoded.Length, 0, 0), MessagePackValidator.Check(encoded, MessagePackValues.Wide));
            Assert.Equal(MessagePackStatus.Ok, MessagePackOracle.Check(encoded, MessagePackValues.Wide, out string json).Status);
            Assert.Equal(tree.Json, json);
        });
    }

    [Fact]
    public void Reading_writing_and_checking_do_not_allocate()
    {
        byte[] encoded = new MessagePackTree.Map(
        [
            .. MessagePackValues.Edges.Where(edge => edge.Size < 1_000).SelectMany((edge, i) => new[] { new MessagePackTree.Str("key" + i), edge.Value }),
        ]).Encode();
        byte[] room = new byte[encoded.Length];
        var limits = new MessagePackLimits { MaxBytes = 1 << 20, MaxDepth = 32, MaxNodes = 10_000 };
        Assert.Equal(MessagePackStatus.Ok, Run());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        MessagePackStatus Run()
        {
            var reader = new MessagePackReader(encoded);
            var writer = new MessagePackWriter(room);
            Copy(ref reader, ref writer);
            Assert.True(writer.WrittenSpan.SequenceEqual(encoded));
            reader = new MessagePackReader(encoded);
            MessagePackStatus status = reader.TrySkip();
            return status == MessagePackStatus.Ok ? MessagePackValidator.Check(encoded, limits).Status : status;
        }
    }

    private static void Copy(ref MessagePackReader reader, ref MessagePackWriter writer)
    {
        switch (reader.PeekType())
        {
            case MessagePackType.Nil:
                reader.TryReadNil();
                writer.WriteNil();
                break;
            case MessagePackType.Boolean:
                reader.TryReadBoolean(out bool boolean);
                writer.WriteBoolean(boolean);
                break;
            case MessagePackType.Integer:
                if (reader.TryReadInt64(out long signed) == MessagePackStatus.Ok)
                {
                    writer.WriteInt64(signed);
                }
                else
                {
                    reader.TryReadUInt64(out ulong unsigned);
                    writer.WriteUInt64(unsigned);
                }

                break;
            case MessagePackType.Float:
                if (reader.TryReadSingle(out float single) == MessagePackStatus.Ok)
                {
                    writer.WriteSingle(single);
                }
                else
                {
                    reader.TryReadDouble(out double value);
                    writer.WriteDouble(value);
                }

                break;
            case MessagePackType.String:
                reader.TryReadString(out ReadOnlySpan<byte> text);
                Span<char> characters = stackalloc char[text.Length];
                writer.WriteString(characters[..Encoding.UTF8.GetChars(text, characters)]);
                break;
            case MessagePackType.Binary:
                reader.TryReadBinary(out ReadOnlySpan<byte> bytes);
                writer.WriteBinary(bytes);
                break;
            case MessagePackType.Extension:
                if (reader.TryReadTimestamp(out MessagePackTimestamp timestamp) == MessagePackStatus.Ok)
                {
                    writer.WriteTimestamp(timestamp);
                }
                else
                {
                    reader.TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data);
                    writer.WriteExtension(type, data);
                }

                break;
            case MessagePackType.Array:
                reader.TryReadArrayHeader(out int count);
                writer.WriteArrayHeader(count);
                for (; count > 0; count--)
                {
                    Copy(ref reader, ref writer);
                }

                break;
            case MessagePackType.Map:
                reader.TryReadMapHeader(out int pairs);
                writer.WriteMapHeader(pairs);
                for (; pairs > 0; pairs--)
                {
                    Copy(ref reader, ref writer);
                    Copy(ref reader, ref writer);
                }

                break;
        }
    }

    private static MessagePackStatus ReadAs(MessagePackType type, ref MessagePackReader reader) => type switch
    {
        MessagePackType.Nil => reader.TryReadNil(),
        MessagePackType.Boolean => reader.TryReadBoolean(out _),
        MessagePackType.Integer => reader.TryReadInt64(out _),
        MessagePackType.Float => reader.TryReadDouble(out _),
        MessagePackType.String => reader.TryReadString(out _),
        MessagePackType.Binary => reader.TryReadBinary(out _),
        MessagePackType.Array => reader.TryReadArrayHeader(out _),
        MessagePackType.Map => reader.TryReadMapHeader(out _),
        MessagePackType.Extension => reader.TryReadExtension(out _, out _),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };
}
