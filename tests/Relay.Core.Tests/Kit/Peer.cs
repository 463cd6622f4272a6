using System.Text;
using Relay.Core.Tests.Rooms;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Kit;

/// <summary>Somebody whom a peer knows to be in its room.</summary>
internal sealed record Person(uint Member, uint Slot, byte Generation, string Name, byte Role, MemberStanding Standing);

/// <summary>A value of a slot, with what came beside it.</summary>
internal sealed record Seen(PackedTransform Value, Transform Place, TransformExtension Extension);

/// <summary>
/// A client as the document describes it, on a <see cref="RawClient"/>: keeps what it was told and checks the order of it. It reads only
/// while a test waits, so a test decides when a peer is slow.
/// </summary>
internal sealed class Peer : IAsyncDisposable
{
    private ulong _sequence;
    private ulong _told;
    private ulong _answered;
    private bool _isInRoom;
    private bool _isSnapshotWhole;

    private Peer(RawClient raw) => Raw = raw;

    public RawClient Raw { get; private set; }

    public WelcomeFacts? Welcome { get; private set; }

    public JoinedFacts? Seat { get; private set; }

    /// <summary>Who is here, by member.</summary>
    public Dictionary<uint, Person> People { get; } = [];

    /// <summary>Where everything is, by slot.</summary>
    public Dictionary<uint, Seen> Values { get; } = [];

    /// <summary>Arrivals and departures in the order in which they were told, snapshots left out.</summary>
    public List<(PresenceKind Kind, uint Member, CloseCode Reason)> Changes { get; } = [];

    public List<ErrorFacts> Errors { get; } = [];

    public List<EventFacts> Events { get; } = [];

    /// <summary>Objects and attributes.</summary>
    public RoomMirror Mirror { get; } = new();

    /// <summary>The values of Done, by the message that it answers.</summary>
    public Dictionary<ulong, ulong> Done { get; } = [];

    public List<PongFacts> Pongs { get; } = [];

    public List<LeftFacts> Lefts { get; } = [];

    /// <summary>The batches since the last Joined: which slots each named, and whether it was a reset.</summary>
    public List<(bool Reset, uint[] Slots, uint ServerMillis)> Batches { get; } = [];

    public GoAwayFacts? GoAway { get; private set; }

    public int Snapshots { get; private set; }

    /// <summary>Pings of the server that were answered.</summary>
    public int PingsAnswered { get; private set; }

    public ulong Cursor { get; private set; }

    /// <summary>The last number that was used.</summary>
    public ulong Sequence => _sequence;

    /// <summary>Connects and says Hello.</summary>
    public static async Task<Peer> ConnectAsync(RelayTestServer server, Wire wire, string credentials = "")
    {
        Peer peer = Over(await RawClient.ConnectAsync(server, wire));
        await peer.HelloAsync(credentials);
        return peer;
    }

    /// <summary>Connects, says Hello and joins.</summary>
    public static async Task<Peer> JoinAsync(RelayTestServer server, Wire wire, string room, string credentials = "")
    {
        Peer peer = await ConnectAsync(server, wire, credentials);
        await peer.JoinAsync(room);
        return peer;
    }

    /// <summary>A peer on a connection that has not said Hello.</summary>
    public static Peer Over(RawClient raw) => new(raw);

    public async Task HelloAsync(string credentials = "")
    {
        await Raw.SendAsync(Frames.Hello(credentials));
        await UntilAsync(() => Welcome is not null, "Welcome");
    }

    /// <summary>Breaks the connection off and takes the session up again over another one, whatever was under way.</summary>
    /// <returns>Whether the session goes on.</returns>
    public async Task<bool> ReconnectAsync(RelayTestServer server, Wire wire, bool reset = true)
    {
        if (reset)
        {
            Raw.Reset();
        }

        await Raw.DisposeAsync();
        return await ResumeAsync(server, wire);
    }

    /// <summary>Takes the session up again over another connection; what the old one still brings is not read.</summary>
    public async Task<bool> ResumeAsync(RelayTestServer server, Wire wire, byte[]? token = null)
    {
        WelcomeFacts before = Welcome!;
        Welcome = null;
        Raw = await RawClient.ConnectAsync(server, wire);
        await Raw.SendAsync(Frames.Resume(
            token ?? before.ResumeToken, _isInRoom ? Seat!.Epoch : 0, _isSnapshotWhole ? _told : 0, Cursor, _answered));
        await UntilAsync(() => Welcome is not null, "Welcome");
        return Welcome!.Session == before.Session;
    }

    /// <summary>Joins, or changes room, and waits for the whole snapshot.</summary>
    public async Task<JoinedFacts> JoinAsync(string room, FrameType type = FrameType.Join, ulong epoch = 0, ulong cursor = 0)
    {
        int snapshots = Snapshots;
        await Raw.SendAsync(Frames.Join(++_sequence, room, type, epoch, cursor));
        await UntilAsync(() => Seat?.Sequence == _sequence && Snapshots > snapshots, $"the room {room}");
        return Seat!;
    }

