using System.Text;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client.Tests.Kit;

/// <summary>Frames as a server sends them.</summary>
internal static class Frames
{
    public const uint Me = 7;
    public const uint MySlot = 3;
    public const ulong Epoch = 0xABCD;

    private static readonly byte[] Roles = [2, 0, 5, .. "guest"u8, 0xF7, 1, 6, .. "member"u8];

    public static RoomSpace Space => RoomSpace.Default;

    public static byte[] Welcome(
        uint heartbeatMillis = 20_000,
        uint maxServerFrameBody = 65_536,
        uint maxEventPayload = 1000,
        ulong clock = 5_000_000,
        ulong session = 2,
        byte[]? token = null,
        ulong lastApplied = 0,
        uint framesPerSecond = 100) =>
        Write((ref FrameWriter writer) => new Welcome
        {
            Version = 1,
            SessionHigh = 1,
            SessionLow = session,
            ResumeToken = token,
            LastApplied = lastApplied,
            ServerClockMicros = clock,
            HeartbeatMillis = heartbeatMillis,
            IdleTimeoutMillis = heartbeatMillis * 3,
            MaxFrameBody = 16_384,
            MaxServerFrameBody = maxServerFrameBody,
            FramesPerSecond = framesPerSecond,
            FrameBurst = 200,
            MaxEventPayload = maxEventPayload,
            DefaultTickMicros = 50_000,
            NameUtf8 = "Ada"u8,
        }.Write(ref writer));

    public static byte[] Joined(ulong sequence, string room = "hall", uint slot = MySlot, byte generation = 1, ulong epoch = Epoch) =>
        Write((ref FrameWriter writer) => new Joined
        {
            Sequence = sequence,
            RoomUtf8 = Encoding.UTF8.GetBytes(room),
            Epoch = epoch,
            Member = Me,
            Slot = slot,
            Generation = generation,
            Space = Space,
            TickMicros = 50_000,
            AgeUnitMicros = 4_000,
            Capacity = 500,
            MaxObjects = 1000,
            MaxValue = 4096,
            Roles = Roles,
        }.Write(ref writer));

    public static byte[] Left(ulong sequence, CloseCode reason = CloseCode.Normal) =>
        Write((ref FrameWriter writer) => new Left { Sequence = sequence, Reason = reason }.Write(ref writer));

    public static byte[] Error(FrameType type, ulong sequence, CloseCode code, double limit = 0, double value = 0) =>
        Write((ref FrameWriter writer) => new ErrorFrame { RefusedType = type, Sequence = sequence, Code = code, Limit = limit, Value = value, TextUtf8 = "no"u8 }.Write(ref writer));

    public static byte[] Close(CloseCode code, CloseCode cause = CloseCode.None, double limit = 0, double value = 0) =>
        Write((ref FrameWriter writer) => new CloseFrame { Code = code, Cause = cause, Limit = limit, Value = value, TextUtf8 = "bye"u8 }.Write(ref writer));

    public static byte[] GoAway(string alternateUrl = "ws://other/relay") => Write((ref FrameWriter writer) => new GoAway
    {
        Reason = CloseCode.ServiceRestart,
        DeadlineMillis = 5000,
        RetryAfterMillis = 100,
        JitterMillis = 50,
        AlternateUrlUtf8 = Encoding.UTF8.GetBytes(alternateUrl),
    }.Write(ref writer));

    public static byte[] Event(uint sender, uint kind, byte[] payload, ulong sequence = 9) =>
        Write((ref FrameWriter writer) => new RoomEvent { Sequence = sequence, Audience = EventAudience.Others, Sender = sender, Kind = kind, Payload = payload }.Write(ref writer));

    public static byte[] Ping(ulong stamp) => Write((ref FrameWriter writer) => new Ping { Stamp = stamp }.Write(ref writer));

    public static byte[] Pong(ulong stamp, ulong received, ulong sent) =>
        Write((ref FrameWriter writer) => new Pong { Stamp = stamp, ReceivedMicros = received, SentMicros = sent }.Write(ref writer));

    public static byte[] Snapshot(params (uint Member, uint Slot, string Name)[] members) =>
        Write((ref FrameWriter writer) =>
        {
            Presence.BeginSnapshotPart(ref writer, PresenceFlags.First | PresenceFlags.Last, Epoch, sequence: 5, version: 1, members.Length);
            foreach ((uint member, uint slot, string name) in members)
            {
                new PresenceEntry { Kind = PresenceKind.Present, Member = member, Slot = slot, Generation = 1, NameUtf8 = Encoding.UTF8.GetBytes(name) }.Write(ref writer);
            }

            writer.EndFrame(FrameType.Presence);
        });

    public static byte[] Arrival(uint member, uint slot, byte generation, string name) =>
        Write((ref FrameWriter writer) =>
        {
            Presence.BeginChange(ref writer, sequence: 6, count: 1);
            new PresenceEntry { Kind = PresenceKind.Present, Member = member, Slot = slot, Generation = generation, NameUtf8 = Encoding.UTF8.GetBytes(name) }.Write(ref writer);
            writer.EndFrame(FrameType.Presence);
        });

