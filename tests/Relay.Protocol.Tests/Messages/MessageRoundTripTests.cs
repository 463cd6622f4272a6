using FsCheck.Fluent;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Tests;

/// <summary>Every message, written and read back with values of every length.</summary>
public partial class MessageRoundTripTests
{
    private delegate void FrameAction(ref FrameWriter writer);

    /// <summary>A bag of values, of which each message takes what it needs.</summary>
    private sealed record Values(ulong A, ulong B, ulong C, ulong D, uint I, uint J, uint K, uint L, byte P, byte Q, byte[] Text, byte[] Short, byte[] Long, double X, double Y);

    private static readonly FsCheck.Gen<Values> Any =
        from wide in Properties.UInt64.Four()
        from narrow in Properties.UInt32.Four()
        from small in Properties.Byte.Two()
        from text in Properties.Text
        from brief in Properties.Bytes(255)
        from bulk in Properties.Bytes(65_535)
        from reals in Properties.Double.Two()
        select new Values(
            wide.Item1, wide.Item2, wide.Item3, wide.Item4, narrow.Item1, narrow.Item2, narrow.Item3, narrow.Item4,
            small.Item1, small.Item2, text, brief, bulk, reals.Item1, reals.Item2);

    [Fact]
    public void Hello_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(FrameType.Hello, (ref FrameWriter writer) => new Hello
        {
            VersionOldest = v.P,
            VersionNewest = v.Q,
            Capabilities = v.A,
            Credentials = v.Long,
            ResumeToken = v.Short,
            LastSequence = v.B,
            Epoch = v.C,
            Cursor = v.D,
            LastAnswer = v.A,
            AgentUtf8 = v.Text,
        }.Write(ref writer));

