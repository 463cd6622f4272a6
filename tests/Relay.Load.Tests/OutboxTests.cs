using Relay.Load.RoomState;

namespace Relay.Load.Tests;

public sealed class OutboxTests
{
    private readonly Outbox _outbox = new();

    [Fact]
    public void Last_answer_has_none_before_it_that_is_still_to_be_answered()
    {
        Add(true, true, true);
        Assert.Equal(0UL, _outbox.LastAnswer);
        Assert.True(_outbox.TryAnswer(2, out _));
        Assert.Equal(0UL, _outbox.LastAnswer);
        Assert.True(_outbox.TryAnswer(1, out _));
        Assert.Equal(2UL, _outbox.LastAnswer);
        Assert.Equal(1, _outbox.Unanswered);
    }

    [Fact]
    public void What_is_not_answered_in_any_case_is_not_waited_for_and_stays_until_it_is_surely_applied()
    {
        Add(false, true, false);
        Assert.Equal(3, _outbox.After(0).Count());
        Assert.True(_outbox.TryAnswer(2, out _));
        Assert.Equal(2UL, _outbox.LastAnswer);
        Assert.Equal([3], Assert.Single(_outbox.After(0)));
        Assert.Equal(0, _outbox.Unanswered);
    }

    [Fact]
    public void An_answer_that_nobody_waits_for_is_told()
    {
        Add(true);
        Assert.True(_outbox.TryAnswer(1, out _));
        Assert.False(_outbox.TryAnswer(1, out _));
        Assert.False(_outbox.TryAnswer(7, out _));
        Assert.Equal(2UL, _outbox.Next);
    }

    [Fact]
    public void What_was_under_way_when_the_connection_broke_is_marked()
    {
        var deed = new Deed { Kind = DeedKind.Event, Author = new Stay(0), Number = 1 };
        _outbox.Add([1], isAnswered: false, deed);
        Assert.False(deed.WasInterrupted);
        _outbox.Interrupt();
        Assert.True(deed.WasInterrupted);
    }

    private void Add(params bool[] answered)
    {
        foreach (bool one in answered)
        {
            _outbox.Add([(byte)_outbox.Next], one, deed: null);
        }
    }
}
