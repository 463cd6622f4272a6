using Relay.Protocol.Frames;

namespace Relay.Protocol.Tests;

/// <summary>The first bytes on raw TCP (§2.1).</summary>
public class ConnectionPrefaceTests
{
    [Fact]
    public void Preface_matches_only_when_whole()
    {
        for (int length = 0; length < ConnectionPreface.Size; length++)
        {
            Assert.Equal(PrefaceStatus.NeedMore, ConnectionPreface.Check(ConnectionPreface.Bytes[..length]));
        }

        Assert.Equal(PrefaceStatus.Match, ConnectionPreface.Check(ConnectionPreface.Bytes));
    }

    [Fact]
    public void Preface_followed_by_frames_matches()
    {
        Assert.Equal(PrefaceStatus.Match, ConnectionPreface.Check([.. ConnectionPreface.Bytes, 0x00, 0x00, 0x00, 0x01]));
    }

    [Fact]
    public void Preface_with_any_bit_wrong_is_refused_at_that_byte()
    {
        for (int bit = 0; bit < ConnectionPreface.Size * 8; bit++)
        {
            byte[] bytes = ConnectionPreface.Bytes.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(PrefaceStatus.Mismatch, ConnectionPreface.Check(bytes));
            Assert.Equal(PrefaceStatus.Mismatch, ConnectionPreface.Check(bytes.AsSpan(0, (bit / 8) + 1)));
        }
    }
}
