using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Tests.Kit;
using Relay.Core.Tests.Rooms;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Hosting;

/// <summary>An embedder's logic in rooms, over real connections: it is told, it vetoes, alters and authors, and what goes wrong in it is
/// felt by its caller alone.</summary>
public sealed class RoomHandlerTests
{
    private const int FailedLine = 13, LateLine = 14, QueueLine = 15;
    private const uint Refused = 1500, Replaced = 1501, Slow = 1502;

    private readonly RoomScript _script = new();

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Joining_keepsOut_orGivesRoleAndOptions(Wire wire)
    {
        _script.Joining = (attempt, _) => attempt.Room switch
        {
            "game/closed" => new(JoinDecision.Refuse("Not tonight.")),
            "game/broken" => throw new InvalidOperationException("The store of games is down."),
            "game/absurd" => new(JoinDecision.Allow(new RoomOptions { Capacity = 0 })),
            "game/small" => new(JoinDecision.Allow(new RoomOptions { Capacity = 3 }, "moderator")),
            _ => new(JoinDecision.Allow()),
        };
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.ConnectAsync(server, wire);
        foreach ((string room, string reason) in new[]
        {
            ("game/closed", "Not tonight."), ("game/broken", "The server could not decide."), ("game/absurd", "The room is misconfigured."),
        })
        {
            ErrorFacts error = await anna.RefusedAsync(sequence => Frames.Join(sequence, room));
            Assert.Equal((FrameType.Join, CloseCode.Forbidden, reason), (error.Refused, error.Code, error.Text));
        }

        Assert.Equal(0, server.Relay.RoomCount);
        JoinedFacts seat = await anna.JoinAsync("game/small");
        Assert.Equal((3u, 2), (seat.Capacity, anna.People[seat.Member].Role));
        seat = await anna.JoinAsync("game/large", FrameType.ChangeRoom);
        Assert.Equal((500u, 1), (seat.Capacity, anna.People[seat.Member].Role));
        Assert.Equal("game/broken", Assert.Single(server.Log.WithId(FailedLine)).Fields["Room"]);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Members_areToldOfOnceAndInOrder_howeverTheyGo(Wire wire)
    {
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer stays = await Peer.JoinAsync(server, wire, "game");
        for (int i = 0; i < 3; i++)
        {
            await using Peer leaves = await Peer.JoinAsync(server, wire, "game");
            await leaves.LeaveAsync();
            await using Peer changes = await Peer.JoinAsync(server, wire, "game");
            await changes.JoinAsync("game/2", FrameType.ChangeRoom);
            await using Peer vanishes = await Peer.JoinAsync(server, wire, "game");
            vanishes.Raw.Reset();
            await stays.UntilAsync(() => stays.People.Count == 1, "the departures");
        }

        await Waiting.UntilAsync(() => server.Relay.RoomCount == 1 && _script.Told.Count == 25, "the handler");
        string[] first = [.. _script.Told.Where(line => line.StartsWith("game ", StringComparison.Ordinal))];
        string[] expected = ["game joined 1", .. Enumerable.Range(0, 3).SelectMany(round => new[]
        {
            $"game joined {(3 * round) + 2}", $"game leaving {(3 * round) + 2} Normal",
            $"game joined {(3 * round) + 3}", $"game leaving {(3 * round) + 3} Normal",
            $"game joined {(3 * round) + 4}", $"game leaving {(3 * round) + 4} Abnormal",
        })];
        Assert.Equal(expected, first);
        Assert.Equal(3, _script.Told.Count(line => line.StartsWith("game/2 joined", StringComparison.Ordinal)));
        Assert.Equal(3, _script.Told.Count(line => line.StartsWith("game/2 leaving", StringComparison.Ordinal)));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Messages_passOrAreRefusedOrReplaced_alsoThoseBehindTheJoin(Wire wire)
    {
        _script.Message = (room, message, _) => message.Kind switch
        {
            Refused => new(MessageVerdict.Refuse($"Not here, {message.Sender.Id}.")),
            Replaced => new(MessageVerdict.Replace(Bytes(Text(message.Payload.Span).ToUpperInvariant()))),
            _ => new(MessageVerdict.Pass),
        };
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.ConnectAsync(server, wire);
        var sent = new List<byte[]> { Frames.Join(1, "game") };
        uint[] kinds = [.. Enumerable.Range(0, 60).Select(i => (i % 3) switch { 0 => 1024u + (uint)i, 1 => Refused, _ => Replaced })];
        for (int i = 0; i < kinds.Length; i++)
        {
            sent.Add(Frames.Event((ulong)i + 2, EventAudience.Everyone, 0, kinds[i], Bytes("text" + Number(i))));
        }

        await anna.Raw.SendAsync([.. sent, Frames.Ping(7)]);
        await anna.UntilAsync(() => anna.Pongs.Count == 1 && anna.Events.Count == 40, "the answers");
        Assert.Equal(20, anna.Errors.Count);
        Assert.All(
            anna.Errors,
            error => Assert.Equal((FrameType.SendEvent, CloseCode.Forbidden, "Not here, 1."), (error.Refused, error.Code, error.Text)));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (ulong)(3 * i) + 3), anna.Errors.Select(error => error.Sequence));
        Assert.Equal(
            Enumerable.Range(0, 60).Where(i => i % 3 != 1).Select(i => (i % 3 == 0 ? "text" : "TEXT") + Number(i)),
            anna.Events.Select(happened => Text(happened.Payload)));
        Assert.All(anna.Events, happened => Assert.Equal(1u, happened.Sender));
    }

