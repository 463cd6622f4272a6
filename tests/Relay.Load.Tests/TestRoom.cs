using System.Text;
using Relay.Load.RoomState;
using Relay.Protocol.Frames;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Tests;

/// <summary>A record of a room whose server is the test: client n is member n + 1 and has slot n.</summary>
internal sealed class TestRoom
{
    public const ulong Epoch = 7;

    /// <summary>The sequence that everybody's snapshot includes.</summary>
    public const ulong Cut = 10;

    private const uint Kind = SendEvent.FirstApplicationKind;

    private readonly byte[] _bytes = new byte[4096];
    private readonly ulong[] _numbers;

    public TestRoom(int clients = 3, RingLimits? ring = null)
    {
        Record = new RoomRecord("room", clients, ring);
        _numbers = new ulong[clients];
        Stays = [.. Enumerable.Range(0, clients).Select(Enter)];
        foreach (Stay stay in Stays)
        {
            Snapshot(stay, Cut);
        }
    }

    public RoomRecord Record { get; }

    public Stay[] Stays { get; }

    /// <summary>Lost, duplicated, reordered, misdirected, mismatches.</summary>
    public (long Lost, long Duplicated, long Reordered, long Misdirected, long Mismatches) Counts =>
        (Record.Counts.Lost, Record.Counts.Duplicated, Record.Counts.Reordered, Record.Counts.Misdirected, Record.Counts.Mismatches);

    public string Words => string.Join('\n', Record.Counts.Words);

    /// <summary>A deed of a client that has been sent.</summary>
    public Deed Write(int client, string key = "key", AccessKind readers = AccessKind.Everyone) => Begin(new Deed
    {
        Kind = DeedKind.Write,
        Author = Stays[client],
        Number = ++_numbers[client],
        Name = new AttributeName(AttributeTarget.OfMember(Stays[client].Member), key),
        Readers = readers,
    });

    /// <summary>An event of a client that has been sent.</summary>
    public Deed Event(int client, EventAudience audience = EventAudience.Others, uint member = 0) => Begin(new Deed
    {
        Kind = DeedKind.Event,
        Author = Stays[client],
        Number = ++_numbers[client],
        Audience = audience,
        Member = member,
        EventKind = Kind,
    });

    public Deed Take(int client, uint id, uint from) => Begin(new Deed
    {
        Kind = DeedKind.Take,
        Author = Stays[client],
        Number = ++_numbers[client],
        Object = id,
        Member = from,
    });

    /// <summary>The message that tells a write.</summary>
    /// <param name="write">Which.</param>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="last">Added to the value's last byte.</param>
    public byte[] Told(Deed write, ulong sequence, byte last = 0)
    {
        byte[] value = StampOf(write);
        value[^1] += last;
        return State(sequence, new StateEntry
        {
            Kind = StateKind.Attribute,
            Target = write.Name.Target,
            KeyUtf8 = Encoding.UTF8.GetBytes(write.Name.Key),
            Terms = AttributeTerms.Default with { Readers = new Access(write.Readers) },
            Version = sequence,
            Author = write.Author.Member,
            Value = value,
        });
    }

    /// <summary>The message that tells an event.</summary>
    public byte[] Heard(Deed heard, ulong sequence)
    {
        var writer = new FrameWriter(_bytes);
        new RoomEvent
        {
            Sequence = sequence,
            Audience = heard.Audience,
            Sender = heard.Author.Member,
            Kind = Kind,
            Payload = StampOf(heard),
        }.Write(ref writer);
        return BodyOf(writer.WrittenSpan);
    }

    /// <summary>The message that tells of an object and its owner.</summary>
    public byte[] Object(ulong sequence, uint id, uint owner) =>
        State(sequence, new StateEntry { Kind = StateKind.Object, Object = id, Owner = owner, TypeUtf8 = "type"u8, NameUtf8 = "name"u8 });

    public byte[] Batch(ulong version, ulong presupposes, params uint[] slots)
    {
        byte[] bytes = new byte[TransformBatchWriter.MaxSize(0, slots.Length, 0, RoomSpace.Default)];
        var writer = new TransformBatchWriter(bytes, RoomSpace.Default, BatchFlags.None, version, presupposes, 0, removals: 0);
        writer.BeginEntries(slots.Length);
        foreach (uint slot in slots)
        {
            writer.Add(slot, RoomSpace.Default.Pack(slot, 1, 2, SmallestThree.Identity));
        }

        return bytes[FrameHeader.Size..writer.Finish()];
    }

