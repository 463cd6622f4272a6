using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>Values printed for people.</summary>
public class MessagePackTextTests
{
    [Theory]
    [InlineData("c0", "null")]
    [InlineData("93c2c37f", "[false, true, 127]")]
    [InlineData("82a16101a162920203", """{"a": 1, "b": [2, 3]}""")]
    [InlineData("92 8090", "[{}, []]")]
    [InlineData("81c4010102", "{h'01': 2}")]
    [InlineData("d38000000000000000", "-9223372036854775808")]
    [InlineData("cfffffffffffffffff", "18446744073709551615")]
    [InlineData("ca3dcccccd", "0.1")]
    [InlineData("cb3ff0000000000000", "1.0")]
    [InlineData("cb8000000000000000", "-0.0")]
    [InlineData("cb7e37e43c8800759c", "1E+300")]
    [InlineData("cb7ff8000000000000", "NaN")]
    [InlineData("cafF800000", "-Infinity")]
    [InlineData("cb7ff0000000000000", "Infinity")]
    [InlineData("a5225c0a0d09", "\"\\\"\\\\\\n\\r\\t\"")]
    [InlineData("a60001e280ae7f", "\"\\u0000\\u0001\\u202e\\u007f\"")]
    [InlineData("a4f09f9880", "\"😀\"")]
    [InlineData("a2ff61", "\"\uFFFDa\"")]
    [InlineData("c403000aff", "h'000aff'")]
    [InlineData("d505beef", "ext(5, h'beef')")]
    [InlineData("d480ff", "ext(-128, h'ff')")]
    [InlineData("d7ff0000000800000003", "timestamp(3, 2)")]
    [InlineData("c700ff", "ext(-1, h'')")]
    [InlineData("", "<Truncated at 0>")]
    [InlineData("cd01", "<Truncated at 0>")]
    [InlineData("cb000000", "<Truncated at 0>")]
    [InlineData("d9", "<Truncated at 0>")]
    [InlineData("c7", "<Truncated at 0>")]
    [InlineData("de00", "<Truncated at 0>")]
    [InlineData("9301a161", "[1, \"a\", <Truncated at 4>")]
    [InlineData("9201c1", "[1, <Malformed at 2>")]
    [InlineData("92cdffffcd01", "[65535, <Truncated at 4>")]
    [InlineData("0102", "1<TrailingBytes at 1>")]
    public void Value_prints_as(string hex, string text) =>
        Assert.Equal(text, MessagePackText.Format(MessagePackValues.Bytes(hex)));

    [Fact]
    public void Containers_are_shown_to_a_depth()
    {
        byte[] shown = [.. Enumerable.Repeat((byte)0x91, 63), 0x90];
        Assert.Equal(new string('[', 64) + new string(']', 64), MessagePackText.Format(shown));
        byte[] deeper = [.. Enumerable.Repeat((byte)0x91, 64), 0x90];
        Assert.Equal(new string('[', 64) + "<TooDeep at 64>", MessagePackText.Format(deeper));
    }

    [Fact]
    public void Text_is_never_longer_than_wanted_and_says_when_it_is_cut()
    {
        foreach ((_, _, MessagePackTree value) in MessagePackValues.Edges)
        {
            byte[] encoded = value.Encode();
            string whole = MessagePackText.Format(encoded, 1 << 20);
            foreach (int length in new[] { 1, 2, 3, 10, 100, whole.Length - 1, whole.Length, whole.Length + 1 }.Where(length => length > 0))
            {
                string text = MessagePackText.Format(encoded, length);
                Assert.Equal(length >= whole.Length ? whole : whole[..(length - 1)] + "…", text);
            }
        }
    }

    [Fact]
    public void Text_is_not_cut_inside_a_character()
    {
        byte[] encoded = new MessagePackTree.Str("😀😀").Encode();
        Assert.Equal(["…", "\"…", "\"…", "\"😀…", "\"😀…", "\"😀😀\""], Enumerable.Range(1, 6).Select(length => MessagePackText.Format(encoded, length)));
        Assert.Throws<ArgumentOutOfRangeException>(() => MessagePackText.Format(encoded, 0));
    }

    [Fact]
    public void Work_is_bounded_by_the_length_of_the_text()
    {
        byte[] encoded = new MessagePackTree.Arr([.. Enumerable.Repeat(new MessagePackTree.Str(new string('\u202E', 100_000)), 3)]).Encode(1 << 21);
        MessagePackText.Format(encoded, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(100, MessagePackText.Format(encoded, 100).Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 50_000);
    }
}
