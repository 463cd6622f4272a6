using System.Security.Cryptography;
using System.Text;
using Relay.Core.Rooms.Recording;
using Relay.Core.Rooms.Stores;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Buffers;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>
/// A room: who is in it, what moves in it, what was said in it. It belongs to one shard and is touched by its thread alone. How its
/// members are told: <see cref="FanOut"/>.
/// </summary>
internal sealed class Room
{
    private readonly List<Member> _members = [];
    private readonly List<Receiver> _receivers = [];
    private readonly List<Receiver> _newcomers = [];
    private readonly Dictionary<uint, Member> _byId = [];
    private readonly Dictionary<string, long> _banned = new(StringComparer.Ordinal);
    private readonly FanOut _fanOut;
    private readonly RoomClock _clock;
    private readonly long _ringMicros;
    private uint _lastMember;

    public Room(string name, RoomOptions options, SharedBufferPool pool, ShardStats stats, RoomClock clock)
    {
        _clock = clock;
        _ringMicros = (long)options.ReliableRingTime.TotalMicroseconds;
        Name = name;
        NameUtf8 = Encoding.UTF8.GetBytes(name);
        Options = options;
        OpenedWith = options;
        Pool = pool;
        Space = options.CreateSpace();
        TickMicros = options.TickMicros;
        AgeUnitMicros = options.AgeUnitMicros;
        Slots = new SlotTable(Space, options.Capacity + options.MaxObjects, options.MaxTombstones, AgeUnitMicros);
        Ring = new ReliableRing(options.ReliableRingMessages, options.ReliableRingBytes);
        Epoch = NewEpoch();
        NextTick = clock.Now;
        Roles = options.EffectiveRoles;
        EncodedRoles = RoomRole.Encode(Roles);
        World = new RoomWorld(this);
        Blocks = new Blocks(this);
        Recorder = options.RecorderBytes > 0 ? new FlightRecorder(options.RecorderBytes) : null;
        Stats = new RoomStats(clock.Now);
        _fanOut = new FanOut(this, stats);
    }

    public string Name { get; }

    public byte[] NameUtf8 { get; }

    /// <summary>What it is like now: see <see cref="Reconfigure"/>.</summary>
    public RoomOptions Options { get; private set; }

    /// <summary>What it was opened with: what cannot change in an open room stands here.</summary>
    public RoomOptions OpenedWith { get; }

    public RoomSpace Space { get; }

    public long TickMicros { get; }

    public uint AgeUnitMicros { get; }

    public SharedBufferPool Pool { get; }

    /// <summary>Names this life of the room; random, so that a room opened again under the same name is never mistaken for the old
    /// one.</summary>
    public ulong Epoch { get; }

    public SlotTable Slots { get; }

    /// <summary>Objects and attributes.</summary>
    public RoomWorld World { get; }

    /// <summary>The room's last moments; null if they are not kept.</summary>
    public FlightRecorder? Recorder { get; }

    /// <summary>What it has done.</summary>
    public RoomStats Stats { get; }

    /// <summary>The embedder's say in this room; null if it has none.</summary>
    public IRoomLogic? Logic { get; set; }

    /// <summary>Who wants nothing of whom.</summary>
    public Blocks Blocks { get; }

    /// <summary>What its members may be.</summary>
    public IReadOnlyList<RoomRole> Roles { get; private set; }

    /// <summary>The roles as Joined tells them.</summary>
    public byte[] EncodedRoles { get; private set; }