    /// <summary>A client receives messages.</summary>
    public void Give(int client, params byte[][] bodies)
    {
        foreach (byte[] body in bodies)
        {
            FrameType type = IsEvent(body) ? FrameType.Event : FrameType.State;
            Assert.Equal(ReadStatus.Ok, Record.Take(Stays[client], type, body, nowNanos: 0));
        }
    }

    /// <summary>Everybody receives messages, but some do not.</summary>
    public void GiveAllBut(int[] none, params byte[][] bodies)
    {
        foreach (int client in Enumerable.Range(0, Stays.Length).Except(none))
        {
            Give(client, bodies);
        }
    }

    public void GiveAll(params byte[][] bodies) => GiveAllBut([], bodies);

    /// <summary>A client gets a snapshot in one part, with these attributes.</summary>
    public void Snapshot(Stay stay, ulong cut, params Deed[] attributes)
    {
        var writer = new FrameWriter(_bytes);
        PresenceFlags end = attributes.Length > 0 ? PresenceFlags.StateFollows : PresenceFlags.Last;
        Presence.BeginSnapshotPart(ref writer, PresenceFlags.First | end, Epoch, cut, version: 1, _numbers.Length);
        for (int i = 0; i < _numbers.Length; i++)
        {
            new PresenceEntry { Member = (uint)i + 1, Slot = (uint)i, Generation = 1, Role = 1, NameUtf8 = "name"u8 }.Write(ref writer);
        }

        writer.EndFrame(FrameType.Presence);
        Assert.Equal(ReadStatus.Ok, Record.Take(stay, FrameType.Presence, BodyOf(writer.WrittenSpan), nowNanos: 0));
        if (attributes.Length > 0)
        {
            var part = new FrameWriter(_bytes);
            Protocol.Messages.State.BeginSnapshotPart(ref part, isLast: true, Epoch, cut, version: 1, attributes.Length);
            foreach (Deed deed in attributes)
            {
                new StateEntry
                {
                    Kind = StateKind.Attribute,
                    Target = deed.Name.Target,
                    KeyUtf8 = Encoding.UTF8.GetBytes(deed.Name.Key),
                    Terms = AttributeTerms.Default with { Readers = new Access(deed.Readers) },
                    Version = deed.SeenAt,
                    Author = deed.Author.Member,
                    Value = StampOf(deed),
                }.Write(ref part);
            }

            part.EndFrame(FrameType.State);
            Assert.Equal(ReadStatus.Ok, Record.Take(stay, FrameType.State, BodyOf(part.WrittenSpan), nowNanos: 0));
        }
    }

    private static bool IsEvent(byte[] body) => RoomEvent.TryRead(body, out RoomEvent told) == ReadStatus.Ok && told.Kind == Kind;

    private static byte[] BodyOf(ReadOnlySpan<byte> frame) => frame[FrameHeader.Size..].ToArray();

    private static byte[] StampOf(Deed deed)
    {
        byte[] bytes = new byte[9];
        var writer = new MessagePackWriter(bytes);
        writer.WriteUInt64(deed.Stamp);
        return bytes[..writer.Written];
    }

    private Stay Enter(int client)
    {
        Stay stay = Record.Begin(client);
        var roles = new byte[] { 2, 0, 0, 0x7F, 0 };
        Record.Entered(stay, new Joined
        {
            Epoch = Epoch,
            Member = (uint)client + 1,
            Slot = (uint)client,
            Generation = 1,
            Space = RoomSpace.Default,
            Roles = roles,
        });
        return stay;
    }

    private Deed Begin(Deed deed)
    {
        Record.Deeds.Begin(deed);
        return deed;
    }

    private byte[] State(ulong sequence, scoped in StateEntry entry)
    {
        var writer = new FrameWriter(_bytes);
        Protocol.Messages.State.BeginChange(ref writer, sequence, count: 1);
        entry.Write(ref writer);
        writer.EndFrame(FrameType.State);
        return BodyOf(writer.WrittenSpan);
    }
}
