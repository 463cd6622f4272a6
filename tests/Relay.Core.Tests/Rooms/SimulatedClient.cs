using System.Text;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Core.Transport.Ingress;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Rooms;

/// <summary>
/// A client on virtual time that believes only what it is sent, and checks the promises of protocol-spec.md on the way: sequences rise, a
/// batch comes after what it presupposes, versions rise, removals and values concern slots that somebody holds, arrivals and departures
/// come once.
/// </summary>
internal sealed class SimulatedClient
{
    private readonly Simulation _simulation;
    private ulong _sequence;
    private ulong _presupposed;
    private ulong _cut;
    private FrameDispatcher? _road;

    public SimulatedClient(Simulation simulation, string name, string? userId = null)
    {
        _simulation = simulation;
        Shard home = simulation.Shards[0];
        Outlet = new SimulatedOutlet { OnBytes = Receive, OnAborted = Aborted };
        Connection = new Connection(home, Outlet, Encoding.UTF8.GetBytes(name), simulation.Pool, simulation.Now)
        {
            Session = Guid.NewGuid(),
            Secret = SessionSecret.NewRandom(),
            Who = new Persona(userId, userId is null ? "address:" + name : "user:" + userId),
        };
        Secret = Connection.Secret;
        home.Lane.Push(new Arrival(Connection));
    }

    public SimulatedOutlet Outlet { get; private set; }

    /// <summary>What it shows to take its session up again.</summary>
    public SessionSecret Secret { get; private set; }

    /// <summary>Where it has got to.</summary>
    public ResumePoint Point => new(Seat?.Epoch ?? 0, LastRoomSequence, Cursor, LastAnswer);

    /// <summary>The last of its own messages that it has seen answered.</summary>
    public ulong LastAnswer { get; private set; }

    /// <summary>Whether its connection has ended and no other has taken its place.</summary>
    public bool HasVanished { get; private set; }

    /// <summary>Whether a connection that is cut off ends by itself, as it does on a road; otherwise a test says when.</summary>
    public bool EndsWhenCutOff { get; set; }

    /// <summary>Times that it took its session up again.</summary>
    public int Resumes { get; private set; }

    public Connection Connection { get; }

    /// <summary>The answer to the last join; null outside a room.</summary>
    public JoinedFacts? Seat { get; private set; }

    /// <summary>Who is here, by member id.</summary>
    public Dictionary<uint, MemberFacts> Members { get; } = [];

    /// <summary>The newest value of each slot.</summary>
    public Dictionary<uint, PackedTransform> Values { get; } = [];

    /// <summary>Slots flagged with a discontinuity, in the order of arrival.</summary>
    public List<uint> Jumps { get; } = [];

    /// <summary>Objects and attributes.</summary>
    public RoomMirror Mirror { get; } = new();

    /// <summary>Answers to what it asked of the room's state: the value of Done, by the message's number.</summary>
    public Dictionary<ulong, ulong> Done { get; } = [];

    /// <summary>State frames that were changes.</summary>
    public int Changes { get; private set; }

    /// <summary>What changes told, entry by entry, with departures among them: "object 5", "removed 5", "attribute k", "merged k", "hidden k",
    /// "left 2".</summary>
    public List<string> StateLog { get; } = [];

    /// <summary>Payloads of events, in the order of arrival.</summary>
    public List<string> Events { get; } = [];

    /// <summary>The same with who sent them and how they were addressed.</summary>
    public List<EventFacts> Heard { get; } = [];

    public List<(FrameType Type, CloseCode Code, ulong Sequence)> Errors { get; } = [];

    /// <summary>The same with the limit and the value that they name.</summary>
    public List<RefusalFacts> Refusals { get; } = [];

    /// <summary>Who left, and for what reason, as presence tells it.</summary>
    public List<(uint Member, CloseCode Reason)> Departures { get; } = [];

    /// <summary>The room that it is in, by the name that Joined tells.</summary>
    public string? RoomName { get; private set; }

    /// <summary>What the road lets through.</summary>
    public IngressLimits Limits { get; init; } = new() { FramesPerSecond = 0 };

    public List<string> PresenceLog { get; } = [];

    public List<Pong> Pongs { get; } = [];

    public int Pings { get; private set; }