    [Fact]
    public async Task Content_thatAMessageCannotHave_countsAsAFailure()
    {
        _script.Message = (_, message, _) => new(MessageVerdict.Replace(message.Kind == Replaced ? new byte[9000] : Bytes("no value")));
        _script.StateChanging = (_, _, _) => new(MessageVerdict.Replace(Bytes("anything")));
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "game");
        WriteFrame create = StateFrames.Create("table");
        foreach (Func<ulong, byte[]> message in new Func<ulong, byte[]>[]
        {
            sequence => Frames.Event(sequence, EventAudience.Everyone, 0, Replaced, [1]),
            sequence => Frames.Event(sequence, EventAudience.Everyone, 0, (uint)SignalKind.Chat, [0xA1, (byte)'a']),
            sequence => StateFrames.Write(create, sequence),
        })
        {
            ErrorFacts error = await anna.RefusedAsync(message);
            Assert.Equal((CloseCode.Forbidden, "The server could not decide."), (error.Code, error.Text));
        }

        Assert.Equal(3, server.Log.WithId(FailedLine).Count());
        Assert.Equal(3, server.Metrics.Read("relay.server.handler.failures"));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task StateChanges_passOrAreRefusedOrReplaced(Wire wire)
    {
        var asked = new ConcurrentQueue<StateRequest>();
        _script.StateChanging = (_, request, _) =>
        {
            asked.Enqueue(request);
            return new(request switch
            {
                { Type: FrameType.CreateObject, New.Name: "bomb" } => MessageVerdict.Refuse("No bombs."),
                { Type: FrameType.SetAttribute, Key: "price" } => MessageVerdict.Replace(StateAsks.Number(5)),
                { Type: FrameType.SetAttribute, Key: "broken" } => MessageVerdict.Replace(new byte[] { 0xC1 }),
                _ => MessageVerdict.Pass,
            });
        };
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, wire, "game");
        uint table = (uint)await anna.AskAsync(StateFrames.Create("table"));
        WriteFrame bomb = StateFrames.Create("bomb");
        ErrorFacts error = await anna.RefusedAsync(sequence => StateFrames.Write(bomb, sequence));
        Assert.Equal((FrameType.CreateObject, CloseCode.Forbidden, "No bombs."), (error.Refused, error.Code, error.Text));

        AttributeTarget target = AttributeTarget.OfObject(table);
        await anna.AskAsync(StateFrames.Set(target, "price", StateAsks.Number(1)));
        await anna.AskAsync(StateFrames.Set(target, "colour", StateAsks.Text("red")));
        WriteFrame broken = StateFrames.Set(target, "broken", StateAsks.Number(1));
        Assert.Equal(CloseCode.BadValue, (await anna.RefusedAsync(sequence => StateFrames.Write(broken, sequence))).Code);
        await anna.AskAsync(StateFrames.Claim(table, ClaimAction.Lock, 5000));
        await anna.UntilAsync(() => anna.Mirror.Objects[table].LockHolder != 0, "the lock");
        Assert.Equal("table", Assert.Single(anna.Mirror.Objects.Values).Name);
        Assert.Equal(Convert.ToHexString(StateAsks.Number(5)), anna.Mirror.Attributes[(target, "price")].Value);
        Assert.Equal(anna.Seat!.Member, anna.Mirror.Attributes[(target, "price")].Author);
        Assert.Equal(2, anna.Mirror.Attributes.Count);

