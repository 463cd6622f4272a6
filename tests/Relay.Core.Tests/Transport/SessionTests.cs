using System.Text;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Transport;

/// <summary>The usual life of a connection, over every transport: Hello, rooms, presence, transforms, events, the clock, the end.</summary>
public sealed class SessionTests
{
    [Theory]
    [ClassData(typeof(AllWires))]
    public async Task Hello_answersWelcomeWithLimitsInForce(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Limits.MaxEventPayload = 1000;
            options.Limits.FrameBurst = 77;
            options.Room.TickRate = 10;
        });
        await using Peer anna = await Peer.ConnectAsync(server, wire, "Anna");
        WelcomeFacts welcome = anna.Welcome!;
        Assert.Equal((1, "Anna", 1000u, 77u, 60u), (welcome.Version, welcome.Name, welcome.MaxEventPayload, welcome.FrameBurst, welcome.FramesPerSecond));
        Assert.Equal((16_384u, 10_000u, 25_000u, 100_000u), (welcome.MaxFrameBody, welcome.HeartbeatMillis, welcome.IdleTimeoutMillis, welcome.TickMicros));
        Assert.NotEqual(Guid.Empty, welcome.Session);
    }

    [Fact]
    public async Task Hello_withoutName_getsGuestNamesThatDiffer()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer first = await Peer.ConnectAsync(server, Wire.Tcp);
        await using Peer second = await Peer.ConnectAsync(server, Wire.WebSocket);
        Assert.StartsWith("guest-", first.Welcome!.Name, StringComparison.Ordinal);
        Assert.NotEqual(first.Welcome.Name, second.Welcome!.Name);
    }

    [Theory]
    [InlineData(Wire.Tcp, Wire.WebSocket)]
    [InlineData(Wire.WebSocket, Wire.Tcp)]
    [InlineData(Wire.Tcp, Wire.PipeTcp)]
    [InlineData(Wire.PipeWebSocket, Wire.WebSocket)]
    [InlineData(Wire.PipeTcp, Wire.PipeWebSocket)]
    [InlineData(Wire.TlsTcp, Wire.TlsWebSocket)]
    [InlineData(Wire.TlsWebSocket, Wire.Tcp)]
    public async Task Room_acrossTransports_seesEachOtherMoveAndLeave(Wire one, Wire other)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, one, "plaza", "Anna");
        await using Peer ben = await Peer.JoinAsync(server, other, "plaza", "Ben");
        Assert.Equal(["Anna", "Ben"], ben.People.Values.Select(person => person.Name).Order());
        Assert.Equal(anna.Seat!.Epoch, ben.Seat!.Epoch);
        Assert.NotEqual(anna.Seat.Slot, ben.Seat.Slot);

        await anna.UntilAsync(() => anna.People.ContainsKey(ben.Seat.Member), "Ben's arrival");
        Assert.Equal((PresenceKind.Present, ben.Seat.Member), (Assert.Single(anna.Changes).Kind, anna.Changes[0].Member));

        var place = new Transform(1.5, -0.25, 63.999, 0, 0.5f, 0, 0.8660254f);
        await anna.MoveAsync(place, new TransformExtension { Flags = TransformFlags.Velocity | TransformFlags.Scale, VelocityX = -120, Scale = 1.5f });
        await ben.SeesAsync(anna.Seat.Slot, place);
        Seen seen = ben.Values[anna.Seat.Slot];
        Assert.Equal((-120, 1.5f), (seen.Extension.VelocityX, seen.Extension.Scale));
        Assert.Equal(0.5f, seen.Place.RotationY, 0.002f);

        await anna.LeaveAsync();
        Assert.Equal(CloseCode.Normal, anna.Lefts.Single().Reason);
        await ben.UntilAsync(() => !ben.People.ContainsKey(anna.Seat.Member) && !ben.Values.ContainsKey(anna.Seat.Slot), "Anna's departure");
        Assert.Equal((PresenceKind.Left, anna.Seat.Member, CloseCode.Normal), Assert.Single(ben.Changes));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Disconnect_withoutClose_isToldAsAbnormal(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        foreach (bool reset in new[] { true, false })
        {
            await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
            uint member = anna.Seat!.Member;
            if (reset)
            {
                anna.Raw.Reset();
            }
            else
            {
                anna.Raw.ShutdownSend();
            }

            await ben.UntilAsync(() => ben.Changes.Contains((PresenceKind.Left, member, CloseCode.Abnormal)), "the departure");
        }
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Events_reachWhomTheyAreFor(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        await using Peer cleo = await Peer.JoinAsync(server, Wire.WebSocket, "plaza");
        await anna.SendEventAsync(EventAudience.Others, "to others");
        await anna.SendEventAsync(EventAudience.Everyone, "to everyone", kind: 4_000_000_000);
        await anna.SendEventAsync(EventAudience.Member, "to Cleo", cleo.Seat!.Member);
        await anna.SendEventAsync(EventAudience.Member, "to myself", anna.Seat!.Member);
        await anna.SendEventAsync(EventAudience.Everyone, "last");

        (Peer Peer, string[] Gets)[] expected =
        [
            (anna, ["to everyone", "to myself", "last"]), (ben, ["to others", "to everyone", "last"]), (cleo, ["to others", "to everyone", "to Cleo", "last"]),
        ];
        foreach ((Peer peer, string[] gets) in expected)
        {
            await peer.UntilAsync(() => peer.Events.Any(happened => Text(happened) == "last"), "the last event");
            Assert.Equal(gets, peer.Events.Select(Text));
            Assert.All(peer.Events, happened => Assert.Equal(anna.Seat.Member, happened.Sender));
        }

        Assert.Equal([1024u, 4_000_000_000, 1024], ben.Events.Select(happened => happened.Kind));
    }

    [Theory]
    [InlineData(Wire.Tcp, 1)]
    [InlineData(Wire.WebSocket, 1)]
    [InlineData(Wire.PipeTcp, 1)]
    [InlineData(Wire.PipeWebSocket, 1)]
    [InlineData(Wire.Tcp, 2)]
    [InlineData(Wire.WebSocket, 2)]
    [InlineData(Wire.PipeTcp, 2)]
    [InlineData(Wire.PipeWebSocket, 2)]
    public async Task ChangeRoom_entersTheNewRoomAndLeavesTheOld_inOneStep(Wire wire, int shards)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Shards = shards);
        await using Peer anna = await Peer.JoinAsync(server, wire, "room-0");

        // Names fall on shards by hash: of nine rooms some lie on either of two shards, but for a chance of 1 in 256.
        for (int i = 1; i < 9; i++)
        {
            await using Peer resident = await Peer.JoinAsync(server, Wire.Tcp, $"room-{i}");
            JoinedFacts seat = await anna.JoinAsync($"room-{i}", FrameType.ChangeRoom);
            Assert.Equal(($"room-{i}", 2), (seat.Room, anna.People.Count));
            await resident.UntilAsync(() => resident.People.ContainsKey(seat.Member), "the arrival");
            await anna.MoveAsync(new Transform(i, 0, 0));
            await resident.SeesAsync(seat.Slot, new Transform(i, 0, 0));
            await resident.MoveAsync(new Transform(0, i, 0));
            await anna.SeesAsync(resident.Seat!.Slot, new Transform(0, i, 0));
        }

        await Waiting.UntilAsync(() => server.Relay.RoomCount == 1 && server.Relay.MemberCount == 1, "the old rooms' end");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task ChangeRoom_refused_staysWhereItIs(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.Room.Capacity = 1);
        await using Peer anna = await Peer.JoinAsync(server, wire, "mine");
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "his");
        ErrorFacts full = await anna.RefusedAsync(sequence => Frames.Join(sequence, "his", FrameType.ChangeRoom));
        Assert.Equal((CloseCode.RoomFull, FrameType.ChangeRoom), (full.Code, full.Refused));
        await anna.MoveAsync(new Transform(3, 3, 3));
        await anna.SeesAsync(anna.Seat!.Slot, new Transform(3, 3, 3));
        Assert.Equal((2, 2), (server.Relay.RoomCount, server.Relay.MemberCount));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Join_withEpochAndCursor_tellsOnlyWhatChangedSince(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer still = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        await using Peer moving = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        await still.MoveAsync(new Transform(1, 1, 1));
        await moving.MoveAsync(new Transform(2, 2, 2));

        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await anna.SeesAsync(still.Seat!.Slot, new Transform(1, 1, 1));
        await anna.SeesAsync(moving.Seat!.Slot, new Transform(2, 2, 2));
        (ulong epoch, ulong cursor) = (anna.Seat!.Epoch, anna.Cursor);
        await anna.LeaveAsync();
        await moving.MoveAsync(new Transform(4, 4, 4));
        await still.SeesAsync(moving.Seat.Slot, new Transform(4, 4, 4));

        await anna.JoinAsync("plaza", epoch: epoch, cursor: cursor);
        await anna.SeesAsync(moving.Seat.Slot, new Transform(4, 4, 4));
        Assert.DoesNotContain(anna.Batches, batch => batch.Reset || batch.Slots.Contains(still.Seat.Slot));

        // A cursor of another life of the room, or from the future, answers with everything.
        foreach ((ulong oldEpoch, ulong oldCursor) in new[] { (epoch ^ 2, cursor), (epoch, cursor + 1_000_000) })
        {
            await anna.LeaveAsync();
            await anna.JoinAsync("plaza", epoch: oldEpoch, cursor: oldCursor);
            await anna.SeesAsync(still.Seat.Slot, new Transform(1, 1, 1));
            Assert.True(anna.Batches[0].Reset);
        }
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Ping_answersWithTheServersClock(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await anna.MoveAsync(new Transform(1, 0, 0));
        await anna.SeesAsync(anna.Seat!.Slot, new Transform(1, 0, 0));
        await anna.Raw.SendAsync(Frames.Ping(ulong.MaxValue));
        await anna.Raw.SendAsync(Frames.Ping(2));
        await anna.UntilAsync(() => anna.Pongs.Count == 2, "two Pongs");
        Assert.Equal([ulong.MaxValue, 2], anna.Pongs.Select(pong => pong.Stamp));
        Assert.All(anna.Pongs, pong => Assert.InRange(pong.Sent, pong.Received, pong.Received + 10_000_000));
        Assert.InRange(anna.Pongs[0].Received, anna.Welcome!.ServerClock, anna.Pongs[1].Received);
        Assert.InRange(anna.Batches[^1].ServerMillis, anna.Welcome.ServerClock / 1000, anna.Pongs[1].Sent / 1000);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Silence_pastHeartbeat_isAskedWithAPing_andAnAnswerKeepsTheConnection(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options =>
        {
            options.Limits.Heartbeat = TimeSpan.FromSeconds(1);
            options.Limits.IdleTimeout = TimeSpan.FromSeconds(4);
        });
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await anna.UntilAsync(() => anna.PingsAnswered == 2, "two Pings");
        await anna.SettleAsync();
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Sequence_repeated_isDropped_andSkipped_isRefused(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        foreach (ulong sequence in new ulong[] { 2, 2, 1, 0, 5, 3, 3 })
        {
            await anna.Raw.SendAsync(Frames.Event(sequence, EventAudience.Others, 0, 1024, Encoding.UTF8.GetBytes($"number {sequence}")));
        }

        await anna.SettleAsync();
        ErrorFacts skipped = Assert.Single(anna.Errors);
        Assert.Equal((CloseCode.BadSequence, FrameType.SendEvent, 5ul, 3.0, 5.0), (skipped.Code, skipped.Refused, skipped.Sequence, skipped.Limit, skipped.Value));
        await ben.UntilAsync(() => ben.Events.Count == 2, "two events");
        await ben.SettleAsync();
        Assert.Equal(["number 2", "number 3"], ben.Events.Select(Text));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Close_ofTheClient_isAnsweredAndToldToOthers(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await anna.Raw.SendAsync(Frames.Close(CloseCode.Normal));
        Ending ending = await anna.Raw.ReadToEndAsync();
        Assert.Equal((CloseCode.Normal, false), (ending.Close!.Code, ending.WasReset));
        Assert.Equal(wire.IsWebSocket() ? 1000 : null, ending.WebSocketCode);
        await ben.UntilAsync(() => ben.Changes.Contains((PresenceKind.Left, anna.Seat!.Member, CloseCode.Normal)), "the departure");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Close_withTheStreamsEndRightBehind_isStillNormal(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "plaza");
        for (int i = 0; i < 20; i++)
        {
            await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
            await anna.Raw.SendAsync(Frames.Close(CloseCode.Normal));
            anna.Raw.ShutdownSend();
            await ben.UntilAsync(() => ben.Changes.Any(change => change.Kind == PresenceKind.Left && change.Member == anna.Seat!.Member), "the departure");
            Assert.Equal(CloseCode.Normal, ben.Changes[^1].Reason);
        }
    }

    [Theory]
    [ClassData(typeof(UnsendableCodes))]
    public async Task Close_withACodeThatWebSocketMayNotSend_isAnsweredWithOneThatItMay(Wire wire, int code)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync();
        await using Peer anna = await Peer.JoinAsync(server, wire, "plaza");
        await anna.Raw.SendAsync(Frames.Close((CloseCode)code));
        Ending ending = await anna.Raw.ReadToEndAsync();
        Assert.Equal(1000, ending.WebSocketCode);
    }

    private static string Text(EventFacts happened) => Encoding.UTF8.GetString(happened.Payload);

    private sealed class UnsendableCodes() : WiresWith<int>(WebSocketOnBothRoads, 999, 1005, 65535);
}