    public int Resets { get; private set; }

    public int Joins { get; private set; }

    public int Batches { get; private set; }

    public int Snapshots { get; private set; }

    public ulong Cursor { get; private set; }

    public ulong LastRoomSequence { get; private set; }

    public CloseCode? Left { get; private set; }

    public CloseCode? Closed { get; private set; }

    public GoAwayFacts? GoAway { get; private set; }

    /// <summary>Times that it was told that its credentials expire.</summary>
    public int Expirings { get; private set; }

    public void Join(string room, RoomOptions? options = null, bool change = false, ulong epoch = 0, ulong cursor = 0, string? role = null, RoomAdmission admission = default) =>
        Assert.True(Connection.Post(new Command(CommandKind.Join)
        {
            Join = new JoinRequest(++_sequence, change, room, options ?? new RoomOptions(), epoch, cursor)
            {
                Who = Connection.Who,
                Role = role,
                Admission = admission,
                Logic = _simulation.LogicOf(room),
            },
        }));

    public void Leave() => Assert.True(Connection.Post(new Command(CommandKind.Leave) { Sequence = ++_sequence }));

    public void Renew(long expires) =>
        Assert.True(Connection.Post(new Command(CommandKind.Renew) { Sequence = ++_sequence, ReceivedMicros = expires }));

    public void Ping(ulong stamp, long received) =>
        Assert.True(Connection.Post(new Command(CommandKind.Pong) { Stamp = stamp, ReceivedMicros = received }));

    /// <summary>Shows its secret, or another, over a new connection; sooner or later the session goes on over it, or not.</summary>
    /// <param name="secret">Another secret than its own.</param>
    /// <param name="point">Another point than it has got to.</param>
    /// <param name="welcomeIsLost">Whether what the server says at first gets lost.</param>
    public ResumeRequest BeginResume(SessionSecret? secret = null, ResumePoint? point = null, bool welcomeIsLost = false)
    {
        var outlet = new SimulatedOutlet { OnBytes = Receive, OnAborted = Aborted, IsLossy = welcomeIsLost };
        var request = new ResumeRequest(_simulation.Shards)
        {
            Session = Connection.Session,
            Secret = secret ?? Secret,
            UserId = Connection.Who.UserId,
            Point = point ?? Point,
            Outlet = outlet,
            WriteWelcome = connection =>
            {
                Outlet = outlet;
                HasVanished = false;
                Secret = welcomeIsLost ? Secret : connection.Secret;
                Resumes++;
                _simulation.Shards[0].Lane.Push(new Entrance(connection));
            },
        };
        request.Begin();
        return request;
    }

    /// <summary>Loses its connection and takes its session up again at once.</summary>
    public void Reconnect()
    {
        Outlet.IsLossy = true;
        Vanish();
        BeginResume();
    }

    /// <summary>Forgets where it has got to in its room.</summary>
    public void ForgetPlace() => (LastRoomSequence, _presupposed, Cursor, _cut) = (0, 0, 0, 0);

    /// <summary>The connection ends, as a road reports it.</summary>
    public void Vanish()
    {
        Assert.False(HasVanished, "A connection ends once.");
        HasVanished = true;
        Assert.True(Connection.Post(new Command(CommandKind.Gone) { Close = CloseReason.Abnormal }));
    }

    public void Send(string text, SharedBufferPool pool, EventAudience audience = EventAudience.Others, uint member = 0)
    {
        SharedBuffer payload = pool.Rent(text.Length);
        payload.Seal(Encoding.UTF8.GetBytes(text, payload.Writable));
        Assert.True(Connection.Post(new Command(CommandKind.SendEvent)
        {
            Sequence = ++_sequence,
            Audience = audience,
            Member = member,
            EventKind = 2000,
            Payload = payload,
        }));
    }