        StateRequest[] requests = [.. asked];
        Assert.Equal("table", requests[0].New!.Name);
        Assert.Equal((table, "price"), (requests[2].Object, requests[2].Key));
        Assert.Equal(StateAsks.Number(1), requests[2].Value);
        Assert.Equal((table, ClaimAction.Lock, 5000u), (requests[5].Object, requests[5].Action, requests[5].Argument));
        Assert.All(requests, request => Assert.Equal(anna.Seat.Member, request.Sender.Id));
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task SlowDecision_keepsItsSendersOrder_andHoldsUpNobodyElse(Wire wire)
    {
        _script.Message = async (_, message, _) =>
        {
            if (message.Kind == Slow)
            {
                _script.Signal("asked").TrySetResult();
                await _script.Signal("go").Task;
            }

            return MessageVerdict.Pass;
        };
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, wire, "game");
        await using Peer ben = await Peer.JoinAsync(server, wire, "game");
        await anna.SendEventAsync(EventAudience.Others, "first", kind: Slow);
        for (int i = 0; i < 20; i++)
        {
            await anna.SendEventAsync(EventAudience.Others, "later", kind: 1600 + (uint)i);
        }

        await _script.Signal("asked").Task.InTimeAsync("the handler");

        // Ben is heard, both are seen to move, and the room ticks on, while Anna's words wait.
        for (int i = 1; i <= 10; i++)
        {
            await ben.SendEventAsync(EventAudience.Everyone, "meanwhile");
            await anna.MoveAsync(new Transform(i, 0, 0));
            await ben.SeesAsync(anna.Seat!.Slot, new Transform(i, 0, 0));
            await ben.UntilAsync(() => ben.Events.Count == i, "his own words");
        }

        Assert.True(ben.Batches.Count >= 10);
        Assert.All(ben.Events, happened => Assert.Equal(ben.Seat!.Member, happened.Sender));
        _script.Signal("go").SetResult();
        await ben.UntilAsync(() => ben.Events.Count == 31, "her words");
        uint[] hers = [Slow, .. Enumerable.Range(1600, 20).Select(kind => (uint)kind)];
        Assert.Equal(hers, ben.Events.Skip(10).Select(happened => happened.Kind));
        Assert.Empty(anna.Errors);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case42_HandlerThatThrows_harmsOnlyItsCaller(Wire wire)
    {
        _script.Message = (_, message, _) => message.Kind == Refused ? throw new InvalidOperationException("A bug.") : default;
        _script.StateChanging = (_, _, _) => throw new InvalidOperationException("Another one.");
        _script.Joined = (_, _, _) => throw new InvalidOperationException("A third one.");
        _script.Tick = (_, _, _) => throw new InvalidOperationException("A fourth one.");
        _script.TickInterval = TimeSpan.FromMilliseconds(20);
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, wire, "game");
        await using Peer ben = await Peer.JoinAsync(server, wire, "game");
        ErrorFacts error = await anna.RefusedAsync(sequence => Frames.Event(sequence, EventAudience.Others, 0, Refused, [1]));
        Assert.Equal((FrameType.SendEvent, CloseCode.Forbidden, "The server could not decide."), (error.Refused, error.Code, error.Text));
        WriteFrame create = StateFrames.Create("table");
        error = await anna.RefusedAsync(sequence => StateFrames.Write(create, sequence));
        Assert.Equal((FrameType.CreateObject, CloseCode.Forbidden), (error.Refused, error.Code));

