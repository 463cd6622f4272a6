using System.Text;
using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>Calls about a room's state, what they write and what answers them. protocol-spec.md §5.7, §5.8 and §11.</summary>
public sealed class StateCallTests
{
    private static readonly byte[] First = [1, 1, 1], Second = [2, 2, 2];

    [Fact]
    public async Task CreateObject_writes_what_was_asked_for_and_done_tells_the_id()
    {
        await using Session session = await Session.JoinAsync();
        Task<uint> making = session.Client.CreateObjectAsync(new ObjectSpec
        {
            Type = "board",
            Name = "chess",
            ParentName = "table",
            IsPersistent = true,
            IsFixed = true,
            Place = new Transform(2, 0.75, -4),
            PlaceExtension = new TransformExtension { Flags = TransformFlags.Scale, Scale = 2 },
            Attributes =
            [
                new ObjectAttribute("game", "e4"),
                new ObjectAttribute("best", 7, AttributeTerms.Default with { Flags = AttributeFlags.Cloneable }),
            ],
        });
        Check(await session.Server.ExpectAsync(FrameType.CreateObject));
        session.Server.Send(Frames.Done(2, 5));
        Assert.Equal(5U, await making.InTimeAsync("Done"));

        static void Check(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, CreateObject.TryRead(body, out CreateObject create));
            ObjectFlags flags = ObjectFlags.Persistent | ObjectFlags.Placed | ObjectFlags.Fixed | ObjectFlags.ParentByName;
            Assert.Equal((2UL, flags), (create.Sequence, create.Flags));
            Assert.Equal("board", Encoding.UTF8.GetString(create.TypeUtf8));
            Assert.Equal("chess", Encoding.UTF8.GetString(create.NameUtf8));
            Assert.Equal("table", Encoding.UTF8.GetString(create.ParentNameUtf8));
            Assert.True(create.TryReadAttribute(out InitialAttribute game));
            Assert.Equal([0xA2, (byte)'e', (byte)'4'], game.Value.ToArray());
            Assert.Equal(AttributeTerms.Default, game.Terms);
            Assert.True(create.TryReadAttribute(out InitialAttribute best));
            Assert.Equal([7], best.Value.ToArray());
            Assert.Equal(AttributeFlags.Cloneable, best.Terms.Flags);
            Assert.Equal(
                ReadStatus.Ok,
                TransformRecord.TryRead(create.Place, Frames.Space, out PackedTransform place, out TransformExtension extension));
            Assert.Equal((2.0, 2f), (Math.Round(Frames.Space.Unpack(place).X, 6), extension.Scale));
        }
    }

    [Fact]
    public async Task Refusals_come_with_code_limit_and_value_where_they_are_awaited()
    {
        await using Session session = await Session.JoinAsync();
        Task<ulong> setting = session.Client.SetAttributeAsync(AttributeTarget.OfRoom(), "topic", "Chess", expected: 3);
        await session.Server.ExpectAsync(FrameType.SetAttribute);
        session.Server.Send(Frames.Error(FrameType.SetAttribute, 2, CloseCode.Conflict, limit: 3, value: 9));
        RelayException refused = await Assert.ThrowsAsync<RelayException>(() => setting.InTimeAsync("the refusal"));
        Assert.Equal(
            (CloseCode.Conflict, 3.0, 9.0, FrameType.SetAttribute), (refused.Code, refused.Limit, refused.Value, refused.RefusedType));

        // Nobody else is told, and the next call has the next number.
        Task locking = session.Client.LockAsync(4, TimeSpan.FromMilliseconds(1500.2));
        CheckLock(await session.Server.ExpectAsync(FrameType.Claim));
        session.Server.Send(Frames.Done(3));
        await locking.InTimeAsync("Done");
        Assert.True(session.Told.IsEmpty);

        static void CheckLock(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, Claim.TryRead(body, out Claim claim));
            Assert.Equal((3UL, 4U, ClaimAction.Lock, 1501U), (claim.Sequence, claim.Object, claim.Action, claim.Argument));
        }
    }

    [Fact]
    public async Task Attributes_are_written_as_text_numbers_booleans_and_bytes_under_paths()
    {
        await using Session session = await Session.JoinAsync();
        AttributeTarget room = AttributeTarget.OfRoom();
        (PackedValue Value, byte[] Encoded)[] values =
        [
            ("é", [0xA2, 0xC3, 0xA9]),
            (new string('x', 40), [0xD9, 40, .. Enumerable.Repeat((byte)'x', 40)]),
            (300, [0xCD, 1, 0x2C]),
            (-1L, [0xFF]),
            (long.MinValue, [0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            (0.5, [0xCB, 0x3F, 0xE0, 0, 0, 0, 0, 0, 0]),
            (true, [0xC3]),
            (PackedValue.Nil, [0xC0]),
            (new byte[] { 0x80 }, [0x80]),
            (new ReadOnlyMemory<byte>([0x90]), [0x90]),
        ];
        ulong sequence = 2;
        foreach ((PackedValue value, byte[] encoded) in values)
        {
            Task<ulong> merging = session.Client.MergeAttributeAsync(room, "key", ["a", "bc"], value);
            CheckMerge(await session.Server.ExpectAsync(FrameType.SetAttribute), encoded);
            session.Server.Send(Frames.Done(sequence++, 77));
            Assert.Equal(77UL, await merging.InTimeAsync("Done"));
        }

        static void CheckMerge(byte[] body, byte[] encoded)
        {
            Assert.Equal(ReadStatus.Ok, SetAttribute.TryRead(body, out SetAttribute set));
            Assert.Equal(AttributeOperation.Merge, set.Operation);
            Assert.Equal([0xA1, (byte)'a', 0xA2, (byte)'b', (byte)'c'], set.Path.ToArray());
            Assert.Equal(encoded, set.Value.ToArray());
        }
    }

    [Fact]
    public async Task What_cannot_be_written_is_refused_at_once_and_takes_no_number()
    {
        await using Session session = await Session.JoinAsync();
        RelayClient client = session.Client;
        string tooLong = new('x', 256);
        AttributeTarget room = AttributeTarget.OfRoom();
        AttributeTerms none = AttributeTerms.Default with { Flags = (AttributeFlags)128 };
        Func<Task>[] wrong =
        [
            () => client.CreateObjectAsync(new ObjectSpec { Name = tooLong }),
            () => client.CreateObjectAsync(new ObjectSpec { Parent = 1, ParentName = "table" }),
            () => client.CreateObjectAsync(new ObjectSpec { Attributes = [new ObjectAttribute("key", 1, none)] }),
            () => client.UpdateObjectAsync(4, type: tooLong),
            () => client.UpdateObjectAsync(4, flags: ObjectFlags.Placed),
            () => client.CloneObjectAsync(4, name: tooLong),
            () => client.SetAttributeAsync(room, tooLong, 1),
            () => client.SetAttributeAsync(room, "key", 1, none),
            () => client.SetAttributeAsync(new AttributeTarget((TargetKind)9), "key", 1),
            () => client.MergeAttributeAsync(room, "key", [tooLong], 1),
            () => client.KickAsync(8, tooLong),
        ];
        foreach (Func<Task> call in wrong)
        {
            await Assert.ThrowsAsync<ArgumentException>(call);
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.LockAsync(4, TimeSpan.Zero));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.LockAsync(4, TimeSpan.FromDays(50)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.BanAsync(8, TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentException>(() => client.MoveObject(new RoomObject { Id = 4 }, new Transform(0, 0, 0)));
        RelayException outside = await Assert.ThrowsAsync<RelayException>(
            () => client.CreateObjectAsync(new ObjectSpec { Place = new Transform(66, 0, 0) }));
        Assert.Equal((CloseCode.OutOfBounds, FrameType.CreateObject), (outside.Code, outside.RefusedType));
        RelayException large = await Assert.ThrowsAsync<RelayException>(() => client.SetAttributeAsync(room, "key", new byte[16_384]));
        Assert.Equal((CloseCode.MessageTooBig, 16_384.0, FrameType.SetAttribute), (large.Code, large.Limit, large.RefusedType));
        Assert.True(large.Value > large.Limit);
        Task removing = client.RemoveObjectAsync(4);
        Assert.Equal([2, 4], await session.Server.ExpectAsync(FrameType.RemoveObject));
        session.Server.Send(Frames.Done(2));
        await removing.InTimeAsync("Done");
    }

    [Fact]
    public async Task Hello_counts_state_and_a_snapshot_only_when_its_last_part_is_in()
    {
        await using Session session = await InRoomAsync();
        session.Server.Send(Frames.State(() => Frames.Object(4), sequence: 21));
        Assert.Equal("state 1 0", session.Told.Next());
        await ComeBackAsync(session, lastSequence: 21);

        // Members are complete, objects are not: another snapshot is asked for.
        session.Server.Send(
            Frames.SnapshotPart(PresenceFlags.First | PresenceFlags.StateFollows, (7, 3, "Ada"), (8, 0, "Ben")),
            Frames.StatePart(isLast: false, () => Frames.Object(4)));
        Told(session, "gap hall", "presence 2", "state 1 0");
        await ComeBackAsync(session, lastSequence: 0);

        // It is the same gap.
        session.Server.Send(
            Frames.SnapshotPart(PresenceFlags.First | PresenceFlags.StateFollows, (7, 3, "Ada"), (8, 0, "Ben")),
            Frames.StatePart(isLast: false, () => Frames.Object(4)),
            Frames.StatePart(isLast: true, () => Frames.Attribute(AttributeTarget.OfObject(4), "a", [1])));
        Told(session, "presence 2", "state 1 0", "state 1 1");
        Assert.True(session.Told.View.IsWhole);
        await ComeBackAsync(session, lastSequence: 5);
    }

    [Fact]
    public async Task Calls_are_sent_again_and_answered_over_the_new_connection_once()
    {
        await using Session session = await InRoomAsync();
        Task<uint> first = session.Client.CreateObjectAsync(new ObjectSpec { Name = "a" });
        Task<uint> second = session.Client.CreateObjectAsync(new ObjectSpec { Name = "b" });
        session.Server.Drop();
        Assert.Equal("reconnecting 1 Abnormal", session.Told.Next());
        Task third = session.Client.RemoveObjectAsync(4);
        CheckHello(await session.Server.AcceptAsync(), lastAnswer: 1);

        // The first was applied; its answer was lost with the connection and comes again.
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 2), Frames.Done(2, 5));
        Assert.Equal(5U, await first.InTimeAsync("the answer that comes again"));
        await session.Server.ExpectAsync(FrameType.CreateObject);
        Assert.Equal([4, 4], await session.Server.ExpectAsync(FrameType.RemoveObject));
        session.Server.Send(Frames.Done(3, 6), Frames.Error(FrameType.RemoveObject, 4, CloseCode.NotFound, value: 4));
        Assert.Equal(6U, await second.InTimeAsync("Done"));
        Assert.Equal(CloseCode.NotFound, (await Assert.ThrowsAsync<RelayException>(() => third.InTimeAsync("Error"))).Code);
        Assert.Equal("reconnected True 0", session.Told.Next());

        // What is answered is answered.
        session.Server.Drop();
        CheckHello(await session.Server.AcceptAsync(), lastAnswer: 4);
        session.Server.Send(
            Frames.Welcome(token: First, lastApplied: 4),
            Frames.Done(3, 6),
            Frames.Error(FrameType.RemoveObject, 4, CloseCode.NotFound),
            Frames.Batch(3, (0, 1)));
        Told(session, "reconnecting 1 Abnormal", "reconnected True 0", "batch 3");

        static void CheckHello(byte[] body, ulong lastAnswer)
        {
            Assert.Equal(ReadStatus.Ok, Hello.TryRead(body, out Hello hello));
            Assert.Equal(lastAnswer, hello.LastAnswer);
        }
    }

    [Fact]
    public async Task Answer_that_the_server_did_not_keep_is_told_as_soon_as_a_later_one_comes()
    {
        await using Session session = await InRoomAsync();
        Task<uint> lost = session.Client.CreateObjectAsync(new ObjectSpec());
        Task<RoomInfo> changing = session.Client.ChangeRoomAsync("attic");
        Task<uint> made = session.Client.CreateObjectAsync(new ObjectSpec());
        session.Server.Drop();
        await session.Server.AcceptAsync();

        // Joined for the present room comes behind the other answers.
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 4), Frames.Done(4, 9), Frames.Joined(3, "attic"));
        RelayException why = await Assert.ThrowsAsync<RelayException>(() => lost.InTimeAsync("the loss"));
        Assert.Equal((CloseCode.Abnormal, null), (why.Code, why.RefusedType));
        Assert.Equal(9U, await made.InTimeAsync("Done"));
        Assert.Equal("attic", (await changing.InTimeAsync("Joined")).Name);
    }

    [Fact]
    public async Task Join_that_was_followed_by_a_leave_while_away_is_told_too()
    {
        await using Session session = await InRoomAsync();
        Task<RoomInfo> changing = session.Client.ChangeRoomAsync("attic");
        Task leaving = session.Client.LeaveAsync();
        session.Server.Drop();
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 3), Frames.Left(3));
        await leaving.InTimeAsync("Left");
        await Assert.ThrowsAsync<RelayException>(() => changing.InTimeAsync("the loss"));
    }

    [Fact]
    public async Task Another_session_fails_calls()
    {
        await using Session session = await InRoomAsync();
        Task<uint> making = session.Client.CreateObjectAsync(new ObjectSpec());
        session.Server.Drop();
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(session: 3, token: Second));
        await Assert.ThrowsAsync<RelaySessionLostException>(() => making.InTimeAsync("the failure"));
        await session.Server.ExpectAsync(FrameType.Join);
    }

    [Theory]
    [InlineData(FrameType.Done)]
    [InlineData(FrameType.Left)]
    [InlineData(FrameType.Joined)]
    public async Task Answer_of_the_wrong_kind_ends_with_1007_and_fails_the_call(FrameType type)
    {
        await using Session session = await Session.JoinAsync();
        Task asking = type == FrameType.Done ? session.Client.LeaveAsync() : session.Client.RemoveObjectAsync(4);
        await session.Server.ExpectAsync(type == FrameType.Done ? FrameType.Leave : FrameType.RemoveObject);
        session.Server.Send(type switch
        {
            FrameType.Done => Frames.Done(2),
            FrameType.Left => Frames.Left(2),
            _ => Frames.Joined(2),
        });
        Assert.Equal("closed InvalidPayload", session.Told.Next());
        Assert.Equal((double)type, session.Told.Closed!.Value);
        Assert.Equal(CloseCode.InvalidPayload, (await Assert.ThrowsAsync<RelayException>(() => asking.InTimeAsync("the end"))).Code);
    }

    [Fact]
    public async Task Handler_that_throws_fails_the_call_that_it_was_called_for()
    {
        await using var server = new ScriptedServer();
        await using var client = new RelayClient(new Thrower(), Session.Once());
        Task connecting = client.ConnectAsync("127.0.0.1", server.Port);
        await server.AcceptAsync();
        server.Send(Frames.Welcome());
        await connecting.InTimeAsync("Welcome");
        Task<RoomInfo> joining = client.JoinAsync("hall");
        await server.ExpectAsync(FrameType.Join);
        server.Send(Frames.Joined(1));
        Assert.Equal(CloseCode.InternalError, (await Assert.ThrowsAsync<RelayException>(() => joining.InTimeAsync("the end"))).Code);
    }

    [Fact]
    public async Task Cancelling_stops_the_waiting_and_a_late_answer_disturbs_nobody()
    {
        await using Session session = await Session.JoinAsync();
        using var cancel = new CancellationTokenSource();
        Task<uint> making = session.Client.CreateObjectAsync(new ObjectSpec(), cancel.Token);
        await session.Server.ExpectAsync(FrameType.CreateObject);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => making);
        session.Server.Send(Frames.Done(2, 5), Frames.Done(2, 5), Frames.Batch(1, (0, 1)));
        Assert.Equal("batch 1", session.Told.Next());
    }

    [Fact]
    public async Task Moderation_says_what_is_to_be_done_to_whom()
    {
        await using Session session = await Session.JoinAsync();
        RelayClient client = session.Client;
        (Task Call, ManageAction Action, uint Member, uint Argument, string Text)[] calls =
        [
            (client.EnterAsync(), ManageAction.Enter, 0, 0, ""),
            (client.MuteAsync(8), ManageAction.Mute, 8, 0, ""),
            (client.UnmuteAsync(8), ManageAction.Unmute, 8, 0, ""),
            (client.KickAsync(8, "rude"), ManageAction.Kick, 8, 0, "rude"),
            (client.BanAsync(8), ManageAction.Ban, 8, 0, ""),
            (client.BanAsync(8, TimeSpan.FromSeconds(61), "rude"), ManageAction.Ban, 8, 2, "rude"),
            (client.UnbanAsync("user:8"), ManageAction.Unban, 0, 0, "user:8"),
            (client.BlockAsync(8), ManageAction.Block, 8, 0, ""),
            (client.UnblockAsync(8), ManageAction.Unblock, 8, 0, ""),
            (client.SetRoleAsync(8, 2), ManageAction.SetRole, 8, 2, ""),
            (client.CloseRoomAsync("late"), ManageAction.CloseRoom, 0, 0, "late"),
            (client.OpenRoomAsync(), ManageAction.OpenRoom, 0, 0, ""),
        ];
        for (int i = 0; i < calls.Length; i++)
        {
            (Task call, ManageAction action, uint member, uint argument, string text) = calls[i];
            ulong sequence = (ulong)i + 2;
            Check(await session.Server.ExpectAsync(FrameType.Manage), sequence, action, member, argument, text);
            session.Server.Send(Frames.Done(sequence));
            await call.InTimeAsync("Done");
        }

        static void Check(byte[] body, ulong sequence, ManageAction action, uint member, uint argument, string text)
        {
            Assert.Equal(ReadStatus.Ok, Manage.TryRead(body, out Manage manage));
            Assert.Equal((sequence, action, member, argument), (manage.Sequence, manage.Action, manage.Member, manage.Argument));
            Assert.Equal(text, Encoding.UTF8.GetString(manage.TextUtf8));
        }
    }

    [Fact]
    public async Task Events_and_signals_go_to_roles_and_to_those_nearby()
    {
        await using Session session = await Session.JoinAsync();
        await session.Client.SendEventAsync(Audience.Roles(6), 2000, new byte[] { 1 });
        await session.Client.SendEventAsync(Audience.Nearby(7.5f), 2000, new byte[] { 1 });
        await session.Client.SendChatAsync("hi", Audience.Everyone);
        await session.Client.SendSignalAsync(SignalKind.HighFive, PackedValue.Nil, Audience.Member(8));
        await session.Client.SendSignalAsync(SignalKind.Typing, true);
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 2, EventAudience.Roles, 2000, roles: 6);
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 3, EventAudience.Nearby, 2000, radius: 7.5f);
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 4, EventAudience.Everyone, 1, "A26869");
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 5, EventAudience.Member, 3, "C0", member: 8);
        Check(await session.Server.ExpectAsync(FrameType.SendEvent), 6, EventAudience.Others, 2, "C3");

        static void Check(
            byte[] body,
            ulong sequence,
            EventAudience audience,
            uint kind,
            string payload = "01",
            uint member = 0,
            uint roles = 0,
            float radius = 0)
        {
            Assert.Equal(ReadStatus.Ok, SendEvent.TryRead(body, out SendEvent message));
            Assert.Equal((sequence, audience, kind), (message.Sequence, message.Audience, message.Kind));
            Assert.Equal((member, roles, radius), (message.Member, message.Roles, message.Radius));
            Assert.Equal(payload, Convert.ToHexString(message.Payload));
        }
    }

    private static async Task<Session> InRoomAsync()
    {
        Session session = await Session.ConnectAsync(ReconnectTests.Quick(), Frames.Welcome(token: First));
        Task<RoomInfo> joining = session.Client.JoinAsync("hall");
        await session.Server.ExpectAsync(FrameType.Join);
        session.Server.Send(Frames.Joined(1), Frames.Snapshot((7, 3, "Ada"), (8, 0, "Ben")));
        await joining.InTimeAsync("the room");
        Told(session, "joined hall", "presence 2");
        return session;
    }

    private static async Task ComeBackAsync(Session session, ulong lastSequence)
    {
        session.Server.Drop();
        byte[] body = await session.Server.AcceptAsync();
        Check(body, lastSequence);
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 1));
        Told(session, "reconnecting 1 Abnormal", "reconnected True 0");

        static void Check(byte[] body, ulong lastSequence)
        {
            Assert.Equal(ReadStatus.Ok, Hello.TryRead(body, out Hello hello));
            Assert.Equal((lastSequence, Frames.Epoch), (hello.LastSequence, hello.Epoch));
        }
    }

    private static void Told(Session session, params string[] lines) => Assert.All(lines, line => Assert.Equal(line, session.Told.Next()));

    private sealed class Thrower : RelayHandler
    {
        public override void OnJoined(RoomInfo room) => throw new InvalidOperationException("a bug of the application");
    }
}