    /// <summary>Sends a frame over the road, as from a socket: what the road refuses, it refuses.</summary>
    /// <returns>The message's number.</returns>
    public ulong Say(WriteFrame write, bool numbered = true)
    {
        if (!Connection.Commands.HasRoom)
        {
            _simulation.Wake();
        }

        byte[] frame = new byte[64 * 1024];
        var writer = new FrameWriter(frame);
        Connection.LastSequence = _sequence;
        _sequence += numbered ? 1u : 0;
        write(ref writer, _sequence);
        Assert.False(writer.Overflowed);
        FrameHeader header = FrameHeader.Read(frame);
        _road ??= new FrameDispatcher(Connection, Limits, _simulation.Pool, new IngressStats(), _simulation.Now);
        Assert.Equal(DispatchStatus.Done, _road.Dispatch(header.Type, frame.AsSpan(FrameHeader.Size, header.BodyLength), _simulation.Now));
        return _sequence;
    }

    /// <summary>Sends a numbered message about the room's state.</summary>
    public ulong Ask(WriteFrame write)
    {
        if (!Connection.Commands.HasRoom)
        {
            _simulation.Wake();
        }

        byte[] frame = new byte[64 * 1024];
        var writer = new FrameWriter(frame);
        write(ref writer, ++_sequence);
        Assert.False(writer.Overflowed);
        FrameHeader header = FrameHeader.Read(frame);
        SharedBuffer body = _simulation.Pool.Rent(header.BodyLength);
        frame.AsSpan(FrameHeader.Size, header.BodyLength).CopyTo(body.Writable);
        body.Seal(header.BodyLength);
        Assert.True(Connection.Post(new Command(header.Type == FrameType.Manage ? CommandKind.Manage : CommandKind.State)
        {
            Type = header.Type,
            Sequence = _sequence,
            Payload = body,
        }));
        return _sequence;
    }

    /// <summary>Moves an object; x tells one value from another.</summary>
    public void MoveObject(uint slot, byte generation, uint x, long now)
    {
        Seat seat = Connection.Seat ?? throw new InvalidOperationException("Not in a room.");
        (Connection.Objects ??= new ObjectMailbox()).Put(
            new TransformUpdateEntry(slot, generation, seat.Space.Pack(x, 1, 2, SmallestThree.Identity), default), seat, now);
        Connection.Attend();
    }

    /// <summary>Moves the avatar; x tells one value from another.</summary>
    public void Move(uint x, long now, TransformFlags flags = TransformFlags.None)
    {
        Seat seat = Connection.Seat ?? throw new InvalidOperationException("Not in a room.");
        Connection.Transforms.Put(seat.Space.Pack(x, 1, 2, SmallestThree.Identity), new TransformExtension { Flags = flags }, seat, now);
        Connection.Attend();
    }

    private void Aborted()
    {
        if (EndsWhenCutOff && !HasVanished)
        {
            Vanish();
        }
    }

    private void Receive(byte[] bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        while (!rest.IsEmpty)
        {
            Assert.Equal(FrameStatus.Complete, FrameDecoder.Find(rest, FrameHeader.MaxBodyLength, out FrameHeader header));
            Handle(header.Type, rest.Slice(FrameHeader.Size, header.BodyLength));
            rest = rest[(FrameHeader.Size + header.BodyLength)..];
        }
    }

