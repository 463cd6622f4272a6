using System.Text;
using Relay.Client.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests;

/// <summary>protocol-spec.md §5.7 and §5.8, against a server that does as it is told.</summary>
public sealed class ReconnectTests
{
    private static readonly byte[] First = [1, 1, 1], Second = [2, 2, 2];

    [Fact]
    public async Task Hello_shows_the_token_and_how_far_the_client_has_got()
    {
        await using Session session = await InRoomAsync();
        session.Server.Send(Frames.Arrival(8, 0, 1, "Ben"), Frames.Batch(12, (0, 1)), Frames.Event(8, 2000, [1], sequence: 17));
        await session.Client.SendEventAsync(2000, default);
        session.Server.Send(Frames.Error(FrameType.SendEvent, 2, CloseCode.NotFound));
        Told(session, "presence 2", "batch 12", "event 8 2000 01", "refused SendEvent 2 NotFound");
        session.Server.Drop();
        CheckHello(await session.Server.AcceptAsync());
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 2));
        Told(session, "reconnecting 1 Abnormal", "reconnected True 0");
        Assert.Equal(RelayClientState.Connected, session.Client.State);

        // What was told before the connection broke is not told again.
        session.Server.Send(Frames.Error(FrameType.SendEvent, 2, CloseCode.NotFound), Frames.Left(1), Frames.Batch(13, (0, 1)));
        Told(session, "batch 13");

        // The next time it is the new token.
        session.Server.Drop();
        CheckToken(await session.Server.AcceptAsync(), Second);

        static void CheckHello(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, Hello.TryRead(body, out Hello hello));
            Assert.Equal(First, hello.ResumeToken.ToArray());
            Assert.Equal((17UL, Frames.Epoch, 12UL, 2UL), (hello.LastSequence, hello.Epoch, hello.Cursor, hello.LastAnswer));
        }
    }

    [Fact]
    public async Task What_was_not_applied_is_sent_again_in_order_with_what_came_while_away()
    {
        await using Session session = await InRoomAsync();
        for (byte i = 2; i <= 4; i++)
        {
            await session.Client.SendEventAsync(2000, new[] { i });
            await session.Server.ExpectAsync(FrameType.SendEvent);
        }

        session.Server.Drop();
        Told(session, "reconnecting 1 Abnormal");
        Assert.Equal(RelayClientState.Reconnecting, session.Client.State);
        Assert.Equal(5UL, await session.Client.SendEventAsync(2000, new byte[] { 5 }));
        await session.Server.AcceptAsync();

        // The server has applied 2 and 3.
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 3));
        Told(session, "reconnected True 0");
        Assert.Equal(6UL, await session.Client.SendEventAsync(2000, new byte[] { 6 }));
        for (byte i = 4; i <= 6; i++)
        {
            CheckEvent(await session.Server.ExpectAsync(FrameType.SendEvent), i);
        }

        Assert.True(session.Told.IsEmpty);
        Assert.NotNull(session.Client.Room);
    }

    [Fact]
    public async Task Nothing_follows_hello_before_the_welcome_since_it_would_spoil_the_old_token()
    {
        await using Session session = await InRoomAsync();
        session.Server.Drop();
        byte[] hello = await session.Server.AcceptAsync();
        CheckToken(hello, First);
        await session.Client.SendEventAsync(2000, new byte[] { 2 });
        session.Client.SendTransform(new Transform(1, 1, 1));
        session.Client.TrySendFrame((FrameType)0x90, new byte[1]);

        // Had anything been sent, it would stand before the end.
        session.Server.EndSending();
        Assert.Equal(0, await session.Server.ReadRestAsync());
        CheckToken(await session.Server.AcceptAsync(), First);
    }

    [Fact]
    public async Task Waiting_calls_are_answered_over_the_new_connection()
    {
        await using Session session = await InRoomAsync();
        Task<RoomInfo> changing = session.Client.ChangeRoomAsync("attic");
        Task leaving = session.Client.LeaveAsync();
        session.Server.Drop();
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 1));
        await session.Server.ExpectAsync(FrameType.ChangeRoom);
        await session.Server.ExpectAsync(FrameType.Leave);
        session.Server.Send(Frames.Joined(2, "attic"), Frames.Left(3));
        Assert.Equal("attic", (await changing.InTimeAsync("the room")).Name);
        await leaving.InTimeAsync("Left");
    }

    [Fact]
    public async Task Newest_transform_is_kept_while_away_and_the_last_one_is_told_again()
    {
        await using Session session = await InRoomAsync();
        session.Client.SendTransform(new Transform(1, 0, 0));
        Assert.Equal(1, XOf(await session.Server.ExpectAsync(FrameType.TransformUpdate)), 6);
        session.Server.Drop();
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 1));

        // The server may never have read it.
        Assert.Equal(1, XOf(await session.Server.ExpectAsync(FrameType.TransformUpdate)), 6);
        session.Server.Drop();
        Told(session, "reconnecting 1 Abnormal", "reconnected True 0", "reconnecting 1 Abnormal");
        session.Client.SendTransform(new Transform(2, 0, 0));
        session.Client.SendTransform(new Transform(3, 0, 0));
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(token: First, lastApplied: 1));
        Assert.Equal(3, XOf(await session.Server.ExpectAsync(FrameType.TransformUpdate)), 6);
    }

    [Fact]
    public async Task Another_session_fails_calls_leaves_the_room_and_joins_it_again_as_number_one()
    {
        await using Session session = await InRoomAsync(ticket: [4, 2]);
        session.Server.Send(Frames.Batch(12, BatchFlags.Reset, [], (0, 1)));
        Told(session, "batch 12");
        await session.Client.SendEventAsync(2000, default);
        Task<RoomInfo> changing = session.Client.ChangeRoomAsync("attic");
        session.Server.Drop();
        Told(session, "reconnecting 1 Abnormal");
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(session: 3, token: Second));
        await Assert.ThrowsAsync<RelaySessionLostException>(() => changing.InTimeAsync("the failure"));
        CheckJoin(await session.Server.ExpectAsync(FrameType.Join));
        Told(session, "reconnected False 2", "left hall Abnormal");
        session.Server.Send(Frames.Joined(1), Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada"), (8, 0, "Ben")));
        Told(session, "joined hall", "presence 2");
        Assert.Equal(2UL, await session.Client.SendEventAsync(2000, default));

        static void CheckJoin(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, Join.TryRead(body, out Join join));
            Assert.Equal(
                (1UL, "hall", Frames.Epoch, 12UL), (join.Sequence, Encoding.UTF8.GetString(join.RoomUtf8), join.Epoch, join.Cursor));
            Assert.Equal([4, 2], join.Ticket.ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_the_option_or_after_a_leave_the_room_is_not_joined_again(bool leaves)
    {
        RelayClientOptions options = Quick();
        options.Reconnect.RejoinRoom = leaves;
        await using Session session = await InRoomAsync(options);
        Task leaving = leaves ? session.Client.LeaveAsync() : Task.CompletedTask;
        session.Server.Drop();
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(session: 3, token: Second));
        Told(session, "reconnecting 1 Abnormal", leaves ? "reconnected False 1" : "reconnected False 0", "left hall Abnormal");
        await (leaves ? Assert.ThrowsAsync<RelaySessionLostException>(() => leaving) : leaving).InTimeAsync("the failure");
        Task<RoomInfo> joining = session.Client.JoinAsync("attic");
        await session.Server.ExpectAsync(FrameType.Join);
        session.Server.Send(Frames.Joined(1, "attic"));
        Assert.Equal("attic", (await joining).Name);
    }

    [Fact]
    public async Task Refused_return_to_the_room_is_told()
    {
        await using Session session = await InRoomAsync();
        session.Server.Drop();
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(session: 3, token: Second));
        await session.Server.ExpectAsync(FrameType.Join);
        session.Server.Send(Frames.Error(FrameType.Join, 1, CloseCode.RoomFull));
        Told(session, "reconnecting 1 Abnormal", "reconnected False 0", "left hall Abnormal", "refused Join 1 RoomFull");
    }

    [Fact]
    public async Task Second_snapshot_is_a_gap_and_one_that_was_cut_is_asked_for_again()
    {
        await using Session session = await InRoomAsync();
        session.Server.Send(Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada"), (8, 0, "Ben")));
        Told(session, "gap hall", "presence 2");
        byte[] part = Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada"));
        part[FrameHeader.Size] &= (byte)~PresenceFlags.Last;
        session.Server.Send(part);
        Told(session, "gap hall", "presence 1");
        session.Server.Drop();
        CheckHello(await session.Server.AcceptAsync());
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 1), Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada")));
        Told(session, "reconnecting 1 Abnormal", "reconnected True 0", "presence 1");

        static void CheckHello(byte[] body)
        {
            Assert.Equal(ReadStatus.Ok, Hello.TryRead(body, out Hello hello));
            Assert.Equal((0UL, Frames.Epoch), (hello.LastSequence, hello.Epoch));
        }
    }

    [Fact]
    public async Task Pong_confirms_what_was_sent_before_its_ping()
    {
        await using Session session = await InRoomAsync();
        await session.Client.SendEventAsync(2000, new byte[] { 2 });
        await session.Server.ExpectAsync(FrameType.SendEvent);

        // Pings go on by the clock: the next one comes after the event.
        ulong stamp = BitConverter.ToUInt64(await session.Server.ExpectAsync(FrameType.Ping));
        session.Server.Send(Frames.Pong(stamp, 1, 1), Frames.Batch(1, (0, 1)));
        Told(session, "batch 1");
        session.Server.Drop();
        await session.Server.AcceptAsync();

        // A server that has forgotten what it had confirmed cannot be trusted with the rest.
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 1));
        Told(session, "reconnecting 1 Abnormal", "closed ProtocolError");
        Assert.Equal((2.0, 1.0), (session.Told.Closed!.Limit, session.Told.Closed.Value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Too_much_while_away_fails_with_limit_and_value(bool bytes)
    {
        RelayClientOptions options = Quick();
        options.Reconnect.MaxUnconfirmedMessages = bytes ? 256 : 4;
        options.Reconnect.MaxUnconfirmedBytes = 4096;
        await using Session session = await InRoomAsync(options);
        session.Server.Drop();
        Told(session, "reconnecting 1 Abnormal");
        for (int i = 0; i < 4; i++)
        {
            await session.Client.SendEventAsync(2000, new byte[bytes ? 980 : 1]);
        }

        RelayException error = await Assert.ThrowsAsync<RelayException>(() => session.Client.SendEventAsync(2000, new byte[1000]).AsTask());
        Assert.Equal((CloseCode.TryAgainLater, bytes ? 4096 : 4, FrameType.SendEvent), (error.Code, error.Limit, error.RefusedType));
        Assert.True(error.Value > error.Limit);
        Assert.Contains(bytes ? "MaxUnconfirmedBytes" : "MaxUnconfirmedMessages", error.Message, StringComparison.Ordinal);

        // What was taken is sent all the same, and the one that was not has taken no number.
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 1));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(i + 2, (await session.Server.ExpectAsync(FrameType.SendEvent))[0]);
        }
    }

    [Fact]
    public async Task Too_much_while_connected_waits_for_the_pong_that_was_asked_for()
    {
        RelayClientOptions options = Quick();
        options.Reconnect.MaxUnconfirmedMessages = 4;
        await using Session session = await InRoomAsync(options);
        for (int i = 0; i < 4; i++)
        {
            await session.Client.SendEventAsync(2000, new byte[1]);
        }

        Task<ulong> fifth = session.Client.SendEventAsync(2000, new byte[1]).AsTask();
        for (int i = 0; i < 4; i++)
        {
            await session.Server.ExpectAsync(FrameType.SendEvent);
        }

        Assert.False(fifth.IsCompleted);
        ulong stamp = BitConverter.ToUInt64(await session.Server.ExpectAsync(FrameType.Ping));
        session.Server.Send(Frames.Pong(stamp, 1, 1));
        Assert.Equal(6UL, await fifth.InTimeAsync("room"));
    }

    [Fact]
    public async Task What_was_gathered_while_away_is_sent_within_the_servers_limit()
    {
        var time = new VirtualTime();
        RelayClientOptions options = Quick();
        options.TimeProvider = time;
        options.Reconnect.Random = new Always(0.5);
        await using Session session = await InRoomAsync(options);
        session.Server.Drop();
        Told(session, "reconnecting 1 Abnormal");
        for (int i = 0; i < 120; i++)
        {
            await session.Client.SendEventAsync(2000, new byte[1]);
        }

        await time.TimerAsync(within: options.Reconnect.FirstDelay);
        time.Advance(options.Reconnect.FirstDelay);
        await session.Server.AcceptAsync();

        // A burst of 200 frames, 20 a second: half of that at once, then half of the rate.
        session.Server.Send(Frames.Welcome(token: Second, lastApplied: 1, framesPerSecond: 20));
        Told(session, "reconnected True 0");
        for (int i = 0; i < 100; i++)
        {
            await session.Server.ExpectAsync(FrameType.SendEvent);
        }

        for (int i = 0; i < 20; i++)
        {
            // The answer to this ping would come behind an event that came too early.
            session.Server.Send(Frames.Ping((ulong)i));
            await session.Server.ExpectAsync(FrameType.Pong);
            time.Advance(TimeSpan.FromMilliseconds(100));
            await session.Server.ExpectAsync(FrameType.SendEvent);
        }
    }

    [Theory]
    [InlineData(CloseCode.Normal)]
    [InlineData(CloseCode.ProtocolError)]
    [InlineData(CloseCode.Unauthorized)]
    [InlineData(CloseCode.Forbidden)]
    [InlineData((CloseCode)4999)]
    public async Task Close_that_is_not_to_be_retried_ends_the_client(CloseCode code)
    {
        await using Session session = await InRoomAsync();
        session.Server.Send(Frames.Close(code, limit: 1, value: 2));
        Told(session, $"closed {code}");
        Assert.Equal(RelayClientState.Ended, session.Client.State);
        Assert.Equal((1.0, 2.0, true), (session.Told.Closed!.Limit, session.Told.Closed.Value, session.Told.Closed.ByPeer));
    }

    [Theory]
    [InlineData(CloseCode.ServiceRestart)]
    [InlineData(CloseCode.InternalError)]
    [InlineData(CloseCode.Timeout)]
    [InlineData(CloseCode.RateLimited)]
    public async Task Close_that_may_be_retried_is(CloseCode code)
    {
        await using Session session = await InRoomAsync();
        session.Server.Send(Frames.Close(code));
        Told(session, $"reconnecting 1 {code}");
        await session.Server.AcceptAsync();

        // So is one instead of Welcome, until one comes that is not.
        session.Server.Send(Frames.Close(CloseCode.TryAgainLater));
        Told(session, "reconnecting 2 TryAgainLater");
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Close(CloseCode.Unauthorized));
        Told(session, "closed Unauthorized");
    }

    [Fact]
    public async Task Faults_of_the_handler_are_not_retried()
    {
        await using Session session = await InRoomAsync();
        session.Told.Before = () => throw new InvalidOperationException("a bug of the application");
        session.Server.Send(Frames.Batch(1, (0, 1)));
        Told(session, "closed InternalError");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Closing_while_away_ends_at_once(bool welcomeIsDue)
    {
        RelayClientOptions options = Quick();
        options.Reconnect.FirstDelay = welcomeIsDue ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromHours(1);
        options.Reconnect.LongestDelay = options.Reconnect.FirstDelay;
        await using Session session = await InRoomAsync(options);
        session.Server.Drop();
        Told(session, "reconnecting 1 Abnormal");
        if (welcomeIsDue)
        {
            await session.Server.AcceptAsync();
        }

        Task<RoomInfo> joining = session.Client.ChangeRoomAsync("attic");
        await session.Client.CloseAsync().InTimeAsync("the end");
        Told(session, "closed Normal");
        await Assert.ThrowsAsync<RelayException>(() => joining);
        Assert.True(session.Told.IsEmpty);
    }

    [Fact]
    public async Task Delays_stay_below_a_bound_that_grows_to_the_longest_and_the_client_gives_up()
    {
        var time = new VirtualTime();
        var options = new RelayClientOptions
        {
            TimeProvider = time,
            ConnectTimeout = TimeSpan.FromHours(1),
            Reconnect =
            {
                Random = new Random(5),
                FirstDelay = TimeSpan.FromMilliseconds(100),
                LongestDelay = TimeSpan.FromSeconds(2),
                GiveUpAfter = TimeSpan.FromSeconds(30),
            },
        };
        await using Session session = await InRoomAsync(options);
        await session.Server.DisposeAsync();
        TimeSpan sum = TimeSpan.Zero;
        int attempts = 0;
        while (session.Told.Next() is var line && line != "closed Timeout")
        {
            attempts++;
            Assert.Equal($"reconnecting {attempts} Abnormal", line);
            TimeSpan delay = session.Told.Attempts[^1].Delay;
            Assert.InRange(delay.TotalMilliseconds, 0, Math.Min(2000, 100 * Math.Pow(2, attempts - 1)));
            sum += delay;

            // Timers count whole milliseconds.
            TimeSpan step = TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds));
            if (delay >= TimeSpan.FromMilliseconds(1))
            {
                await time.TimerAsync(within: step);
            }

            time.Advance(step);
        }

        Assert.InRange(sum.TotalSeconds, 29.5, 30.5);
        Assert.InRange(attempts, 15, 200);
        Assert.Equal(30_000.0, session.Told.Closed!.Limit);
        Assert.InRange(session.Told.Closed.Value, 30_000, 30_100);
    }

    [Fact]
    public void Jitter_is_spread_over_the_whole_bound_and_the_bound_begins_anew_after_a_good_connection()
    {
        var backOff = new BackOff(new ReconnectOptions { Random = new Random(1), FirstDelay = TimeSpan.FromSeconds(1), Factor = 1 });
        double[] delays = [.. Enumerable.Range(0, 10_000).Select(_ => backOff.Next().TotalSeconds)];
        Assert.InRange(delays.Average(), 0.48, 0.52);
        Assert.InRange(delays.Min(), 0, 0.01);
        Assert.InRange(delays.Max(), 0.99, 1);

        var growing = new BackOff(new ReconnectOptions { Random = new Always(0.5), FirstDelay = TimeSpan.FromSeconds(1), Factor = 3 });
        Assert.Equal([0.5, 1.5, 4.5, 5, 5], Enumerable.Range(0, 5).Select(_ => growing.Next().TotalSeconds));
        growing.Reset();
        Assert.Equal(0.5, growing.Next().TotalSeconds);
    }

    [Fact]
    public async Task GoAway_is_obeyed_goodbye_then_the_delay_then_the_other_place()
    {
        var time = new VirtualTime();
        RelayClientOptions options = Quick();
        options.TimeProvider = time;
        options.Reconnect.Random = new Always(0.5);
        await using Session session = await InRoomAsync(options);
        int nobody;
        await using (var gone = new ScriptedServer())
        {
            nobody = gone.Port;
        }

        session.Server.Send(Frames.GoAway($"ws://127.0.0.1:{nobody}/relay"));
        Assert.Equal(1000, BitConverter.ToUInt16(await session.Server.ExpectAsync(FrameType.Close)));
        session.Server.Drop();
        Assert.StartsWith("goaway ServiceRestart", session.Told.Next(), StringComparison.Ordinal);
        Told(session, "reconnecting 1 ServiceRestart");
        Assert.Equal(TimeSpan.FromMilliseconds(125), session.Told.Attempts[^1].Delay);
        await time.TimerAsync(within: TimeSpan.FromMilliseconds(125));
        time.Advance(TimeSpan.FromMilliseconds(125));

        // Nobody is at the other place: the old one is tried then.
        Told(session, "reconnecting 2 Abnormal");
        await time.TimerAsync(within: options.Reconnect.FirstDelay);
        time.Advance(options.Reconnect.FirstDelay);
        await session.Server.AcceptAsync();
        session.Server.Send(Frames.Welcome(session: 3, token: Second));
        await session.Server.ExpectAsync(FrameType.Join);
        Told(session, "reconnected False 0", "left hall ServiceRestart");
    }

    [Fact]
    public void Options_say_in_one_line_what_they_allow()
    {
        var options = new ReconnectOptions();
        (string Name, Action Set)[] wrong =
        [
            ("FirstDelay", () => options.FirstDelay = TimeSpan.Zero),
            ("LongestDelay", () => options.LongestDelay = TimeSpan.FromDays(2)),
            ("Factor", () => options.Factor = 0.9),
            ("Factor", () => options.Factor = double.NaN),
            ("GiveUpAfter", () => options.GiveUpAfter = TimeSpan.Zero),
            ("MaxUnconfirmedMessages", () => options.MaxUnconfirmedMessages = 0),
            ("MaxUnconfirmedBytes", () => options.MaxUnconfirmedBytes = 4095),
        ];
        Assert.All(
            wrong,
            one => Assert.StartsWith(one.Name, Assert.Throws<ArgumentOutOfRangeException>(one.Set).Message, StringComparison.Ordinal));
        Assert.True(options.Enabled && options.RejoinRoom);
        Assert.Equal(
            (250.0, 2.0, 10.0, TimeSpan.FromMinutes(5)),
            (options.FirstDelay.TotalMilliseconds, options.Factor, options.LongestDelay.TotalSeconds, options.GiveUpAfter));
        Assert.Equal((256, 1 << 20), (options.MaxUnconfirmedMessages, options.MaxUnconfirmedBytes));
        options.GiveUpAfter = null;
        Assert.Null(options.GiveUpAfter);
    }

    internal static RelayClientOptions Quick() => new()
    {
        ClockSyncInterval = TimeSpan.FromMilliseconds(100),
        Reconnect = { FirstDelay = TimeSpan.FromMilliseconds(5), LongestDelay = TimeSpan.FromMilliseconds(20) },
    };

    private static async Task<Session> InRoomAsync(RelayClientOptions? options = null, byte[]? ticket = null)
    {
        Session session = await Session.ConnectAsync(options ?? Quick(), Frames.Welcome(token: First));
        Task<RoomInfo> joining = session.Client.JoinAsync("hall", ticket);
        await session.Server.ExpectAsync(FrameType.Join);
        session.Server.Send(Frames.Joined(1), Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada")));
        await joining.InTimeAsync("the room");
        Told(session, "joined hall", "presence 1");
        return session;
    }

    private static void Told(Session session, params string[] lines) => Assert.All(lines, line => Assert.Equal(line, session.Told.Next()));

    private static void CheckToken(byte[] hello, byte[] token)
    {
        Assert.Equal(ReadStatus.Ok, Hello.TryRead(hello, out Hello read));
        Assert.Equal(token, read.ResumeToken.ToArray());
    }

    private static void CheckEvent(byte[] body, byte number)
    {
        Assert.Equal(ReadStatus.Ok, SendEvent.TryRead(body, out SendEvent message));
        Assert.Equal(number, message.Sequence);
        Assert.Equal([number], message.Payload.ToArray());
    }

    private static double XOf(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, TransformUpdate.TryRead(body, Frames.Space, out TransformUpdate update));
        Assert.True(update.TryReadEntry(out TransformUpdateEntry entry));
        return Frames.Space.Unpack(entry.Value).X;
    }

    private sealed class Always(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
