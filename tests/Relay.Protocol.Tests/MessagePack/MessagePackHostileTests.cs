using System.Buffers.Binary;
using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>What a hostile peer sends as a value, and the limits that it meets.</summary>
public class MessagePackHostileTests
{
    /// <summary>Together they have every format in them, at every kind of place.</summary>
    private static readonly string[] Corpus =
    [
        "c0", "c3", "7f", "e0", "cc80", "cdffff", "ce00010000", "cf8000000000000000", "d080", "d18000", "d280000000", "d38000000000000000",
        "ca3fc00000", "cb3ff8000000000000", "a3e282ac", "d903616263", "da0003f09f98", "db00000002c3a9", "c403010203", "c500020102", "c60000000101",
        "d40501", "d5050102", "d60501020304", "d7050102030405060708", "d80501020304050607080910111213141516", "c7030501 0203", "c80002050102", "c90000000105ff",
        "d6ff00000001", "d7ff0000000400000000", "c70cff00000000ffffffffffffffff", "93c0a16191c3", "dc0003010203", "dd0000000290 91c0",
        "82a16101a16282a163c0a164930102c3", "de0001a16180", "df00000001a161df00000001a16201", "8101a161", "81c0c0", "9283a16101a16202a16303d6ff00000001",
        "8f" + "a16101a16202a16303a16404a16505a16606a16707a16808a16909a16a0aa16b0ba16c0ca16d0da16e0ea16f0f", "91919191919191c0", "81a16181a16181a16181a161c0",
    ];

    private static readonly MessagePackLimits[] Limits =
    [
        MessagePackValues.Wide,
        new() { MaxBytes = 1_000, MaxDepth = 3, MaxNodes = 8, TextKeysOnly = true },
        new() { MaxBytes = 12, MaxDepth = 0, MaxNodes = 1 },
        new() { MaxBytes = 1_000, MaxDepth = 1, MaxNodes = 0 },
    ];

    public static TheoryData<string> CorpusValues => [.. Corpus];