    /// <summary>Joins, unless it is refused.</summary>
    public async Task<bool> TryJoinAsync(string room)
    {
        await Raw.SendAsync(Frames.Join(++_sequence, room));
        await UntilAsync(() => Seat?.Sequence == _sequence || Errors.Any(error => error.Sequence == _sequence), "an answer");
        return Seat?.Sequence == _sequence;
    }

    public async Task LeaveAsync()
    {
        await Raw.SendAsync(Frames.Leave(++_sequence));
        await UntilAsync(() => Lefts.Any(left => left.Sequence == _sequence), "Left");
    }

    public Task SendEventAsync(EventAudience audience, string payload, uint member = 0, uint kind = 1024) =>
        Raw.SendAsync(Frames.Event(++_sequence, audience, member, kind, Encoding.UTF8.GetBytes(payload)));

    /// <summary>Sends a numbered message and waits for its refusal.</summary>
    public async Task<ErrorFacts> RefusedAsync(Func<ulong, byte[]> message)
    {
        await Raw.SendAsync(message(++_sequence));
        await UntilAsync(() => Errors.Any(error => error.Sequence == _sequence), "a refusal");
        return Errors.Single(error => error.Sequence == _sequence);
    }

    /// <summary>Sends a message about the room's state and waits for its answer.</summary>
    /// <returns>The value of Done.</returns>
    public async Task<ulong> AskAsync(WriteFrame write)
    {
        ulong sequence = await PostAsync(write);
        await UntilAsync(() => Done.ContainsKey(sequence) || Errors.Any(error => error.Sequence == sequence), "an answer");
        Assert.DoesNotContain(Errors, error => error.Sequence == sequence);
        return Done[sequence];
    }

    /// <summary>Sends a message about the room's state.</summary>
    /// <returns>Its number.</returns>
    public async Task<ulong> PostAsync(WriteFrame write)
    {
        byte[] frame = StateFrames.Write(write, ++_sequence);
        await Raw.SendAsync(frame);
        return _sequence;
    }

    /// <summary>The frame that moves this peer's avatar.</summary>
    public byte[] Move(Transform place, TransformExtension extension = default) => Frames.Update(Seat!.Space, Entry(place, extension));

    public TransformUpdateEntry Entry(Transform place, TransformExtension extension = default)
    {
        Assert.Equal(PackStatus.Ok, Seat!.Space.TryPack(place, out PackedTransform packed));
        return new TransformUpdateEntry(Seat.Slot, Seat.Generation, packed, extension);
    }

    public Task MoveAsync(Transform place, TransformExtension extension = default) => Raw.SendAsync(Move(place, extension));

    /// <summary>Waits until a slot is seen at a place.</summary>
    public Task SeesAsync(uint slot, Transform place) => UntilAsync(() => IsAt(slot, place), $"slot {slot} at {place}");

    /// <summary>Whether a slot was last seen at a place, within half a step.</summary>
    public bool IsAt(uint slot, Transform place) => Values.TryGetValue(slot, out Seen? seen) &&
        Math.Max(Math.Abs(seen.Place.X - place.X), Math.Max(Math.Abs(seen.Place.Y - place.Y), Math.Abs(seen.Place.Z - place.Z))) <= Seat!.Space.Precision * 0.501;

    /// <summary>Everything that was sent before has been handled and told, once this returns: a ping's answer comes last.</summary>
    public async Task SettleAsync()
    {
        ulong stamp = 0xF00D_0000 + (ulong)Pongs.Count;
        await Raw.SendAsync(Frames.Ping(stamp));
        await UntilAsync(() => Pongs.Any(pong => pong.Stamp == stamp), "a Pong");
    }

    /// <summary>Reads until something is so.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Frame? frame = await NextAsync().InTimeAsync(what);
            if (frame is null or { Type: FrameType.Close })
            {
                Ending ending = await Raw.ReadToEndAsync();
                Assert.Fail($"The connection ended, {ending}, while waiting for {what}.");
            }

