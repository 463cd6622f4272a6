using System.Collections.Concurrent;
using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Client.Tests;

/// <summary>Seeing frames, and sending some of one's own. protocol-spec.md §3.2.</summary>
public sealed class ObserverTests
{
    [Fact]
    public async Task Frames_of_both_directions_are_seen_whole_with_their_time()
    {
        var seen = new Seen();
        RelayClientOptions options = Session.Once();
        options.FrameObserver = seen;
        await using Session session = await Session.JoinAsync(options);
        session.Server.Send([2, 0, 0, 0x91, 7, 8]);
        session.Server.Send(Frames.Batch(1, (0, 1)));
        Assert.Equal("batch 1", session.Told.Next());
        Assert.Equal(
            ["In Welcome", "In Joined", "In Presence", "In 145", "In TransformBatch"],
            seen.Frames
                .Where(frame => frame.Direction == FrameDirection.In && frame.Type != FrameType.Pong)
                .Select(frame => $"{frame.Direction} {frame.Type}"));
        Assert.Equal([7, 8], seen.Frames.Single(frame => frame.Type == (FrameType)0x91).Body);
        Assert.Equal(
            [FrameType.Hello, FrameType.Join],
            seen.Frames.Where(frame => frame.Direction == FrameDirection.Out && frame.Type != FrameType.Ping).Select(frame => frame.Type));
        Assert.All(seen.Frames, frame => Assert.True(frame.Micros > 0));
    }

    [Fact]
    public async Task Frame_of_an_optional_type_is_sent_as_it_is()
    {
        await using Session session = await Session.ConnectAsync();
        Assert.True(session.Client.TrySendFrame((FrameType)0x80, new byte[] { 1, 2, 3 }));
        Assert.Equal([1, 2, 3], await session.Server.ExpectAsync((FrameType)0x80));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Client.TrySendFrame(FrameType.Nop, default));
        RelayException error = Assert.Throws<RelayException>(() => session.Client.TrySendFrame((FrameType)0xFF, new byte[16_385]));
        Assert.Equal((CloseCode.MessageTooBig, 16_384.0, 16_385.0), (error.Code, error.Limit, error.Value));
    }

    [Fact]
    public async Task Without_a_connection_it_says_no()
    {
        await using var client = new RelayClient(new Recorder());
        Assert.False(client.TrySendFrame((FrameType)0x80, default));
    }

    private sealed class Seen : IFrameObserver
    {
        public ConcurrentQueue<(FrameDirection Direction, FrameType Type, byte[] Body, long Micros)> Frames { get; } = new();

        public void OnFrame(FrameDirection direction, FrameType type, ReadOnlySpan<byte> body, long localMicros) =>
            Frames.Enqueue((direction, type, body.ToArray(), localMicros));
    }
}