    /// <summary>Who is muted, by person: to leave and come again does not help.</summary>
    public HashSet<string> Muted { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it has been closed: nobody gets in.</summary>
    public bool IsClosed { get; set; }

    public ReliableRing Ring { get; }

    public IReadOnlyList<Member> Members => _members;

    public List<Receiver> Receivers => _receivers;

    /// <summary>Joins that were granted a seat and have not entered yet.</summary>
    public int Reserved { get; private set; }

    /// <summary>Where the shard's list of rooms has this one.</summary>
    public int IndexInShard { get; set; }

    /// <summary>When the next batch may leave, in microseconds.</summary>
    public long NextTick { get; set; }

    /// <summary>Whether something moved at the last look and waited for <see cref="NextTick"/>.</summary>
    public bool WasWaiting { get; set; }

    /// <summary>Whether reliable messages wait to be sent at the end of this wake-up.</summary>
    public bool ReliableDue { get; set; }

    /// <summary>Whether some receiver is behind the room and can be served at the next tick.</summary>
    public bool HasLaggards { get; set; }

    /// <summary>Whether a tick would have anything to do.</summary>
    public bool NeedsTick => Slots.IsDirty || HasLaggards;

    /// <summary>Whoever needs the room to be open without being in it: the server's own part, and joins that are being decided.</summary>
    public int Holds { get; set; }

    /// <summary>Whether nobody is in it or about to enter.</summary>
    public bool HasNobody => _members.Count == 0 && Reserved == 0;

    /// <summary>Whether nobody needs it.</summary>
    public bool IsEmpty => HasNobody && Holds == 0;

    /// <summary>Gives it other options; what depends on them is for <see cref="Reconfiguration"/> to do.</summary>
    public void Reconfigure(RoomOptions options)
    {
        Options = options;
        Roles = options.EffectiveRoles;
        EncodedRoles = RoomRole.Encode(Roles);
        Slots.Raise(options.Capacity + options.MaxObjects);
    }

    /// <summary>Somebody was banned while the room was open: whoever passed the store's check just before does not get in either.</summary>
    /// <param name="subject">Who.</param>
    /// <param name="duration">For how long; null for good.</param>
    public void Ban(string subject, TimeSpan? duration) =>
        _banned[subject] = duration is { } limited && limited.TotalMicroseconds < long.MaxValue - _clock.Now
            ? _clock.Now + (long)limited.TotalMicroseconds
            : long.MaxValue;

    public void Unban(string subject) => _banned.Remove(subject);

    public bool IsBanned(string subject) => _banned.TryGetValue(subject, out long until) && until > _clock.Now;

    /// <summary>Whether there is a seat.</summary>
    /// <param name="replaced">How many members make room for whoever wants it.</param>
    public bool HasSeat(int replaced = 0) => _members.Count + Reserved - replaced < Options.Capacity;

    /// <summary>Takes a seat for somebody who will <see cref="Enter"/>.</summary>
    public void Reserve() => Reserved++;

    /// <summary>Gives a reserved seat back.</summary>
    public void Unreserve() => Reserved--;

    /// <summary>Lets somebody in who has a reserved seat: a member, a slot, a receiver, and the news to the others.</summary>
    /// <param name="connection">Who.</param>
    /// <param name="request">What they asked for: the epoch and the cursor that they knew.</param>
    public Member Enter(Connection connection, JoinRequest request)
    {
        Reserved--;
        int slot = Slots.Take(out byte generation);
        var receiver = new Receiver(connection, ++_lastMember, request.Epoch == Epoch && CanAnswer(request.Cursor) ? request.Cursor : 0)
        {
            Index = _receivers.Count,
        };
        var member = new Member(this, receiver.Member, connection.NameUtf8, slot, generation, receiver)
        {
            JoinSequence = request.Sequence,
            Role = (byte)Math.Max(0, RoleOf(request)),
            Standing = (Options.HasLobby ? MemberStanding.Lobby : MemberStanding.None) |
                (Muted.Contains(connection.Person) ? MemberStanding.Muted : MemberStanding.None),
        };
        PublishPresence(member.EntryForPresence(), Audience.AllBut, member.Id);
        _members.Add(member);
        _byId.Add(member.Id, member);
        _receivers.Add(receiver);
        _newcomers.Add(receiver);
        HasLaggards = true;
        Blocks.Entered(member);
        return member;
    }

    /// <summary>Tells a member's role and standing, which have changed.</summary>
    public void PublishStanding(Member member) => PublishPresence(
        new PresenceEntry { Kind = PresenceKind.Standing, Member = member.Id, Role = member.Role, Standing = member.Standing },
        Audience.Everyone, 0);

    /// <summary>Finds a role by its name.</summary>
    /// <returns>Its number; −1 if there is none.</returns>
    public int FindRole(string name)
    {
        for (int i = 0; i < Roles.Count; i++)
        {
            if (Roles[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    private bool CanAnswer(ulong cursor) => Slots.CanAnswer(cursor) && cursor > Blocks.ChangedAt;

    /// <summary>The role that somebody comes in with: the one that they are given, else the one that is stored for them if the room still
    /// has it, else the default one.</summary>
    /// <returns>Its number; −1 if they are given one that the room does not have.</returns>
    public int RoleOf(JoinRequest request)
    {
        int stored = request is { Role: null, StoredRole: { } kept } ? FindRole(kept) : -1;
        return stored >= 0 ? stored : FindRole(request.Role ?? Options.DefaultRole);
    }

    /// <summary>Sets a receiver back to what its client has really received.</summary>
    /// <param name="receiver">Whose.</param>
    /// <param name="sequence">The last reliable message; 0, or one that the room cannot follow on, for a snapshot.</param>
    /// <param name="cursor">The version of the last batch; one that cannot be answered for the full set.</param>
    public void SetBack(Receiver receiver, ulong sequence, ulong cursor)
    {
        receiver.DropSnapshot();
        receiver.NeedsSnapshot = sequence == 0 || sequence > Ring.Head || !Ring.Holds(sequence);
        receiver.Position = sequence;
        receiver.Cursor = CanAnswer(cursor) ? cursor : 0;
        HasLaggards = true;
        ReliableDue = true;
    }

    /// <summary>Takes a member out and tells the others.</summary>
    public void Leave(Member member, CloseCode reason)
    {
        Receiver receiver = member.Receiver;
        receiver.DropSnapshot();
        World.Keeper?.Leaving(member);
        ClaimDeeds.Depart(World, member);
        Blocks.Left(member);
        _byId.Remove(member.Id);
        _newcomers.Remove(receiver);

        // The lists of members and receivers run in step: swap the last one into the gap in both.
        int index = receiver.Index;
        _members[index] = _members[^1];
        _receivers[index] = _receivers[^1];
        _receivers[index].Index = index;
        _members.RemoveAt(_members.Count - 1);
        _receivers.RemoveAt(_receivers.Count - 1);

        Slots.Free(member.Slot);
        PublishPresence(new PresenceEntry { Kind = PresenceKind.Left, Member = member.Id, Reason = reason }, Audience.Everyone, 0);
    }

    /// <summary>The place that a slot has, as it is stored; null for none.</summary>
    public StoredPlace? PlaceOf(int slot)
    {
        if (!Slots.TryGet(slot, out PackedTransform value))
        {
            return null;
        }

        TransformExtension extension = Slots.ExtensionAt(slot);
        return new StoredPlace(Space.Unpack(value), (extension.Flags & TransformFlags.Scale) != 0 ? extension.Scale : null);
    }

    /// <summary>Finds a member.</summary>
    public Member? Find(uint id) => _byId.GetValueOrDefault(id);

    /// <summary>Publishes an event.</summary>
    /// <param name="sender">Who sends it; null for the server.</param>
    /// <param name="command">To whom, of what kind, with what payload.</param>
    public void PublishEvent(Member? sender, in Command command)
    {
        ReadOnlySpan<byte> payload = command.Payload!.Frames;
        // Whoever entered in this wake-up has not been told who is here: cut that snapshot before the event, so that the event comes
        // after it.
        if (_newcomers.Count > 0)
        {
            _fanOut.CutSnapshotFor(_newcomers);
            _newcomers.Clear();
        }

        SharedBuffer frame = Pool.Rent(RoomEvent.MaxOverhead + payload.Length);
        var writer = new FrameWriter(frame.Writable);
        new RoomEvent
        {
            Sequence = Ring.Head + 1,
            Audience = command.Audience,
            Sender = sender?.Id ?? 0,
            Kind = command.EventKind,
            Payload = payload,
        }.Write(ref writer);
        frame.Seal(writer.Written);
        Audience audience = RoomEventAudience.Resolve(this, sender, command, out AudienceMembers members);
        Publish(frame, audience, members);
    }

    /// <summary>Publishes a frame under the next number.</summary>
    /// <param name="frame">A sealed frame that tells this number; the room takes over the reference.</param>
    /// <param name="audience">To whom.</param>
    /// <param name="members">Whom the audience names.</param>
    public void Publish(SharedBuffer frame, Audience audience, AudienceMembers members)
    {
        ulong sequence = Ring.Head + 1;
        Ring.DiscardBefore(_clock.Now - _ringMicros);
        Ring.Append(new ReliableMessage(sequence, audience, members, frame, _clock.Now));
        Recorder?.Out(_clock.Now, audience == Audience.Only ? members.One : 0, frame.Frames);
        MarkException(members.One, sequence);
        foreach (uint member in members.Some ?? [])
        {
            MarkException(member, sequence);
        }

        ReliableDue = true;
    }

    /// <summary>Tells the receivers what they have not been told: see <see cref="Rooms.FanOut"/>.</summary>
    /// <param name="now">The server's clock in microseconds.</param>
    /// <param name="withBatch">Whether a batch of transforms is due as well.</param>
    public void Send(long now, bool withBatch)
    {
        ReliableDue = false;
        _newcomers.Clear();
        _fanOut.Run(now, withBatch);
    }

    /// <summary>Gives back what the room holds.</summary>
    public void Dispose() => Ring.Clear();

    private static ulong NewEpoch()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) | 1;
    }

    private void PublishPresence(PresenceEntry entry, Audience audience, uint member)
    {
        SharedBuffer frame = Pool.Rent(FrameHeader.Size + 1 + 10 + 1 + PresenceEntry.MaxSize);
        var writer = new FrameWriter(frame.Writable);
        Presence.BeginChange(ref writer, Ring.Head + 1, 1);
        entry.Write(ref writer);
        writer.EndFrame(FrameType.Presence);
        frame.Seal(writer.Written);
        Publish(frame, audience, new AudienceMembers(member));
    }

    /// <summary>From here up to this number the bytes that all share are not for this member.</summary>
    private void MarkException(uint member, ulong sequence)
    {
        if (member != 0 && Find(member) is { } concerned)
        {
            concerned.Receiver.LastException = sequence;
        }
    }
}