    private void Handle(FrameType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case FrameType.Joined:
                Assert.Equal(ReadStatus.Ok, Joined.TryRead(body, out Joined joined));
                LastAnswer = Math.Max(LastAnswer, joined.Sequence);
                Seat = new JoinedFacts(joined.Epoch, joined.Member, joined.Slot, joined.Generation, joined.Space!, joined.Sequence);
                RoomName = Encoding.UTF8.GetString(joined.RoomUtf8);
                Members.Clear();
                Values.Clear();
                Mirror.Forget(stateFollows: false);
                Joins++;
                ForgetPlace();
                break;
            case FrameType.Left:
                Assert.Equal(ReadStatus.Ok, Protocol.Messages.Left.TryRead(body, out Left left));
                LastAnswer = Math.Max(LastAnswer, left.Sequence);
                Left = left.Reason;
                Seat = null;
                break;
            case FrameType.Presence:
                Presence(body);
                break;
            case FrameType.Event:
                Assert.Equal(ReadStatus.Ok, RoomEvent.TryRead(body, out RoomEvent roomEvent));
                NoteSequence(roomEvent.Sequence);
                Events.Add(Encoding.UTF8.GetString(roomEvent.Payload));
                Heard.Add(new EventFacts(roomEvent.Sender, roomEvent.Audience, roomEvent.Kind, Events[^1]));
                break;
            case FrameType.State:
                State(body);
                break;
            case FrameType.Done:
                Assert.Equal(ReadStatus.Ok, Protocol.Messages.Done.TryRead(body, out Done done));
                LastAnswer = Math.Max(LastAnswer, done.Sequence);
                Assert.True(Done.TryAdd(done.Sequence, done.Value), "An answer that comes twice.");
                break;
            case FrameType.TransformBatch:
                Assert.False(Mirror.IsPartial, "A batch in the middle of a snapshot.");
                Batch(body);
                break;
            case FrameType.Error:
                Assert.Equal(ReadStatus.Ok, ErrorFrame.TryRead(body, out ErrorFrame error));
                LastAnswer = Math.Max(LastAnswer, error.Sequence);
                Errors.Add((error.RefusedType, error.Code, error.Sequence));
                Refusals.Add(new RefusalFacts(
                    error.RefusedType, error.Code, error.Sequence, error.Limit, error.Value, Encoding.UTF8.GetString(error.TextUtf8)));
                break;
            case FrameType.Pong:
                Assert.Equal(ReadStatus.Ok, Protocol.Messages.Pong.TryRead(body, out Protocol.Messages.Pong pong));
                Pongs.Add(new Pong(pong.Stamp, pong.ReceivedMicros, pong.SentMicros));
                break;
            case FrameType.Ping:
                Pings++;
                break;
            case FrameType.Close:
                Assert.Equal(ReadStatus.Ok, CloseFrame.TryRead(body, out CloseFrame close));
                Closed = close.Code;
                break;
            case FrameType.Expiring:
                Assert.Equal(ReadStatus.Ok, Protocol.Messages.Expiring.TryRead(body, out Expiring expiring));
                Assert.Equal(25_000u, expiring.GraceMillis);
                Expirings++;
                break;
            case FrameType.GoAway:
                Assert.Equal(ReadStatus.Ok, Protocol.Messages.GoAway.TryRead(body, out GoAway goAway));
                GoAway = new GoAwayFacts(goAway.Reason, goAway.DeadlineMillis, goAway.RetryAfterMillis);
                break;
            default:
                Assert.Fail($"Unexpected {type}.");
                break;
        }
    }

    private void Presence(ReadOnlySpan<byte> body)
    {
        Assert.Equal(ReadStatus.Ok, Protocol.Messages.Presence.TryRead(body, out Presence presence));
        Assert.NotNull(Seat);
        bool snapshot = (presence.Flags & PresenceFlags.Snapshot) != 0;
        if (!snapshot)
        {
            NoteSequence(presence.Sequence);
        }
        else
        {
            Assert.Equal(Seat.Epoch, presence.Epoch);
            Assert.True(presence.Sequence >= Math.Max(LastRoomSequence, _cut), "A snapshot cut in the past.");

            // Until it is whole the client knows nothing of the room: what it knew it has forgotten.
            _cut = presence.Sequence;
            LastRoomSequence = (presence.Flags & PresenceFlags.Last) != 0 ? _cut : 0;
        }

        if ((presence.Flags & PresenceFlags.First) != 0)
        {
            Snapshots++;
            Members.Clear();
        }

        if (snapshot && (presence.Flags & (PresenceFlags.First | PresenceFlags.StateFollows)) != 0)
        {
            Mirror.Forget(stateFollows: true);
        }

        if ((presence.Flags & PresenceFlags.Last) != 0)
        {
            Mirror.Forget(stateFollows: false);
        }

        while (presence.TryReadEntry(out PresenceEntry entry))
        {
            string name = Encoding.UTF8.GetString(entry.NameUtf8);
            if (entry.Kind == PresenceKind.Present)
            {
                Assert.True(Members.TryAdd(entry.Member, new MemberFacts(name, entry.Slot, entry.Generation, entry.Role, entry.Standing)), "Told twice of an arrival.");
                PresenceLog.Add(snapshot ? $"here {name}" : $"joined {name}");
            }
            else if (entry.Kind == PresenceKind.Standing)
            {
                Members[entry.Member] = Members[entry.Member] with { Role = entry.Role, Standing = entry.Standing };
            }
            else
            {
                Assert.True(Members.Remove(entry.Member, out MemberFacts? gone), "Told of a departure of somebody who was not here.");
                Mirror.MemberLeft(entry.Member);
                Departures.Add((entry.Member, entry.Reason));
                StateLog.Add($"left {entry.Member}");
                PresenceLog.Add($"left {gone.Name}");
            }
        }
    }

    private void State(ReadOnlySpan<byte> body)
    {
        Assert.Equal(ReadStatus.Ok, Protocol.Messages.State.TryRead(body, out State state));
        Assert.NotNull(Seat);
        bool snapshot = (state.Flags & PresenceFlags.Snapshot) != 0;
        if (snapshot)
        {
            Assert.Equal(Seat.Epoch, state.Epoch);
            Assert.Equal(_cut, state.Sequence);
            LastRoomSequence = (state.Flags & PresenceFlags.Last) != 0 ? _cut : 0;
        }
        else
        {
            NoteSequence(state.Sequence);
            Changes++;
        }

        Mirror.BeginPart(state.Flags);
        while (state.TryReadEntry(out StateEntry entry))
        {
            Mirror.Apply(entry, state.Sequence);
            if (!snapshot)
            {
                StateLog.Add(entry.Kind switch
                {
                    StateKind.Object => $"object {entry.Object}",
                    StateKind.ObjectRemoved => $"removed {entry.Object}",
                    StateKind.Attribute => $"attribute {Encoding.UTF8.GetString(entry.KeyUtf8)}",
                    StateKind.AttributeMerged => $"merged {Encoding.UTF8.GetString(entry.KeyUtf8)}",
                    _ => $"hidden {Encoding.UTF8.GetString(entry.KeyUtf8)}",
                });
            }
        }
    }

    private void Batch(ReadOnlySpan<byte> body)
    {
        Assert.NotNull(Seat);
        Assert.Equal(ReadStatus.Ok, TransformBatch.TryRead(body, Seat.Space, out TransformBatch batch));
        _presupposed = Math.Max(_presupposed, batch.Presupposes);
        Assert.True(batch.Version > Cursor || (batch.Flags & BatchFlags.Reset) != 0, "A batch that is not newer than the one before.");
        Batches++;
        Cursor = batch.Version;
        if ((batch.Flags & BatchFlags.Reset) != 0)
        {
            Resets++;
            Values.Clear();
        }

        while (batch.TryReadRemoval(out uint slot))
        {
            Values.Remove(slot);
        }

        while (batch.TryReadEntry(out TransformBatchEntry entry))
        {
            Assert.True(
                Members.Values.Any(member => member.Slot == entry.Slot) ||
                Mirror.Objects.Values.Any(place => (place.Flags & ObjectFlags.Placed) != 0 && place.Slot == entry.Slot),
                "A value for a slot that nobody holds.");
            Values[entry.Slot] = entry.Value.WithoutPrefix();
            if ((entry.Extension.Flags & TransformFlags.Discontinuity) != 0)
            {
                Jumps.Add(entry.Slot);
            }
        }
    }

    private void NoteSequence(ulong sequence)
    {
        Assert.True(sequence > LastRoomSequence, "A room sequence that does not rise.");
        Assert.True(sequence > _presupposed, "A reliable message after a batch that presupposes it.");
        LastRoomSequence = sequence;
    }

    /// <summary>What a road does once it has its session: it comes to the session's shard, wherever that is.</summary>
    private sealed class Entrance(Connection connection) : ShardMessage
    {
        public override void Handle(Shard shard) => connection.Shard.Lane.Push(new Arrival(connection));
    }

    internal sealed record JoinedFacts(ulong Epoch, uint Member, uint Slot, byte Generation, RoomSpace Space, ulong Sequence);

    internal sealed record MemberFacts(string Name, uint Slot, byte Generation, byte Role, MemberStanding Standing);

    internal sealed record EventFacts(uint Sender, EventAudience Audience, uint Kind, string Payload);

    internal sealed record RefusalFacts(FrameType Type, CloseCode Code, ulong Sequence, double Limit, double Value, string Text);

    internal sealed record GoAwayFacts(CloseCode Reason, uint DeadlineMillis, uint RetryAfterMillis);

    internal sealed record Pong(ulong Stamp, ulong Received, ulong Sent);
}
