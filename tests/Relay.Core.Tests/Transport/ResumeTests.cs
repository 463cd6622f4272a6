using System.Text;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>Sessions that are taken up again over real connections, on whichever road. protocol-spec.md §5.8.</summary>
public sealed class ResumeTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(30);

    [Theory]
    [ClassData(typeof(AllWires))]
    public async Task Session_isTakenUpAgain_overThisWireAndAnother_andNobodyElseNotices(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await ben.UntilAsync(() => ben.People.Count == 2, "the arrival");
        for (int i = 0; i < 6; i++)
        {
            await ben.MoveAsync(new Transform(i, 0, 0));
            await ben.SendEventAsync(EventAudience.Everyone, $"e{i}");
            Assert.True(await anna.ReconnectAsync(server, i % 2 == 0 ? wire.Other() : wire, reset: i % 3 != 0));
            await anna.SeesAsync(ben.Seat!.Slot, new Transform(i, 0, 0));
            await anna.UntilAsync(() => anna.Events.Count == i + 1, "the event");
        }

        await ben.SettleAsync();
        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"e{i}"), anna.Events.Select(happened => Encoding.UTF8.GetString(happened.Payload)));
        Assert.Equal(1, anna.Snapshots);
        Assert.Single(ben.Changes);
        Assert.Equal(2, server.Relay.MemberCount);
        Assert.Equal(6, server.Metrics.Read("relay.server.sessions.resumed"));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task NumberedMessages_areAppliedOnce_howeverOftenTheyAreSent(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        ulong first = anna.Sequence + 1, applied = anna.Sequence;
        for (ulong round = 0; round < 20; round++)
        {
            // Five new ones in each round; a reset takes along what the server has not read.
            byte[][] frames = [.. Enumerable.Range(0, (int)((5 * round) + 5)).Select(i => Event(first + (ulong)i))];
            await anna.Raw.TrySendBytesAsync(RawClient.Wrap(wire, Frames.Concat(frames)));
            Assert.True(await anna.ReconnectAsync(server, wire));
            Assert.InRange(anna.Welcome!.LastApplied, applied, first + (5 * round) + 4);
            applied = anna.Welcome.LastApplied;
        }

        // All of them once more, those that were applied long ago as well.
        await anna.Raw.SendAsync([.. Enumerable.Range(0, 100).Select(i => Event(first + (ulong)i))]);

        await ben.UntilAsync(() => ben.Events.Count >= 100, "all events");
        await ben.SettleAsync();
        Assert.Equal(
            Enumerable.Range(2, 100).Select(i => $"n{i}"), ben.Events.Select(happened => Encoding.UTF8.GetString(happened.Payload)));
        await anna.SettleAsync();
        Assert.Empty(anna.Errors);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case35_wrongToken_getsANewSession_andTheSeatWaits(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, wire, "plaza");
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        byte[] token = anna.Welcome!.ResumeToken;
        anna.Raw.Reset();
        await Waiting.UntilAsync(() => server.Relay.SuspendedCount == 1, "the session without a connection");
        foreach (byte[] wrong in (byte[][])[[.. token[..16], .. new byte[16]], [.. new byte[16], .. token[16..]], token[..31], [1]])
        {
            await using Peer thief = Peer.Over(await RawClient.ConnectAsync(server, wire));
            await thief.Raw.SendAsync(Frames.Resume(wrong, anna.Seat!.Epoch, 1, 1, 1));
            await thief.UntilAsync(() => thief.Welcome is not null, "Welcome");
            Assert.NotEqual(anna.Welcome.Session, thief.Welcome!.Session);
            await thief.Raw.SendAsync(Frames.Close(CloseCode.Normal));
            await thief.Raw.ReadToEndAsync();
        }

        Assert.Equal((2, 1), (server.Relay.MemberCount, server.Relay.SuspendedCount));
        Assert.True(await anna.ResumeAsync(server, wire));
        await anna.SettleAsync();
        await ben.SettleAsync();
        Assert.DoesNotContain(ben.Changes, change => change.Kind == PresenceKind.Left);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task UsedToken_isGoodUntilTheNewConnectionSpeaks_andThenWorthless(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        byte[] first = anna.Welcome!.ResumeToken;
        Assert.True(await anna.ReconnectAsync(server, wire));

        // The Welcome was lost, as far as this attempt knows; the first connection has said nothing.
        RawClient lost = anna.Raw;
        Assert.True(await anna.ResumeAsync(server, wire, first));
        Assert.NotEqual(first, anna.Welcome.ResumeToken);
        await lost.DisposeAsync();
        await anna.SettleAsync();

        RawClient good = anna.Raw;
        Guid session = anna.Welcome.Session;
        await using Peer thief = Peer.Over(await RawClient.ConnectAsync(server, wire));
        await thief.Raw.SendAsync(Frames.Resume(first, anna.Seat!.Epoch, 1, 1, 1));
        await thief.UntilAsync(() => thief.Welcome is not null, "Welcome");
        Assert.NotEqual(session, thief.Welcome!.Session);
        Assert.Same(good, anna.Raw);
        await anna.SettleAsync();
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task ConnectionThatOnlySeemsAlive_isCutOff_withItsNumber(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        RawClient old = anna.Raw;
        Assert.True(await anna.ResumeAsync(server, wire));
        await anna.SettleAsync();
        await using Peer stale = Peer.Over(old);
        await stale.Raw.ReadToEndAsync();
        await Waiting.UntilAsync(
            () => server.Log.WithId(3).Any(line => (int)line.Fields["Code"]! == (int)CloseCode.Timeout && (string)line.Fields["Cause"]! == "taken_up_again"),
            "the line about the old connection");
        Assert.Equal(1, server.Relay.MemberCount);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Close_endsTheSession(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await anna.Raw.SendAsync(Frames.Close(CloseCode.Normal));
        await anna.Raw.ReadToEndAsync();
        await Waiting.UntilAsync(() => server.Relay.MemberCount == 0, "the departure");
        Assert.Equal(0, server.Relay.SuspendedCount);
        Assert.False(await anna.ResumeAsync(server, wire));
    }

    /// <summary>A page cannot reset a connection; it says that it gives a silent one up, in case the server gets to read it.</summary>
    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task CloseForWantOfLife_keepsTheSession(Wire wire)
    {
        await using RelayTestServer server = await StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await anna.Raw.SendAsync(Frames.Close(CloseCode.Timeout, CloseCode.HeartbeatTimeout));
        await anna.Raw.ReadToEndAsync();
        await Waiting.UntilAsync(() => server.Relay.SuspendedCount == 1, "the session without a connection");
        Assert.Equal(1, server.Relay.MemberCount);
        Assert.True(await anna.ResumeAsync(server, wire));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task ManyMembers_whoseConnectionsBreakAllTheTime_missNothing(Wire wire)
    {
        const int Members = 8, Rounds = 40;
        await using RelayTestServer server = await StartAsync(options =>
        {
            options.Limits.FramesPerSecond = 0;
            options.Shards = 2;
        });
        var peers = new List<Peer>();
        for (int i = 0; i < Members; i++)
        {
            peers.Add(await Peer.JoinAsync(server, i % 2 == 0 ? wire : wire.Other(), "plaza"));
        }

        var random = new Random(20261121);
        int events = 0;
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Peer peer in peers)
            {
                await peer.SendEventAsync(EventAudience.Everyone, $"e{events++}");
            }

            // Sent events must have arrived before their sender breaks off: here only what the server sends may get lost.
            Peer broken = peers[random.Next(Members)];
            await broken.SettleAsync();
            Assert.True(await broken.ReconnectAsync(server, random.Next(2) == 0 ? wire : wire.Other(), reset: random.Next(2) == 0));
        }

        foreach (Peer peer in peers)
        {
            await peer.UntilAsync(() => peer.Events.Count >= events, "all events");
            await peer.SettleAsync();
            Assert.Equal(events, peer.Events.Count);
            Assert.Equal(1, peer.Snapshots);
            Assert.Equal(Members, peer.People.Count);
        }

        Assert.All(peers, peer => Assert.Equal(peers[0].Events.Select(Text), peer.Events.Select(Text)));
        Assert.All(
            Enumerable.Range(0, Members),
            i => Assert.Equal(
                Enumerable.Range(0, Rounds).Select(round => $"e{(round * Members) + i}"),
                peers[0].Events.Where(happened => happened.Sender == peers[i].Seat!.Member).Select(Text)));
        foreach (Peer peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    private static string Text(EventFacts happened) => Encoding.UTF8.GetString(happened.Payload);

    private static byte[] Event(ulong sequence) =>
        Frames.Event(sequence, EventAudience.Others, 0, 1024, Encoding.UTF8.GetBytes($"n{sequence}"));

    private static Task<RelayTestServer> StartAsync(Action<Relay.Core.Hosting.RelayOptions>? configure = null) => RelayTestServer.StartAsync(options =>
    {
        options.Resume.Window = Window;
        configure?.Invoke(options);
    });
}