        Assert.Equal(ReadStatus.Ok, Hello.TryRead(body, out Hello read));
        Assert.Equal((v.P, v.Q, v.A, v.B), (read.VersionOldest, read.VersionNewest, read.Capabilities, read.LastSequence));
        AssertSame(v.Long, read.Credentials);
        AssertSame(v.Short, read.ResumeToken);
        Assert.Equal(v.Short.Length > 0 ? (v.C, v.D, v.A) : (0, 0, 0), (read.Epoch, read.Cursor, read.LastAnswer));
        AssertSame(v.Text, read.AgentUtf8);
    });

    [Fact]
    public void Welcome_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(FrameType.Welcome, (ref FrameWriter writer) => new Welcome
        {
            Version = v.P,
            Capabilities = v.A,
            SessionHigh = v.B,
            SessionLow = v.C,
            ResumeToken = v.Short,
            LastApplied = v.D,
            ServerClockMicros = ~v.A,
            HeartbeatMillis = v.I,
            IdleTimeoutMillis = v.J,
            MaxFrameBody = v.K,
            MaxServerFrameBody = v.L,
            FramesPerSecond = ~v.I,
            FrameBurst = ~v.J,
            MaxEventPayload = ~v.K,
            DefaultTickMicros = ~v.L,
            NameUtf8 = v.Text,
        }.Write(ref writer));

        Assert.Equal(ReadStatus.Ok, Welcome.TryRead(body, out Welcome read));
        Assert.Equal(
            (v.P, v.A, v.B, v.C, v.D, ~v.A),
            (read.Version, read.Capabilities, read.SessionHigh, read.SessionLow, read.LastApplied, read.ServerClockMicros));
        Assert.Equal((v.I, v.J, v.K, v.L), (read.HeartbeatMillis, read.IdleTimeoutMillis, read.MaxFrameBody, read.MaxServerFrameBody));
        Assert.Equal((~v.I, ~v.J, ~v.K, ~v.L), (read.FramesPerSecond, read.FrameBurst, read.MaxEventPayload, read.DefaultTickMicros));
        AssertSame(v.Short, read.ResumeToken);
        AssertSame(v.Text, read.NameUtf8);
    });

    [Fact]
    public void Close_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(FrameType.Close, (ref FrameWriter writer) => new CloseFrame
        {
            Code = (CloseCode)(ushort)v.I,
            Cause = (CloseCode)(ushort)v.J,
            Limit = v.X,
            Value = v.Y,
            TextUtf8 = v.Text,
        }.Write(ref writer), CloseFrame.MaxSize);

        Assert.Equal(ReadStatus.Ok, CloseFrame.TryRead(body, out CloseFrame read));
        Assert.Equal(((ushort)v.I, (ushort)v.J), ((ushort)read.Code, (ushort)read.Cause));
        Assert.Equal((Bits(v.X), Bits(v.Y)), (Bits(read.Limit), Bits(read.Value)));
        AssertSame(v.Text, read.TextUtf8);
    });

    [Fact]
    public void Error_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(FrameType.Error, (ref FrameWriter writer) => new ErrorFrame
        {
            RefusedType = (FrameType)v.P,
            Sequence = v.A,
            Code = (CloseCode)(ushort)v.I,
            Limit = v.X,
            Value = v.Y,
            TextUtf8 = v.Text,
        }.Write(ref writer), ErrorFrame.MaxSize);

        Assert.Equal(ReadStatus.Ok, ErrorFrame.TryRead(body, out ErrorFrame read));
        Assert.Equal((v.P, v.A, (ushort)v.I), ((byte)read.RefusedType, read.Sequence, (ushort)read.Code));
        Assert.Equal((Bits(v.X), Bits(v.Y)), (Bits(read.Limit), Bits(read.Value)));
        AssertSame(v.Text, read.TextUtf8);
    });

    [Fact]
    public void GoAway_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(FrameType.GoAway, (ref FrameWriter writer) => new GoAway
        {
            Reason = (CloseCode)(ushort)v.L,
            DeadlineMillis = v.I,
            RetryAfterMillis = v.J,
            JitterMillis = v.K,
            AlternateUrlUtf8 = v.Long,
        }.Write(ref writer));

        Assert.Equal(ReadStatus.Ok, GoAway.TryRead(body, out GoAway read));
        Assert.Equal(((ushort)v.L, v.I, v.J, v.K), ((ushort)read.Reason, read.DeadlineMillis, read.RetryAfterMillis, read.JitterMillis));
        AssertSame(v.Long, read.AlternateUrlUtf8);
    });

    [Fact]
    public void Ping_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(FrameType.Ping, (ref FrameWriter writer) => new Ping { Stamp = v.A }.Write(ref writer), Ping.FrameSize);
        Assert.Equal(ReadStatus.Ok, Ping.TryRead(body, out Ping read));
        Assert.Equal(v.A, read.Stamp);
    });

    [Fact]
    public void Pong_round_trips() => Properties.ForAll(Any, v =>
    {
        byte[] body = Body(
            FrameType.Pong,
            (ref FrameWriter writer) => new Pong { Stamp = v.A, ReceivedMicros = v.B, SentMicros = v.C }.Write(ref writer),
            Pong.FrameSize);
        Assert.Equal(ReadStatus.Ok, Pong.TryRead(body, out Pong read));
        Assert.Equal((v.A, v.B, v.C), (read.Stamp, read.ReceivedMicros, read.SentMicros));
    });

    [Fact]
    public void Join_and_ChangeRoom_round_trip() => Properties.ForAll(Any, v =>
    {
        foreach (FrameType type in new[] { FrameType.Join, FrameType.ChangeRoom })
        {
            byte[] body = Body(type, (ref FrameWriter writer) => new Join
            {
                Sequence = v.A,
                RoomUtf8 = v.Text,
                Ticket = v.Long,
                Epoch = v.B,
                Cursor = v.C,
            }.Write(ref writer, type));

            Assert.Equal(ReadStatus.Ok, Join.TryRead(body, out Join read));

            // A cursor says nothing without the epoch that it counts in.
            Assert.Equal((v.A, v.B, v.B == 0 ? 0 : v.C), (read.Sequence, read.Epoch, read.Cursor));
            AssertSame(v.Text, read.RoomUtf8);
            AssertSame(v.Long, read.Ticket);
        }
    });

    [Fact]
    public void Joined_round_trips() => Properties.ForAll(
        from v in Any
        from space in RoomSpaceTests.Spaces
        select (v, space),
        given =>
        {
            (Values v, RoomSpace space) = given;
            byte[] body = Body(FrameType.Joined, (ref FrameWriter writer) => new Joined
            {
                Sequence = v.A,
                RoomUtf8 = v.Text,
                Epoch = v.B,
                Member = v.I,
                Slot = v.J,
                Generation = v.P,
                Space = space,
                TickMicros = v.K,
                AgeUnitMicros = v.L,
                Capacity = ~v.I,
                MaxObjects = ~v.J,
                MaxValue = ~v.K,
                Roles = RolesOf(v),
            }.Write(ref writer));

            Assert.Equal(ReadStatus.Ok, Joined.TryRead(body, out Joined read));
            Assert.Equal((v.A, v.B, v.I, v.J, v.P), (read.Sequence, read.Epoch, read.Member, read.Slot, read.Generation));
            Assert.Equal((v.K, v.L, ~v.I), (read.TickMicros, read.AgeUnitMicros, read.Capacity));
            Assert.Equal((~v.J, ~v.K), (read.MaxObjects, read.MaxValue));
            AssertSame(v.Text, read.RoomUtf8);
            AssertSame(RolesOf(v), read.Roles);
            RoomSpace got = Assert.IsType<RoomSpace>(read.Space);
            Assert.Equal((space.MinX, space.MinY, space.MinZ, space.Precision), (got.MinX, got.MinY, got.MinZ, got.Precision));
            Assert.Equal((space.StepsX, space.StepsY, space.StepsZ), (got.StepsX, got.StepsY, got.StepsZ));
        });

    [Fact]
    public void Leave_and_Left_round_trip() => Properties.ForAll(Any, v =>
    {
        byte[] leave = Body(FrameType.Leave, (ref FrameWriter writer) => new Leave { Sequence = v.A }.Write(ref writer));
        Assert.Equal(ReadStatus.Ok, Leave.TryRead(leave, out Leave readLeave));
        Assert.Equal(v.A, readLeave.Sequence);

        byte[] left = Body(FrameType.Left, (ref FrameWriter writer) => new Left { Sequence = v.A, Reason = (CloseCode)(ushort)v.I }.Write(ref writer));
        Assert.Equal(ReadStatus.Ok, Left.TryRead(left, out Left readLeft));
        Assert.Equal((v.A, (ushort)v.I), (readLeft.Sequence, (ushort)readLeft.Reason));
    });

    [Fact]
    public void Presence_round_trips() => Properties.ForAll(
        from v in Any
        from entries in Gen.Choose(0, 20).SelectMany(count => Any.ArrayOf(count))
        select (v, entries),
        given =>
        {
            (Values v, Values[] entries) = given;
            bool snapshot = v.P % 2 == 0;
            PresenceFlags part = (v.Q & (byte)PresenceFlags.First) != 0 ? PresenceFlags.First : PresenceFlags.None;
            part |= (v.Q / 4 % 3) switch { 0 => PresenceFlags.None, 1 => PresenceFlags.Last, _ => PresenceFlags.StateFollows };
            byte[] body = Body(FrameType.Presence, (ref FrameWriter writer) =>
            {
                if (snapshot)
                {
                    Presence.BeginSnapshotPart(ref writer, part, v.B, v.A, v.C, entries.Length);
                }
                else
                {
                    Presence.BeginChange(ref writer, v.A, entries.Length);
                }

                foreach (Values e in entries)
                {
                    int before = writer.Written;
                    EntryOf(e).Write(ref writer);
                    Assert.InRange(writer.Written - before, PresenceEntry.MinSize, PresenceEntry.MaxSize);
                }

                writer.EndFrame(FrameType.Presence);
            });

            Assert.Equal(ReadStatus.Ok, Presence.TryRead(body, out Presence read));
            Assert.Equal((snapshot ? PresenceFlags.Snapshot | part : PresenceFlags.None, v.A, entries.Length), (read.Flags, read.Sequence, read.Count));
            Assert.Equal(snapshot ? (v.B, v.C) : (0, 0), (read.Epoch, read.Version));
            foreach (Values e in entries)
            {
                PresenceEntry expected = EntryOf(e);
                Assert.True(read.TryReadEntry(out PresenceEntry entry));
                Assert.Equal(
                    (expected.Kind, expected.Member, expected.Slot, expected.Generation, expected.Reason),
                    (entry.Kind, entry.Member, entry.Slot, entry.Generation, entry.Reason));
                Assert.Equal((expected.Role, expected.Standing), (entry.Role, entry.Standing));
                AssertSame(expected.NameUtf8, entry.NameUtf8);
            }

            Assert.False(read.TryReadEntry(out _));
        },
        100);

    [Fact]
    public void SendEvent_round_trips() => Properties.ForAll(Any, v =>
    {
        var audience = (EventAudience)(v.P % 5);
        float radius = BitConverter.UInt32BitsToSingle(v.L);
        byte[] body = Body(FrameType.SendEvent, (ref FrameWriter writer) => new SendEvent
        {
            Sequence = v.A,
            Audience = audience,
            Member = v.I,
            Roles = v.K,
            Radius = radius,
            Kind = v.J,
            Payload = v.Long,
        }.Write(ref writer));

        Assert.Equal(ReadStatus.Ok, SendEvent.TryRead(body, out SendEvent read));
        Assert.Equal((v.A, audience, audience == EventAudience.Member ? v.I : 0, v.J), (read.Sequence, read.Audience, read.Member, read.Kind));
        Assert.Equal(audience == EventAudience.Roles ? v.K : 0, read.Roles);
        Assert.Equal(audience == EventAudience.Nearby ? v.L : 0, BitConverter.SingleToUInt32Bits(read.Radius));
        AssertSame(v.Long, read.Payload);
    });

    [Fact]
    public void Event_round_trips() => Properties.ForAll(Any, v =>
    {
        var audience = (EventAudience)(v.P % 5);
        byte[] body = Body(FrameType.Event, (ref FrameWriter writer) => new RoomEvent
        {
            Sequence = v.A,
            Audience = audience,
            Sender = v.I,
            Kind = v.J,
            Payload = v.Long,
        }.Write(ref writer), RoomEvent.MaxOverhead + v.Long.Length);

        Assert.Equal(ReadStatus.Ok, RoomEvent.TryRead(body, out RoomEvent read));
        Assert.Equal((v.A, audience, v.I, v.J), (read.Sequence, read.Audience, read.Sender, read.Kind));
        AssertSame(v.Long, read.Payload);
    });

    private static PresenceEntry EntryOf(Values v) => (v.Q % 3) switch
    {
        0 => new PresenceEntry { Kind = PresenceKind.Left, Member = v.I, Reason = (CloseCode)(ushort)v.J },
        1 => new PresenceEntry { Kind = PresenceKind.Standing, Member = v.I, Role = v.P, Standing = (MemberStanding)(v.K % 4) },
        _ => new PresenceEntry
        {
            Kind = PresenceKind.Present,
            Member = v.I,
            Slot = v.J,
            Generation = v.P,
            Role = (byte)v.K,
            Standing = (MemberStanding)(v.L % 4),
            NameUtf8 = v.Text,
        },
    };

    /// <summary>The body of the one frame that is written, after a look at its header.</summary>
    private static byte[] Body(FrameType type, FrameAction write, int room = 1 << 17)
    {
        var writer = new FrameWriter(new byte[room]);
        write(ref writer);
        Assert.False(writer.Overflowed);
        byte[] frame = writer.WrittenSpan.ToArray();
        Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(frame, FrameHeader.MaxBodyLength, out FrameHeader header));
        Assert.Equal((type, frame.Length - FrameHeader.Size), (header.Type, header.BodyLength));
        return frame[FrameHeader.Size..];
    }

    private static void AssertSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) => Assert.True(expected.SequenceEqual(actual));

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
