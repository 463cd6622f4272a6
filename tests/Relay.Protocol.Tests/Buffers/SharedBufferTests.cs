using Relay.Protocol.Buffers;
using Relay.Protocol.WebSockets;

namespace Relay.Protocol.Tests;

/// <summary>Shared buffers: who holds them, when they go back, and what they look like on either transport.</summary>
public class SharedBufferTests
{
    [Fact]
    public void Buffer_goes_back_to_its_pool_at_the_last_release_and_not_before()
    {
        var pool = new SharedBufferPool();
        SharedBuffer buffer = pool.Rent(100);
        buffer.Retain();
        buffer.Retain();
        buffer.Release();
        buffer.Release();
        Assert.NotSame(buffer, pool.Rent(100));
        buffer.Release();
        Assert.Same(buffer, pool.Rent(100));
    }

    [Fact]
    public void Buffer_rented_again_is_empty_and_held_once()
    {
        var pool = new SharedBufferPool();
        SharedBuffer buffer = pool.Rent(100);
        buffer.Seal(50);
        buffer.Retain();
        buffer.Release();
        buffer.Release();
        SharedBuffer again = pool.Rent(100);
        Assert.Same(buffer, again);
        Assert.Equal(0, again.Length);
        Assert.True(again.Frames.IsEmpty);
        Assert.True(again.WebSocketMessage.IsEmpty);
        again.Release();
        Assert.Same(buffer, pool.Rent(100));
    }

    [Fact]
    public void Buffer_released_by_many_threads_at_once_goes_back_once()
    {
        const int Holders = 1_000;
        var pool = new SharedBufferPool();
        for (int round = 0; round < 20; round++)
        {
            SharedBuffer buffer = pool.Rent(100);
            for (int i = 0; i < Holders; i++)
            {
                buffer.Retain();
            }

            Parallel.For(0, Holders, _ => buffer.Release());
            Assert.NotSame(buffer, pool.Rent(100));
            buffer.Release();
            SharedBuffer first = pool.Rent(100);
            Assert.Same(buffer, first);
            Assert.NotSame(buffer, pool.Rent(100));
            first.Release();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(240)]
    [InlineData(241)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData((1 << 20) - SharedBuffer.Headroom)]
    [InlineData(1 << 20)]
    public void Sealed_buffer_is_the_same_frames_on_both_transports(int length)
    {
        SharedBuffer buffer = new SharedBufferPool().Rent(length);
        Assert.InRange(buffer.Capacity, length, int.MaxValue);
        Assert.Equal(buffer.Capacity, buffer.Writable.Length);
        for (int i = 0; i < length; i++)
        {
            buffer.Writable[i] = (byte)(i * 31);
        }

        buffer.Seal(length);
        Assert.Equal(length, buffer.Length);
        Assert.Equal(length, buffer.Frames.Length);
        Assert.Equal(WebSocketHeaderStatus.Ok, WebSocketFrameHeader.TryRead(buffer.WebSocketMessage, out WebSocketFrameHeader header));
        Assert.Equal(
            (true, WebSocketOpcode.Binary, false, (long)length),
            (header.IsFinal, header.Opcode, header.IsMasked, header.PayloadLength));
        Assert.True(buffer.WebSocketMessage[header.Size..].SequenceEqual(buffer.Frames));
        for (int i = 0; i < length; i++)
        {
            Assert.Equal((byte)(i * 31), buffer.Frames[i]);
        }
    }

    [Fact]
    public void Pool_keeps_no_more_than_its_bound_in_each_size_class()
    {
        var pool = new SharedBufferPool(maxRetainedBytes: 1_024);
        SharedBuffer[] rented = Enumerable.Range(0, 10).Select(_ => pool.Rent(200)).ToArray();
        foreach (SharedBuffer buffer in rented)
        {
            buffer.Release();
        }

        // 1,024 bytes are four buffers of 256.
        SharedBuffer[] again = Enumerable.Range(0, 10).Select(_ => pool.Rent(200)).ToArray();
        Assert.Equal(4, again.Intersect(rented).Count());
    }

    [Fact]
    public void Pool_that_keeps_nothing_makes_every_buffer_anew()
    {
        var pool = new SharedBufferPool(0);
        SharedBuffer buffer = pool.Rent(100);
        buffer.Release();
        Assert.NotSame(buffer, pool.Rent(100));
    }

    [Fact]
    public void Buffer_above_the_largest_class_is_made_to_measure_and_not_kept()
    {
        var pool = new SharedBufferPool();
        SharedBuffer buffer = pool.Rent(2_000_000);
        Assert.Equal(2_000_000, buffer.Capacity);
        buffer.Release();
        Assert.NotSame(buffer, pool.Rent(2_000_000));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MaxValue - SharedBuffer.Headroom + 1)]
    public void Rent_of_a_size_that_no_buffer_has_throws(int capacity)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedBufferPool().Rent(capacity));
    }

    [Fact]
    public void Pool_with_a_negative_bound_throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedBufferPool(-1));
    }
}