        await AllIsWellAsync(anna, ben);
        await Waiting.UntilAsync(
            () => server.Log.WithId(FailedLine).Select(line => line.Fields["Method"]).Distinct().Count() == 4 &&
                server.Log.WithId(FailedLine).Count(line => Equals(line.Fields["Method"], "TickAsync")) > 3,
            "the log");
        Assert.Equal((0, 2), (ben.Errors.Count, anna.Errors.Count));
        Assert.DoesNotContain(server.Log.Lines, line => line.Level == LogLevel.Critical);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Case42_HandlerThatBlocksForThirtySeconds_orReturnsLate_harmsOnlyItsCaller(Wire wire)
    {
        using var released = new ManualResetEventSlim();
        _script.Message = (_, message, _) =>
        {
            if (message.Kind == Slow)
            {
                // Blocks its thread and looks at no token.
                released.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
                _script.Signal("returned").TrySetResult();
                return new(MessageVerdict.Replace(Bytes("too late")));
            }

            return default;
        };
        await using RelayTestServer server = await RoomScript.StartAsync(
            _script, options => options.Limits.HandlerTimeout = TimeSpan.FromSeconds(1));
        await using Peer anna = await Peer.JoinAsync(server, wire, "game");
        await using Peer ben = await Peer.JoinAsync(server, wire, "game");
        try
        {
            await anna.SendEventAsync(EventAudience.Others, "never", kind: Slow);
            ulong asked = anna.Sequence;
            await anna.SendEventAsync(EventAudience.Others, "nor this");
            await AllIsWellAsync(anna, ben);
            await anna.UntilAsync(() => anna.Errors.Count == 2, "the refusals");
            Assert.Equal([asked, asked + 1], anna.Errors.Select(error => error.Sequence));
            Assert.All(
                anna.Errors,
                error => Assert.Equal((CloseCode.Forbidden, "The server could not decide in time."), (error.Code, error.Text)));

            // Her next message is not given another thread to block; that of the others is.
            await anna.SendEventAsync(EventAudience.Others, "nor that", kind: Slow);
            await anna.UntilAsync(() => anna.Errors.Count == 3, "another refusal");
            await ben.SendEventAsync(EventAudience.Everyone, "still here");
            await anna.UntilAsync(() => anna.Events.Count == 1, "his words");
            Assert.Single(server.Log.WithId(LateLine));
            Assert.Equal(3, server.Metrics.Read("relay.server.handler.timeouts"));
        }
        finally
        {
            released.Set();
        }

        // What comes late changes nothing; then she is heard again.
        await _script.Signal("returned").Task.InTimeAsync("the handler's return");
        await AllIsWellAsync(anna, ben);
        int refused = anna.Errors.Count;
        do
        {
            await anna.SendEventAsync(EventAudience.Others, "again");
            await anna.SettleAsync();
        }
        while (anna.Errors.Count > refused++);
        await ben.UntilAsync(() => ben.Events.Count == 2, "her words");
        Assert.Equal(["still here", "again"], ben.Events.Select(happened => Text(happened.Payload)));
        Assert.Empty(ben.Errors);
    }