            Assert.True(TimeProvider.System.GetElapsedTime(start) < Waiting.Patience, $"Much came, but not {what}.");
        }
    }

    /// <summary>Reads one frame and takes note of it; answers a Ping.</summary>
    public async Task<Frame?> NextAsync()
    {
        Frame? frame = await Raw.ReadFrameAsync();
        if (frame is { Type: FrameType.Ping })
        {
            Assert.Equal(ReadStatus.Ok, Ping.TryRead(frame.Body, out Ping ping));
            await Raw.SendAsync(Frames.Pong(ping.Stamp));
            PingsAnswered++;
        }
        else if (frame is not null)
        {
            Note(frame);
        }

        return frame;
    }

    public ValueTask DisposeAsync() => Raw.DisposeAsync();

    private void Note(Frame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Welcome:
                Assert.Null(Welcome);
                Welcome = WelcomeFacts.Read(frame.Body);
                break;
            case FrameType.Joined:
                Seat = JoinedFacts.Read(frame.Body);
                _answered = Math.Max(_answered, Seat.Sequence);
                (_isInRoom, _isSnapshotWhole) = (true, false);
                People.Clear();
                Mirror.Forget(stateFollows: false);
                Values.Clear();
                Batches.Clear();
                Cursor = 0;
                _told = 0;
                break;
            case FrameType.Left:
                Lefts.Add(LeftFacts.Read(frame.Body));
                _answered = Math.Max(_answered, Lefts[^1].Sequence);
                _isInRoom = false;
                break;
            case FrameType.Presence:
                NotePresence(frame.Body);
                break;
            case FrameType.State:
                NoteState(frame.Body);
                break;
            case FrameType.Done:
                Assert.Equal(ReadStatus.Ok, Protocol.Messages.Done.TryRead(frame.Body, out Done done));
                Assert.True(Done.TryAdd(done.Sequence, done.Value), "An answer that comes twice.");
                _answered = Math.Max(_answered, done.Sequence);
                break;
            case FrameType.TransformBatch:
                NoteBatch(frame.Body);
                break;
            case FrameType.Event:
                EventFacts happened = EventFacts.Read(frame.Body);
                Rise(happened.Sequence);
                Events.Add(happened);
                break;
            case FrameType.Error:
                Errors.Add(ErrorFacts.Read(frame.Body));
                _answered = Math.Max(_answered, Errors[^1].Sequence);
                break;
            case FrameType.Pong:
                Pongs.Add(PongFacts.Read(frame.Body));
                break;
            case FrameType.GoAway:
                GoAway = GoAwayFacts.Read(frame.Body);
                break;
            case FrameType.Close:
                break;
            default:
                Assert.Fail($"The server sent a frame of type {frame.Type}.");
                break;
        }
    }

    private void NotePresence(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, Presence.TryRead(body, out Presence message));
        bool change = message.Flags == PresenceFlags.None;
        if (change)
        {
            Rise(message.Sequence);
        }
        else
        {
            Assert.Equal(Seat!.Epoch, message.Epoch);
            Assert.True(message.Sequence >= _told, "A snapshot went back behind what was told.");
            _told = message.Sequence;
        }

        if (!change)
        {
            _isSnapshotWhole = (message.Flags & PresenceFlags.Last) != 0;
        }

        if ((message.Flags & PresenceFlags.First) != 0)
        {
            People.Clear();
            Mirror.Forget(stateFollows: true);
        }

        if ((message.Flags & PresenceFlags.Last) != 0)
        {
            Mirror.Forget(stateFollows: false);
        }

        while (message.TryReadEntry(out PresenceEntry entry))
        {
            if (entry.Kind == PresenceKind.Present)
            {
                Assert.True(People.TryAdd(entry.Member, new Person(entry.Member, entry.Slot, entry.Generation, Encoding.UTF8.GetString(entry.NameUtf8), entry.Role, entry.Standing)), "Told to be here twice.");
            }
            else if (entry.Kind == PresenceKind.Standing)
            {
                People[entry.Member] = People[entry.Member] with { Role = entry.Role, Standing = entry.Standing };
            }
            else
            {
                Assert.True(People.Remove(entry.Member), "Left without having been here.");
                Mirror.MemberLeft(entry.Member);
            }

            if (change)
            {
                Changes.Add((entry.Kind, entry.Member, entry.Reason));
            }
        }

        Snapshots += (message.Flags & PresenceFlags.Last) != 0 ? 1 : 0;
    }

    private void NoteState(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, State.TryRead(body, out State message));
        if (message.Flags == PresenceFlags.None)
        {
            Rise(message.Sequence);
        }
        else
        {
            Assert.Equal((Seat!.Epoch, _told), (message.Epoch, message.Sequence));
            _isSnapshotWhole = (message.Flags & PresenceFlags.Last) != 0;
            Snapshots += _isSnapshotWhole ? 1 : 0;
        }

        Mirror.BeginPart(message.Flags);
        while (message.TryReadEntry(out StateEntry entry))
        {
            Mirror.Apply(entry, message.Sequence);
        }
    }

    private void NoteBatch(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, TransformBatch.TryRead(body, Seat!.Space, out TransformBatch message));
        Assert.True(message.Version > Cursor || (message.Flags & BatchFlags.Reset) != 0, "A batch told nothing new.");
        Cursor = message.Version;
        bool reset = (message.Flags & BatchFlags.Reset) != 0;
        if (reset)
        {
            Values.Clear();
        }

        while (message.TryReadRemoval(out uint removed))
        {
            Values.Remove(removed);
        }

        var slots = new List<uint>();
        while (message.TryReadEntry(out TransformBatchEntry entry))
        {
            slots.Add(entry.Slot);
            Values[entry.Slot] = new Seen(entry.Value, Seat.Space.Unpack(entry.Value), entry.Extension);
        }

        Batches.Add((reset, [.. slots], message.ServerMillis));
    }

    private void Rise(ulong sequence)
    {
        Assert.True(sequence > _told, $"Room sequence {sequence} came after {_told}.");
        _told = sequence;
    }
}