    [Theory]
    [MemberData(nameof(CorpusValues))]
    public void Every_truncation_is_truncated(string hex)
    {
        byte[] whole = MessagePackValues.Bytes(hex);
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] input = whole[..length];
            Assert.Equal(MessagePackStatus.Truncated, MessagePackValidator.Check(input, MessagePackValues.Wide).Status);
            MessagePackAgreement.Check(input, Limits);
        }

        MessagePackAgreement.Check([.. whole, 0], Limits);
        MessagePackAgreement.Check([.. whole, 0xC1], Limits);
    }

    [Theory]
    [MemberData(nameof(CorpusValues))]
    public void Every_byte_may_be_anything(string hex)
    {
        byte[] input = MessagePackValues.Bytes(hex);
        for (int at = 0; at < input.Length; at++)
        {
            byte original = input[at];
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                input[at] = (byte)value;
                MessagePackAgreement.Check(input, Limits);
            }

            input[at] = original;
        }
    }

    [Theory]
    [InlineData((byte)0xDD)]
    [InlineData((byte)0xDF)]
    [InlineData((byte)0xDB)]
    [InlineData((byte)0xC6)]
    [InlineData((byte)0xC9)]
    public void Header_that_promises_four_thousand_million_is_truncated_and_allocates_nothing(byte format)
    {
        foreach (uint promise in new[] { uint.MaxValue, 0x8000_0000u, 0x7FFF_FFFFu, 0x7FFF_FFF0u, 1_000_000_000u, 2_001u })
        {
            byte[] input = new byte[2_006];
            input[0] = format;
            BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(1), promise);
            Read(input);
            long before = GC.GetAllocatedBytesForCurrentThread();
            (MessagePackVerdict verdict, MessagePackStatus skip, MessagePackStatus read) = Read(input);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            bool fits = promise == 2_001 && format is not (0xDF or 0xC9);
            MessagePackStatus expected = fits ? MessagePackStatus.Ok : MessagePackStatus.Truncated;
            Assert.Equal((expected, expected, expected), (verdict.Status, skip, read));
            if (!fits)
            {
                long size = format == 0xC9 ? 6 : 5;
                Assert.Equal((2_006, size + ((long)promise * (format == 0xDF ? 2 : 1))), (verdict.Limit, verdict.Measured));
            }

            // The same without a byte behind the header.
            Assert.Equal(MessagePackStatus.Truncated, MessagePackValidator.Check(input.AsSpan(0, 5), MessagePackValues.Wide).Status);
        }

        (MessagePackVerdict Verdict, MessagePackStatus Skip, MessagePackStatus Read) Read(byte[] input)
        {
            MessagePackStatus skip = new MessagePackReader(input).TrySkip();
            var reader = new MessagePackReader(input);
            MessagePackStatus read = format switch
            {
                0xDD => reader.TryReadArrayHeader(out _),
                0xDF => reader.TryReadMapHeader(out _),
                0xDB => reader.TryReadString(out _),
                0xC6 => reader.TryReadBinary(out _),
                _ => reader.TryReadExtension(out _, out _),
            };
            return (MessagePackValidator.Check(input, MessagePackValues.Wide), skip, read);
        }
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void Arrays_in_arrays_are_too_deep_and_no_matter_for_the_stack(int depth)
    {
        foreach (byte container in new byte[] { 0x91, 0x81 })
        {
            byte[] input = new byte[(2 * depth) + 1];
            if (container == 0x91)
            {
                input = input[..(depth + 1)];
                input.AsSpan().Fill(container);
            }
            else
            {
                for (int i = 0; i < 2 * depth; i += 2)
                {
                    input[i] = container;
                }
            }

            input[^1] = 0xC0;
            Assert.Equal(MessagePackStatus.TooDeep, new MessagePackReader(input).TrySkip());
            int step = container == 0x91 ? 1 : 2;
            foreach (int limit in new[] { 0, 1, 64, MessagePackLimits.HighestMaxDepth })
            {
                var limits = new MessagePackLimits { MaxBytes = int.MaxValue, MaxDepth = limit, MaxNodes = int.MaxValue };
                Assert.Equal(new MessagePackVerdict(MessagePackStatus.TooDeep, limit * step, limit, limit + 1), MessagePackValidator.Check(input, limits));
            }

            Assert.InRange(MessagePackText.Format(input).Length, 1, MessagePackText.DefaultMaxLength);
        }
    }

    [Fact]
    public void Depth_counts_levels_and_is_exact()
    {
        for (int depth = 0; depth <= MessagePackLimits.HighestMaxDepth; depth += depth < 5 ? 1 : 507 / 3)
        {
            byte[] arrays = [.. Enumerable.Repeat((byte)0x91, depth), 0xC0];
            byte[] maps = [.. Enumerable.Range(0, depth).SelectMany(_ => new byte[] { 0x81, 0xA0 }), 0xC0];
            byte[] siblings = [0x93, .. arrays[..^1], 0x90, 0xC0, 0x90];
            Assert.Equal(MessagePackStatus.Ok, Check(arrays, depth));
            Assert.Equal(MessagePackStatus.Ok, Check(maps, depth));
            Assert.Equal(MessagePackStatus.Ok, new MessagePackReader(arrays).TrySkip(depth));
            if (depth > 0)
            {
                Assert.Equal(MessagePackStatus.TooDeep, Check(arrays, depth - 1));
                Assert.Equal(MessagePackStatus.TooDeep, Check(maps, depth - 1));
                Assert.Equal(MessagePackStatus.TooDeep, new MessagePackReader(arrays).TrySkip(depth - 1));
            }

            if (depth + 2 <= MessagePackLimits.HighestMaxDepth)
            {
                // An empty array is a level too; what follows is on the level above again.
                Assert.Equal(MessagePackStatus.Ok, Check(siblings, depth + 2));
                Assert.Equal(MessagePackStatus.TooDeep, Check(siblings, depth + 1));
            }
        }

        static MessagePackStatus Check(byte[] input, int depth) =>
            MessagePackValidator.Check(input, new MessagePackLimits { MaxBytes = int.MaxValue, MaxDepth = depth, MaxNodes = int.MaxValue }).Status;
    }

    [Fact]
    public void Depth_that_the_stack_is_not_made_for_cannot_be_asked_for()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessagePackReader([0xC0]).TrySkip(MessagePackLimits.HighestMaxDepth + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessagePackReader([0xC0]).TrySkip(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessagePackLimits { MaxBytes = 1, MaxNodes = 1, MaxDepth = MessagePackLimits.HighestMaxDepth + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessagePackLimits { MaxBytes = 1, MaxNodes = 1, MaxDepth = -1 });
    }

    [Theory]
    [InlineData("920102", 3, 1, 3, false, MessagePackStatus.Ok, 3, 0, 0)]
    [InlineData("920102", 2, 1, 3, false, MessagePackStatus.TooLarge, 0, 2, 3)]
    [InlineData("920102", 3, 0, 3, false, MessagePackStatus.TooDeep, 0, 0, 1)]
    [InlineData("920102", 3, 1, 2, false, MessagePackStatus.TooMany, 0, 2, 3)]
    [InlineData("9291019202 03", 6, 2, 6, false, MessagePackStatus.Ok, 6, 0, 0)]
    [InlineData("9291019202 03", 6, 2, 5, false, MessagePackStatus.TooMany, 3, 5, 6)]
    [InlineData("81a10102", 4, 1, 3, true, MessagePackStatus.Ok, 4, 0, 0)]
    [InlineData("81a10102", 4, 1, 2, true, MessagePackStatus.TooMany, 0, 2, 3)]
    [InlineData("82a10102 0304", 9, 1, 9, true, MessagePackStatus.KeyNotText, 4, 0, 0)]
    [InlineData("82a10102 0304", 9, 1, 9, false, MessagePackStatus.Ok, 6, 0, 0)]
    [InlineData("81a1019102", 9, 2, 9, true, MessagePackStatus.Ok, 5, 0, 0)]
    [InlineData("8191a10102", 9, 2, 9, true, MessagePackStatus.KeyNotText, 1, 0, 0)]
    [InlineData("9281a1010203", 9, 2, 9, true, MessagePackStatus.Ok, 6, 0, 0)]
    [InlineData("92a1ffc1", 9, 2, 9, true, MessagePackStatus.BadText, 1, 0, 0)]
    [InlineData("92c1a1ff", 9, 2, 9, true, MessagePackStatus.Malformed, 1, 0, 0)]
    [InlineData("81a1ff01", 9, 2, 9, true, MessagePackStatus.BadText, 1, 0, 0)]
    [InlineData("0102", 9, 2, 9, true, MessagePackStatus.TrailingBytes, 1, 1, 2)]
    [InlineData("01c1", 9, 2, 9, true, MessagePackStatus.TrailingBytes, 1, 1, 2)]
    [InlineData("", 9, 2, 9, true, MessagePackStatus.Truncated, 0, 0, 1)]
    [InlineData("9201", 9, 2, 9, true, MessagePackStatus.Truncated, 0, 2, 3)]
    [InlineData("92cd01", 9, 2, 9, true, MessagePackStatus.Truncated, 1, 3, 4)]
    [InlineData("92d90201", 9, 2, 9, true, MessagePackStatus.Truncated, 1, 4, 5)]
    public void Refusal_names_rule_place_limit_and_value(
        string hex, int maxBytes, int maxDepth, int maxNodes, bool textKeys, MessagePackStatus status, int position, long limit, long measured)
    {
        var limits = new MessagePackLimits { MaxBytes = maxBytes, MaxDepth = maxDepth, MaxNodes = maxNodes, TextKeysOnly = textKeys };
        byte[] input = MessagePackValues.Bytes(hex);
        Assert.Equal(new MessagePackVerdict(status, position, limit, measured), MessagePackValidator.Check(input, limits));
        Assert.Equal(new MessagePackVerdict(status, position, limit, measured), MessagePackOracle.Check(input, limits, out _));
    }

    [Fact]
    public void Default_limits_allow_nothing()
    {
        Assert.Equal(MessagePackStatus.TooLarge, MessagePackValidator.Check([0xC0], default).Status);
        Assert.Equal(MessagePackStatus.TooMany, MessagePackValidator.Check([], default).Status);
    }

    [Fact]
    public void Random_bytes_and_random_trees_are_judged_alike()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] input = new byte[random.Next(1, 40)];
            random.NextBytes(input);
            input[0] = (byte)(0x80 + random.Next(0x60));
            MessagePackAgreement.Check(input, Limits);
        }

        Properties.ForAll(MessagePackValues.Trees, tree => MessagePackAgreement.Check(tree.Encode(), Limits), tests: 100);
    }
}
