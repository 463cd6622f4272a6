using Relay.Client.Transport;
using Relay.Protocol.Frames;

namespace Relay.Client.Tests;

/// <summary>What is kept until the server has it. protocol-spec.md §5.8.</summary>
public sealed class JournalTests
{
    private readonly Journal _journal = new(maxMessages: 8, maxBytes: 4096);

    [Fact]
    public void Frames_come_back_in_order_after_the_last_that_was_confirmed()
    {
        Append(5, sent: true);
        _journal.Confirm(3);
        Assert.Equal((2, 3UL, 5UL, false), (_journal.Count, _journal.Confirmed, _journal.Sent, _journal.HasUnsent));
        _journal.Rewind();
        Assert.Equal([4, 5], Rest());
        Assert.Equal(5UL, _journal.Sent);
    }

    [Fact]
    public void What_was_added_while_away_follows_what_was_sent_before()
    {
        Append(2, sent: true);
        Append(2, sent: false);
        Assert.Equal(2UL, _journal.Sent);
        _journal.Rewind();
        Assert.Equal([1, 2, 3, 4], Rest());
    }

    [Fact]
    public void Confirming_more_than_there_is_or_less_than_before_does_no_harm()
    {
        Append(3, sent: true);
        _journal.Confirm(2);
        _journal.Confirm(1);
        Assert.Equal(1, _journal.Count);
        _journal.Confirm(3);
        _journal.Confirm(9);
        Assert.Equal((0, 0, 3UL), (_journal.Count, _journal.Bytes, _journal.Confirmed));
    }

    [Fact]
    public void Room_ends_with_messages_and_with_bytes_and_one_that_is_too_long_goes_alone()
    {
        Assert.True(_journal.HasRoom(10_000));
        Append(7, sent: true);
        Assert.True(_journal.HasRoom(1));
        Assert.False(_journal.HasRoom(4096));
        Append(1, sent: true);
        Assert.False(_journal.HasRoom(1));
    }

    [Fact]
    public void Long_use_keeps_the_order_and_needs_no_more_memory()
    {
        var random = new Random(3);
        Append(8, sent: true);
        long before = 0;
        for (int i = 0; i < 10_000; i++)
        {
            before = i == 1000 ? GC.GetAllocatedBytesForCurrentThread() : before;
            _journal.Confirm(_journal.Confirmed + (ulong)random.Next(1, _journal.Count + 1));
            while (_journal.Count < 8)
            {
                Append(1, sent: true);
            }
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        _journal.Rewind();
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (int)(_journal.Confirmed + (ulong)i) & 0xFF), Rest());
    }

    private void Append(int count, bool sent)
    {
        Span<byte> frame = stackalloc byte[FrameHeader.Size + 40];
        for (int i = 0; i < count; i++)
        {
            // Each holds its number, and they differ in length.
            byte number = (byte)(_journal.Confirmed + (ulong)_journal.Count + 1);
            int length = 1 + (number % 40);
            new FrameHeader(FrameType.SendEvent, length).Write(frame);
            frame[FrameHeader.Size] = number;
            _journal.Append(frame[..(FrameHeader.Size + length)], sent);
        }
    }

    private List<int> Rest()
    {
        var numbers = new List<int>();
        while (_journal.HasUnsent)
        {
            numbers.Add(_journal.Peek()[FrameHeader.Size]);
            _journal.Advance();
        }

        return numbers;
    }
}