    [Theory]
    [ClassData(typeof(TcpWires))]
    public async Task Case42_HandlersThatBlockEveryThreadTheyHave_holdUpNoConnectionAndNoRoom(Wire wire)
    {
        using var released = new ManualResetEventSlim();
        _script.Joined = (_, _, _) =>
        {
            released.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return default;
        };
        await using RelayTestServer server = await RoomScript.StartAsync(_script, options =>
        {
            options.Limits.HandlerThreads = 2;
            options.Limits.HandlerTimeout = TimeSpan.FromSeconds(1);
        });
        try
        {
            await using Peer one = await Peer.JoinAsync(server, wire, "game/1");
            await using Peer two = await Peer.JoinAsync(server, wire, "game/2");
            await Waiting.UntilAsync(() => _script.Told.Count == 2, "the handler to block");

            // Nobody gets into a room with a handler now, but everything else goes on.
            await using Peer anna = await Peer.ConnectAsync(server, wire);
            ErrorFacts error = await anna.RefusedAsync(sequence => Frames.Join(sequence, "game/3"));
            Assert.Equal((CloseCode.Forbidden, "The server could not decide in time."), (error.Code, error.Text));
            await using Peer ben = await Peer.ConnectAsync(server, wire);
            await ben.SettleAsync();
            await AllIsWellAsync(one, one);
            await AllIsWellAsync(two, two);
        }
        finally
        {
            released.Set();
        }

        // The threads take a moment to come free.
        await using Peer cleo = await Peer.ConnectAsync(server, wire);
        bool isIn = false;
        for (int attempt = 0; attempt < 20 && !isIn; attempt++)
        {
            isIn = await cleo.TryJoinAsync("game/4");
        }

        Assert.True(isIn);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Author_makesMovesAndRemoves_setsAndSends(Wire wire)
    {
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, wire, "game");
        await using Peer ben = await Peer.JoinAsync(server, wire, "game");
        await Waiting.UntilAsync(() => _script.Rooms.Count == 2, "the handler");
        RoomContext room = _script.Rooms.First();
        Assert.Same(room, _script.Rooms.Last());
        Assert.Equal(("game", anna.Seat!.Epoch), (room.Name, room.Epoch));

        uint ball = await room.CreateObjectAsync(new NewObject
        {
            Type = "ball",
            Name = "ball",
            Flags = ObjectFlags.Fixed,
            Place = new Transform(1, 2, 3),
            Attributes = [new NewAttribute("colour", StateAsks.Text("red"))],
        }).InTimeAsync("an object");
        await ben.UntilAsync(() => ben.Mirror.Objects.ContainsKey(ball) && ben.Mirror.Attributes.Count == 1, "the ball");
        RoomMirror.ObjectFacts facts = ben.Mirror.Objects[ball];
        Assert.Equal((0u, 0u, ObjectFlags.Fixed | ObjectFlags.Placed), (facts.Owner, facts.Creator, facts.Flags));
        await ben.SeesAsync(facts.Slot, new Transform(1, 2, 3));
        room.MoveObject(ball, new Transform(4, 5, 6));
        await ben.SeesAsync(facts.Slot, new Transform(4, 5, 6));

        ulong version = await room.SetAttributeAsync(AttributeTarget.OfRoom(), "score", StateAsks.Number(1)).InTimeAsync("an attribute");
        Assert.Equal(CloseCode.Conflict, (await Assert.ThrowsAsync<RoomRefusedException>(
            () => room.SetAttributeAsync(AttributeTarget.OfRoom(), "score", StateAsks.Number(2), expected: 0))).Code);
        await ben.UntilAsync(() => ben.Mirror.Attributes.Count == 2, "the score");
        Assert.Equal((version, 0u), (ben.Mirror.Attributes[(default, "score")].Version, ben.Mirror.Attributes[(default, "score")].Author));

        await room.SendAsync(2000, Bytes("to Ben"), RoomAudience.Member(ben.Seat!.Member)).InTimeAsync("an event");
        await room.SetRoleAsync(ben.Seat.Member, "moderator").InTimeAsync("a role");
        await room.SendAsync(2001, Bytes("to moderators"), RoomAudience.Roles("moderator", "owner")).InTimeAsync("an event");
        await room.SendAsync(2002, Bytes("to all")).InTimeAsync("an event");
        await ben.UntilAsync(() => ben.Events.Count == 3, "events");
        await anna.UntilAsync(() => anna.Events.Count == 1, "an event");
        Assert.Equal([2000u, 2001u, 2002u], ben.Events.Select(happened => happened.Kind));
        Assert.All(ben.Events, happened => Assert.Equal(0u, happened.Sender));
        Assert.Equal(2, anna.People[ben.Seat.Member].Role);

        await room.RemoveObjectAsync(ball).InTimeAsync("the removal");
        await room.DeleteAttributeAsync(AttributeTarget.OfRoom(), "score").InTimeAsync("the deletion");
        await anna.UntilAsync(() => anna.Mirror.Objects.Count == 0 && anna.Mirror.Attributes.Count == 0, "nothing");

        await room.KickAsync(ben.Seat.Member).InTimeAsync("the kick");
        await ben.UntilAsync(() => ben.Lefts.Count == 1, "Left");
        Assert.Equal(CloseCode.Kicked, ben.Lefts[0].Reason);
        await Waiting.UntilAsync(() => _script.Told.Contains("game leaving 2 Kicked"), "the handler");

        await anna.LeaveAsync();
        await Waiting.UntilAsync(() => server.Relay.RoomCount == 0, "the room's end");
        Assert.Equal(CloseCode.NotFound, (await Assert.ThrowsAsync<RoomRefusedException>(() => room.SendAsync(2000, default))).Code);
        Assert.Equal(CloseCode.NotFound, Assert.Throws<RoomRefusedException>(() => room.MoveObject(ball, default)).Code);

        // The next life of the room is another one.
        await anna.JoinAsync("game");
        await Waiting.UntilAsync(() => _script.Rooms.Count == 3, "the handler");
        Assert.NotSame(room, _script.Rooms.Last());
        Assert.Equal(CloseCode.NotFound, (await Assert.ThrowsAsync<RoomRefusedException>(() => room.SendAsync(2000, default))).Code);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Tick_getsTheRoomAsItIs(Wire wire)
    {
        RoomImage? newest = null;
        _script.Tick = (_, image, _) =>
        {
            Volatile.Write(ref newest, image);
            return default;
        };
        _script.TickInterval = TimeSpan.FromMilliseconds(20);
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, wire, "game", "Anna");
        await using Peer ben = await Peer.JoinAsync(server, wire, "game", "Ben");
        uint table = (uint)await anna.AskAsync(StateFrames.Create("table", ObjectFlags.Placed));
        var above = new NewObject { Type = "lamp", Parent = table, Place = new Transform(0, 1, 0) };
        uint lamp = await _script.Rooms.First().CreateObjectAsync(above).InTimeAsync("an object");
        await anna.MoveAsync(new Transform(1, 2, 3));
        await Waiting.UntilAsync(() => Volatile.Read(ref newest) is { Members: [{ Place: not null }, _], Objects.Count: 2 }, "the image");
        RoomImage image = Volatile.Read(ref newest)!;
        Assert.Equal(
            [(anna.Seat!.Member, "Anna", "member", true), (ben.Seat!.Member, "Ben", "member", false)],
            image.Members.Select(member => (member.Id, member.Name, member.Role, member.Place is not null)));
        Assert.Equal(1, image.Members[0].Place!.Value.X, 0.001);
        Assert.Equal(
            [(table, "table", anna.Seat.Member, 0u), (lamp, "", 0u, table)],
            image.Objects.Select(made => (made.Id, made.Name, made.Owner, made.Parent)));
        Assert.Null(image.Objects[0].Place);
        Assert.Equal(1, image.Objects[1].Place!.Value.Y, 0.001);
        Assert.True(image.Elapsed > TimeSpan.Zero);
    }