    public static byte[] Departure(uint member) =>
        Write((ref FrameWriter writer) =>
        {
            Presence.BeginChange(ref writer, sequence: 7, count: 1);
            new PresenceEntry { Kind = PresenceKind.Left, Member = member, Reason = CloseCode.Normal }.Write(ref writer);
            writer.EndFrame(FrameType.Presence);
        });

    public static byte[] Standing(uint member, byte role, MemberStanding standing) =>
        Write((ref FrameWriter writer) =>
        {
            Presence.BeginChange(ref writer, sequence: 8, count: 1);
            new PresenceEntry { Kind = PresenceKind.Standing, Member = member, Role = role, Standing = standing }.Write(ref writer);
            writer.EndFrame(FrameType.Presence);
        });

    public static byte[] SnapshotPart(PresenceFlags flags, params (uint Member, uint Slot, string Name)[] members)
    {
        byte[] part = Snapshot(members);
        part[FrameHeader.Size] = (byte)(flags | PresenceFlags.Snapshot);
        return part;
    }

    public static byte[] Done(ulong sequence, ulong value = 0) =>
        Write((ref FrameWriter writer) => new Done { Sequence = sequence, Value = value }.Write(ref writer));

    /// <summary>A change with one entry.</summary>
    public static byte[] State(StateEntryAction entry, ulong sequence = 10) => Write((ref FrameWriter writer) =>
    {
        Protocol.Messages.State.BeginChange(ref writer, sequence, count: 1);
        entry().Write(ref writer);
        writer.EndFrame(FrameType.State);
    });

    /// <summary>A part of a snapshot with one entry.</summary>
    public static byte[] StatePart(bool isLast, StateEntryAction entry, ulong sequence = 5) => Write((ref FrameWriter writer) =>
    {
        Protocol.Messages.State.BeginSnapshotPart(ref writer, isLast, Epoch, sequence, version: 1, count: 1);
        entry().Write(ref writer);
        writer.EndFrame(FrameType.State);
    });

    public static StateEntry Object(
        uint id,
        uint parent = 0,
        uint owner = Me,
        string name = "",
        ObjectFlags flags = ObjectFlags.None,
        uint slot = 0,
        byte generation = 1,
        uint holder = 0,
        string awaited = "") => new()
        {
            Kind = StateKind.Object,
            Object = id,
            ObjectFlags = flags,
            Parent = parent,
            Owner = owner,
            Creator = owner,
            LockHolder = holder,
            Slot = slot,
            Generation = generation,
            TypeUtf8 = "thing"u8,
            NameUtf8 = Encoding.UTF8.GetBytes(name),
            AwaitedParentUtf8 = Encoding.UTF8.GetBytes(awaited),
        };

    public static StateEntry Removed(uint id) => new() { Kind = StateKind.ObjectRemoved, Object = id };

    public static StateEntry Attribute(AttributeTarget target, string key, byte[] value, ulong version = 10, uint author = Me) => new()
    {
        Kind = StateKind.Attribute,
        Target = target,
        KeyUtf8 = Encoding.UTF8.GetBytes(key),
        Terms = AttributeTerms.Default,
        Version = version,
        Author = author,
        Value = value,
    };

    public static StateEntry Merged(AttributeTarget target, string key, byte[] path, byte[] value, ulong version = 11, uint author = 8) =>
        new()
        {
            Kind = StateKind.AttributeMerged,
            Target = target,
            KeyUtf8 = Encoding.UTF8.GetBytes(key),
            Version = version,
            Author = author,
            Path = path,
            Value = value,
        };

    public static StateEntry Gone(AttributeTarget target, string key) =>
        new() { Kind = StateKind.AttributeRemoved, Target = target, KeyUtf8 = Encoding.UTF8.GetBytes(key) };

    public static byte[] Batch(ulong version, BatchFlags flags, uint[] removals, params (uint Slot, double X)[] entries)
    {
        byte[] bytes = new byte[TransformBatchWriter.MaxSize(removals.Length, entries.Length, 0, Space)];
        var writer = new TransformBatchWriter(bytes, Space, flags, version, presupposes: 5, serverMillis: 1000, removals.Length);
        foreach (uint slot in removals)
        {
            writer.AddRemoval(slot);
        }

        writer.BeginEntries(entries.Length);
        foreach ((uint slot, double x) in entries)
        {
            Assert.Equal(PackStatus.Ok, Space.TryPack(new Transform(x, 0, 0), out PackedTransform value));
            writer.Add(slot, value);
        }

        return bytes[..writer.Finish()];
    }

    public static byte[] Batch(ulong version, params (uint Slot, double X)[] entries) => Batch(version, BatchFlags.None, [], entries);

    private static byte[] Write(WriteAction write)
    {
        var writer = new FrameWriter(new byte[8192]);
        write(ref writer);
        Assert.False(writer.Overflowed);
        return writer.WrittenSpan.ToArray();
    }

    private delegate void WriteAction(ref FrameWriter writer);

    /// <summary>Makes an entry.</summary>
    public delegate StateEntry StateEntryAction();
}
