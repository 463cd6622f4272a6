using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §5.3.</summary>
public sealed class CloseTests
{
    [Fact]
    public async Task Close_by_the_server_is_told_once_with_all_that_it_says()
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send(Frames.Close(CloseCode.Timeout, CloseCode.SlowReceiver, limit: 5000, value: 5001));
        Assert.Equal("closed Timeout", session.Told.Next());
        CloseInfo info = session.Told.Closed!;
        Assert.Equal((CloseCode.SlowReceiver, 5000.0, 5001.0, "bye", true), (info.Cause, info.Limit, info.Value, info.Text, info.ByPeer));
        Assert.Equal("4408 timeout (4453 slow_receiver): bye [limit 5000, value 5001]", info.ToString());
        await session.Client.CloseAsync();
        Assert.True(session.Told.IsEmpty);
        Assert.Same(info, session.Client.Closed);
    }

    [Fact]
    public async Task CloseAsync_says_goodbye_and_completes_when_the_server_has_ended()
    {
        await using Session session = await Session.JoinAsync();
        Task closing = session.Client.CloseAsync();
        byte[] body = await session.Server.ExpectAsync(FrameType.Close);
        Assert.Equal(1000, BitConverter.ToUInt16(body));
        await session.Server.ExpectEndAsync();
        session.Server.Drop();
        await closing;
        Assert.Equal("closed Normal", session.Told.Next());
    }

    [Fact]
    public async Task CloseAsync_does_not_wait_for_ever()
    {
        await using Session session = await Session.JoinAsync();
        await session.Client.CloseAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("closed Normal", session.Told.Next());
    }

    [Fact]
    public async Task What_was_queued_before_the_goodbye_is_sent()
    {
        await using Session session = await Session.JoinAsync();
        await session.Client.SendEventAsync(2000, new byte[] { 1 });
        Task closing = session.Client.CloseAsync();
        await session.Server.ExpectAsync(FrameType.SendEvent);
        await session.Server.ExpectAsync(FrameType.Close);
        session.Server.Drop();
        await closing;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_end_without_a_word_is_abnormal(bool reset)
    {
        await using Session session = await Session.JoinAsync();
        if (reset)
        {
            session.Server.Reset();
        }
        else
        {
            session.Server.Drop();
        }

        Assert.Equal("closed Abnormal", session.Told.Next());
    }

    [Fact]
    public async Task A_silent_server_is_taken_for_dead_after_the_idle_timeout()
    {
        await using Session session = await Session.ConnectAsync(
            new RelayClientOptions { ClockSyncInterval = TimeSpan.FromMilliseconds(100), Reconnect = { Enabled = false } }, Frames.Welcome(heartbeatMillis: 100));
        Assert.Equal("closed Timeout", session.Told.Next());
        Assert.Equal((CloseCode.HeartbeatTimeout, 300.0), (session.Told.Closed!.Cause, session.Told.Closed.Limit));
    }

    [Fact]
    public async Task Sending_after_the_end_throws_the_reason_and_transforms_are_dropped()
    {
        await using Session session = await Session.JoinAsync();
        session.Server.Send(Frames.Close(CloseCode.GoingAway));
        Assert.Equal("closed GoingAway", session.Told.Next());
        RelayException error = await Assert.ThrowsAsync<RelayException>(() => session.Client.SendEventAsync(2000, default).AsTask());
        Assert.Equal(CloseCode.GoingAway, error.Code);
        session.Client.SendTransform(new Protocol.Transforms.Transform(0, 0, 0));
    }
}
