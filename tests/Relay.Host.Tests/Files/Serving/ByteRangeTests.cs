using Relay.Host.Files.Serving;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>What is made of Range: RFC 9110 §14.</summary>
public sealed class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-", 0, 1000)]
    [InlineData("bytes=999-", 999, 1)]
    [InlineData("bytes=10-19", 10, 10)]
    [InlineData("bytes=990-5000", 990, 10)]
    [InlineData("bytes=5-99999999999999999999999", 5, 995)]
    [InlineData("bytes=-1", 999, 1)]
    [InlineData("bytes=-1000", 0, 1000)]
    [InlineData("bytes=-99999999999999999999999", 0, 1000)]
    [InlineData("BYTES=1-2", 1, 2)]
    [InlineData("  bytes= 1-2\t", 1, 2)]
    [InlineData("bytes=,, ,1-2,,", 1, 2)]
    public void Part_isGiven(string header, long offset, long count) =>
        Assert.Equal(new ByteRange(offset, count), ByteRange.Read(header, 1000));

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=1000-1001")]
    [InlineData("bytes=99999999999999999999999-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=-000")]
    public void Nothing_isThere(string header) => Assert.Equal(0, ByteRange.Read(header, 1000)!.Value.Count);

    [Theory]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=,")]
    [InlineData("bytes=-")]
    [InlineData("bytes=1")]
    [InlineData("bytes=2-1")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1-2-3")]
    [InlineData("bytes=1 -2")]
    [InlineData("bytes=0x1-2")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=1-2;3-4")]
    [InlineData("bytes=٣-٤")]
    [InlineData("pages=1-2")]
    [InlineData("bytes =1-2")]
    [InlineData("bytes=1-2,x")]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("bytes=0-1,5000-")]
    public void Whole_isGiven_whereItIsMalformedOrSeveral(string header) => Assert.Null(ByteRange.Read(header, 1000));

    [Fact]
    public void Two_headers_orNone_areNoRange()
    {
        Assert.Null(ByteRange.Read(default, 1000));
        Assert.Null(ByteRange.Read(new(["bytes=0-1", "bytes=2-3"]), 1000));
    }

    [Theory]
    [InlineData("bytes=0-")]
    [InlineData("bytes=0-0")]
    [InlineData("bytes=-5")]
    [InlineData("bytes=7-9")]
    public void Range_ofNothing_isNone(string header) => Assert.Null(ByteRange.Read(header, 0));

    [Fact]
    public void Case56_thousandRanges_areRefused_withoutMemoryForEach()
    {
        string some = "bytes=" + string.Join(',', Enumerable.Repeat("0-", ByteRange.Most));
        string many = "bytes=" + string.Join(',', Enumerable.Range(0, 1000).Select(i => $"{i}-{i + 100}"));
        Assert.Null(ByteRange.Read(some, 1L << 30));
        Assert.Equal(new ByteRange(0, 0), ByteRange.Read(many, 1L << 30));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            ByteRange.Read(many, 1L << 30);
            ByteRange.Read(some, 1L << 30);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