    [Fact]
    public async Task Tick_isSkipped_whileTheOneBeforeRuns()
    {
        int ticks = 0;
        _script.Tick = async (_, _, _) =>
        {
            Interlocked.Increment(ref ticks);
            await _script.Signal("go").Task;
        };
        _script.TickInterval = TimeSpan.FromMilliseconds(5);
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "game");
        await Waiting.UntilAsync(() => server.Metrics.Read("relay.server.handler.ticks.skipped") > 5, "ticks to be skipped");
        Assert.Equal(1, Volatile.Read(ref ticks));
        _script.Signal("go").SetResult();
        await Waiting.UntilAsync(() => Volatile.Read(ref ticks) > 3, "ticks");
    }

    [Fact]
    public async Task Tick_thatOverruns_isNotJoinedByAnother_butArrivalsAreTold()
    {
        int ticks = 0;
        _script.Tick = async (_, _, _) =>
        {
            Interlocked.Increment(ref ticks);
            await _script.Signal("go").Task;
        };
        _script.TickInterval = TimeSpan.FromMilliseconds(5);
        await using RelayTestServer server = await RoomScript.StartAsync(
            _script, options => options.Limits.HandlerTimeout = TimeSpan.FromSeconds(1));
        await using Peer anna = await Peer.JoinAsync(server, Wire.Tcp, "game");
        await Waiting.UntilAsync(() => server.Log.WithId(LateLine).Any(), "the log");
        await using Peer ben = await Peer.JoinAsync(server, Wire.Tcp, "game");
        await Waiting.UntilAsync(() => _script.Told.Count == 2, "the handler");
        Assert.Equal(1, Volatile.Read(ref ticks));
        _script.Signal("go").SetResult();
        await Waiting.UntilAsync(() => Volatile.Read(ref ticks) > 3, "ticks");
    }

    [Fact]
    public async Task Queue_thatIsFull_isSaidOnce_andTellsOfNobodyByHalves()
    {
        _script.Joined = async (_, _, _) => await _script.Signal("go").Task;
        await using RelayTestServer server = await RoomScript.StartAsync(_script, options => options.Limits.HandlerQueue = 2);
        await using Peer stays = await Peer.JoinAsync(server, Wire.Tcp, "game");
        await Waiting.UntilAsync(() => _script.Told.Count == 1, "the handler");
        for (int i = 0; i < 6; i++)
        {
            await using Peer guest = await Peer.JoinAsync(server, Wire.Tcp, "game");
            await guest.LeaveAsync();
        }

        Assert.Single(server.Log.WithId(QueueLine));
        Assert.Equal(5, server.Metrics.Read("relay.server.handler.arrivals.untold"));
        _script.Signal("go").SetResult();
        await Waiting.UntilAsync(() => _script.Told.Count == 3, "the handler");
        await using Peer last = await Peer.JoinAsync(server, Wire.Tcp, "game");
        await Waiting.UntilAsync(() => _script.Told.Count == 4, "the handler");
        Assert.Equal(["game joined 1", "game joined 2", "game leaving 2 Normal", "game joined 8"], _script.Told);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task RoomsWithoutAHandler_areLeftAlone_andEachHasTheFirstThatIsForIt(Wire wire)
    {
        _script.Message = (_, _, _) => new(MessageVerdict.Refuse("Not here."));
        await using RelayTestServer server = await RoomScript.StartAsync(
            _script,
            build: relay => relay.AddRoomHandler<Mute>("game/*").AddRoomHandler<Mute>(room => room == "mute"),
            pattern: "game/1");
        await using Peer anna = await Peer.ConnectAsync(server, wire);
        foreach ((string room, bool isHeard, bool isPlain) in new[]
        {
            ("plaza", true, true), ("game/1", false, true), ("game/2", true, false), ("mute", true, false),
        })
        {
            await anna.JoinAsync(room, anna.Seat is null ? FrameType.Join : FrameType.ChangeRoom);
            (int heard, int refused) = (anna.Events.Count, anna.Errors.Count);
            await anna.SendEventAsync(EventAudience.Everyone, "hello");
            await anna.UntilAsync(() => anna.Events.Count + anna.Errors.Count > heard + refused, "an answer");
            Assert.Equal(isHeard, anna.Events.Count > heard);
            WriteFrame create = StateFrames.Create("table");
            if (isPlain)
            {
                await anna.AskAsync(create);
            }
            else
            {
                Assert.Equal(CloseCode.Forbidden, (await anna.RefusedAsync(sequence => StateFrames.Write(create, sequence))).Code);
            }
        }

        Assert.Equal(["game/1 joined 1", "game/1 leaving 1 Normal"], _script.Told);
    }

    [Theory]
    [ClassData(typeof(TcpWires))]
    public async Task Drain_withAHandlerThatBlocks_endsInItsBound(Wire wire)
    {
        using var released = new ManualResetEventSlim();
        ValueTask<MessageVerdict> Block()
        {
            released.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return default;
        }

        _script.Message = (_, _, _) => Block();
        _script.Leaving = async (_, _, _, _) => await Block();
        await using RelayTestServer server = await RoomScript.StartAsync(_script);
        await using Peer anna = await Peer.JoinAsync(server, wire, "game");
        await anna.SendEventAsync(EventAudience.Others, "never");
        await anna.MoveAsync(new Transform(1, 0, 0));
        await anna.SeesAsync(anna.Seat!.Slot, new Transform(1, 0, 0));
        try
        {
            long start = TimeProvider.System.GetTimestamp();
            Task drained = server.Relay.DrainAsync();
            Assert.Equal(CloseCode.GoingAway, (await anna.Raw.ReadToEndAsync()).Close!.Code);
            await drained.InTimeAsync("the drain");
            Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }
        finally
        {
            released.Set();
        }
    }

    [Fact]
    public async Task TickInterval_outOfRange_stopsTheStart()
    {
        _script.TickInterval = TimeSpan.FromMicroseconds(999);
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => RoomScript.StartAsync(_script));
        Assert.Contains("ScriptedRoom.TickInterval", failure.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Both are heard by each other and seen, or the one by itself.</summary>
    private static async Task AllIsWellAsync(Peer one, Peer other)
    {
        for (int i = 1; i <= 5; i++)
        {
            var place = new Transform(i, 1, 0);
            await one.MoveAsync(place);
            await other.SeesAsync(one.Seat!.Slot, place);
            await other.MoveAsync(place with { Y = 2 });
            await one.SeesAsync(other.Seat!.Slot, place with { Y = 2 });
        }
    }

    /// <summary>Overrides one thing only.</summary>
    private sealed class Mute : IRoomHandler
    {
        public ValueTask<MessageVerdict> StateChangingAsync(RoomContext room, StateRequest request, CancellationToken cancellationToken) =>
            new(MessageVerdict.Refuse());
    }
}
