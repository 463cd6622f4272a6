using Relay.Load.Measure;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.RoomState;

/// <summary>
/// Everything that the members of a room were told, and whether it is what they should have been: each reliable message once, in the room's
/// order, to exactly those whom it is for. Callers hold <see cref="Gate"/>, since sockets may be served by several threads.
/// </summary>
/// <remarks>
/// A message is decoded when the first member gets it; what the others get must be the same bytes. It is judged when everybody has come as
/// far: then it is known who got it, and from all messages before it whom it was for.
/// </remarks>
internal sealed class RoomRecord
{
    /// <summary>Messages that are judged at once, so that clients need not wait long: some thousands a second.</summary>
    private const int MostAtOnce = 200;

    private readonly MessageLog _log = new();
    private readonly BatchCache _batches = new();
    private readonly List<Stay> _stays = [];
    private readonly List<(Stay Stay, ulong Cut, Replica Replica)> _snapshots = [];
    private readonly ulong[] _lastDeeds;
    private readonly RingLimits? _ring;
    private RoomModel? _model;
    private RoomPermissions[] _roles = [];
    private ulong _judged;

    public RoomRecord(string name, int clients, RingLimits? ring)
    {
        Name = name;
        Clients = clients;
        _ring = ring;
        _lastDeeds = new ulong[clients];
        Deeds = new DeedBook(Counts);
    }

    public Lock Gate { get; } = new();

    public string Name { get; }

    public int Clients { get; }

    public CheckCounts Counts { get; } = new();

    public DeedBook Deeds { get; }

    /// <summary>From when a change or an event was meant to be sent until another member had it.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Reliable messages that members got, while <see cref="IsMeasuring"/>.</summary>
    public long Deliveries { get; private set; }

    public bool IsMeasuring { get; set; }

    /// <summary>This life of the room; 0 before anybody has joined.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>Stays that have not ended.</summary>
    public IEnumerable<Stay> Present => _stays.Where(stay => stay.End is null);

    public int Objects => _model?.Room.Objects.Count ?? 0;

    public int Attributes => _model?.Room.Attributes.Count ?? 0;

    /// <summary>What members of a role may do.</summary>
    public RoomPermissions PermissionsOf(byte role) => role < _roles.Length ? _roles[role] : RoomPermissions.None;

    /// <summary>A client is about to join: from here on nothing is judged until it has been told what is in the room.</summary>
    /// <param name="client">Which.</param>
    /// <param name="slots">Places that it knows from an earlier stay; <c>null</c> for none.</param>
    public Stay Begin(int client, SlotValues? slots = null)
    {
        var stay = new Stay(client, slots);
        _stays.Add(stay);
        return stay;
    }

    /// <summary>A client is in the room.</summary>
    public void Entered(Stay stay, in Joined joined)
    {
        if (Epoch != 0 && joined.Epoch != Epoch)
        {
            Counts.Mismatch($"room '{Name}' has begun anew: it was to live on");
        }

        Epoch = joined.Epoch;
        stay.Enter(joined.Member, joined.Slot, joined.Generation, joined.Space!);
        if (_roles.Length == 0)
        {
            var roles = new RoleList(joined.Roles);
            _roles = new RoomPermissions[roles.Count];
            for (int i = 0; roles.TryRead(out RoomPermissions permissions, out _); i++)
            {
                _roles[i] = permissions;
            }
        }
    }

    /// <summary>Takes a Presence, State or Event frame that a member received.</summary>
    public ReadStatus Take(Stay stay, FrameType type, ReadOnlySpan<byte> body, long nowNanos)
    {
        if (type != FrameType.Event && body.Length > 0 && (body[0] & (byte)PresenceFlags.Snapshot) != 0)
        {
            return type == FrameType.Presence ? TakeMembers(stay, body, nowNanos) : TakeState(stay, body, nowNanos);
        }

        ulong sequence = MessageDecoder.SequenceOf(type, body);
        if (!stay.HasSnapshot || stay.Building is not null)
        {
            Counts.Reorder($"client {stay.Client} got message {sequence} before its snapshot was whole");
            return ReadStatus.Ok;
        }

        if (!_log.Holds(sequence))
        {
            Counts.Duplicate($"client {stay.Client} got message {sequence} again, or never should have");
            return ReadStatus.Ok;
        }

        if (_log.Find(sequence) is not { } message)
        {
            ReadStatus status = MessageDecoder.TryDecode(type, sequence, body, Clients, out message);
            if (status != ReadStatus.Ok)
            {
                return status;
            }

            _log.Add(message);
            Recognise(message, body);
        }

        Change[] changes = message.Changes;
        if (!message.Matches(type, body))
        {
            Counts.Mismatch($"client {stay.Client} got another message {sequence} than the others");
            ReadStatus status = MessageDecoder.TryDecode(type, sequence, body, Clients, out RoomMessage other);
            if (status != ReadStatus.Ok)
            {
                return status;
            }

            changes = other.Changes;
        }

        if (Accept(stay, message))
        {
            Count(stay, message, nowNanos);
            Apply(stay, sequence, changes);
        }

        return ReadStatus.Ok;
    }

    /// <summary>Takes a TransformBatch that a member received.</summary>
    public ReadStatus TakeBatch(Stay stay, ReadOnlySpan<byte> body)
    {
        ReadStatus status = _batches.Get(body, stay.Space!, out DecodedSlots batch);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        if (stay.Building is not null || !stay.HasSnapshot || batch.Version < stay.Slots.Version)
        {
            Counts.Reorder($"client {stay.Client} got batch {batch.Version} after {stay.Slots.Version}, or before its snapshot was whole");
        }

        stay.Presupposed = Math.Max(stay.Presupposed, batch.Presupposes);
        stay.Slots.Apply(batch);
        if (stay.PlacedAfter == ulong.MaxValue && batch.Tells(stay.Slot))
        {
            stay.PlacedAfter = batch.Presupposes;
        }

        return ReadStatus.Ok;
    }

    /// <summary>A client has left the room.</summary>
    public void End(Stay stay) => stay.Leave();

    /// <summary>Judges what everybody has come as far as.</summary>
    public void Settle()
    {
        Deeds.Settle();
        if (_model is not null && Present.Any())
        {
            JudgeUpTo(Math.Min(Present.Min(stay => stay.HasSnapshot ? stay.Position : 0), _judged + MostAtOnce));
        }
    }

    /// <summary>The room is quiet: all that was for somebody has come, and everybody must believe the same.</summary>
    public void Finish()
    {
        if (_model is not { } model)
        {
            Counts.Lose($"nobody was told what is in room '{Name}'");
            return;
        }

        JudgeUpTo(_log.Newest);
        Stay[] present = [.. Present];
        Deeds.Finish(model, present.ToDictionary(stay => stay.Member));
        foreach (Stay stay in present)
        {
            Compare(stay, stay.Replica, "at the end");
        }

        PlaceComparison.Check(model, present, Counts);
    }

    private ReadStatus TakeMembers(Stay stay, ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Presence.TryRead(body, out Presence part);
        if (status != ReadStatus.Ok)
        {
            return status;
        }

        if ((part.Flags & PresenceFlags.First) != 0)
        {
            stay.BeginSnapshot(part.Sequence);
        }

        if (!FitsSnapshot(stay, part.Sequence, part.Epoch))
        {
            return ReadStatus.Ok;
        }

        while (part.TryReadEntry(out PresenceEntry entry))
        {
            Change.Of(entry).ApplyTo(stay.Building!);
        }

        if ((part.Flags & PresenceFlags.Last) != 0)
        {
            EndSnapshot(stay, nowNanos);
        }

        return status;
    }

    private ReadStatus TakeState(Stay stay, ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = State.TryRead(body, out State part);
        if (status != ReadStatus.Ok || !FitsSnapshot(stay, part.Sequence, part.Epoch))
        {
            return status;
        }

        while (part.TryReadEntry(out StateEntry entry))
        {
            Change.Of(entry).ApplyTo(stay.Building!);
        }

        if ((part.Flags & PresenceFlags.Last) != 0)
        {
            EndSnapshot(stay, nowNanos);
        }

        return status;
    }

    private bool FitsSnapshot(Stay stay, ulong sequence, ulong epoch)
    {
        bool fits = stay.Building is not null && stay.BuildingSequence == sequence && epoch == Epoch;
        if (!fits)
        {
            Counts.Reorder($"client {stay.Client} got a part of snapshot {sequence} that does not belong there");
        }

        return fits;
    }

    private void EndSnapshot(Stay stay, long nowNanos)
    {
        bool isGap = stay.HasSnapshot;
        bool isExcused = stay.AskedForSnapshot || IsOvertaken(stay);
        Counts.Snapshots += isGap ? 1 : 0;
        if (isGap && !isExcused)
        {
            Counts.Lose($"client {stay.Client} got a snapshot {stay.BuildingSequence} after {stay.Position}, which the room still had", 0);
        }

        stay.EndSnapshot(isExcused, nowNanos);
        if (_model is null)
        {
            _model = new RoomModel(stay.Replica, stay.Member, _roles);
            _judged = stay.Position;
        }
        else
        {
            _snapshots.Add((stay, stay.BuildingSequence, stay.Replica.Copy()));
        }
    }

    private bool IsOvertaken(Stay stay) =>
        _ring is null || stay.BuildingSequence <= stay.Position ||
        _ring.AreExceededBy(stay.BuildingSequence - stay.Position, _log.BytesOf(stay.Position, stay.BuildingSequence));

    /// <summary>Whether a message is new to a member, and in its place.</summary>
    private bool Accept(Stay stay, RoomMessage message)
    {
        if (message.WasReceivedBy(stay.Client) || message.Sequence <= stay.From)
        {
            Counts.Duplicate($"client {stay.Client} got message {message.Sequence} again");
            return false;
        }

        message.Received(stay.Client);
        if (message.Sequence <= Math.Max(stay.Position, stay.Presupposed))
        {
            Counts.Reorder($"client {stay.Client} got message {message.Sequence} after {Math.Max(stay.Position, stay.Presupposed)}");
            if (message.WasMissedBy(stay.Client))
            {
                Counts.Find();
            }
        }

        stay.Position = Math.Max(stay.Position, message.Sequence);
        return true;
    }

    private void Count(Stay stay, RoomMessage message, long nowNanos)
    {
        if (!IsMeasuring)
        {
            return;
        }

        Deliveries++;
        // What was missed while away is not late, it is later.
        if (message.Deed is { WasInterrupted: false } deed && deed.Author != stay && deed.DueNanos >= stay.LiveSinceNanos)
        {
            Latency.Record(nowNanos - deed.DueNanos);
        }
    }

    private void Apply(Stay stay, ulong sequence, Change[] changes)
    {
        foreach (Change change in changes)
        {
            if (!change.ApplyTo(stay.Replica))
            {
                Counts.Mismatch($"client {stay.Client} cannot do what message {sequence} says");
            }
        }
    }

    /// <summary>Finds out whose deed a message tells.</summary>
    private void Recognise(RoomMessage message, ReadOnlySpan<byte> body)
    {
        if (message.Type == FrameType.Event)
        {
            RecogniseEvent(message, body);
            return;
        }

        foreach (Change change in message.Changes)
        {
            Deed? deed = change switch
            {
                AttributeIs told when told.Attribute.Version == message.Sequence => FindWrite(told.Attribute.Value, told.Attribute.Name),
                AttributeMerged merged => FindWrite(merged.Value, merged.Name),
                _ => null,
            };
            if (deed is not null)
            {
                message.Deed = deed;
                Deeds.Seen(deed, message.Sequence);
            }
        }
    }

    private void RecogniseEvent(RoomMessage message, ReadOnlySpan<byte> body)
    {
        if (RoomEvent.TryRead(body, out RoomEvent told) != ReadStatus.Ok || !Stamps.TryFind(told.Payload, out ulong stamp) ||
            Deeds.Find(stamp) is not { Kind: DeedKind.Event } deed)
        {
            Counts.Duplicate($"event {message.Sequence} was never sent, or was told long ago");
            return;
        }

        message.Deed = deed;
        Deeds.Seen(deed, message.Sequence);
        if (told.Sender != deed.Author.Member || told.Audience != deed.Audience || told.Kind != deed.EventKind)
        {
            Counts.Mismatch($"event {message.Sequence} is not as it was sent: from {told.Sender} to {told.Audience}, kind {told.Kind}");
        }
    }

    private Deed? FindWrite(byte[] value, AttributeName name) =>
        Stamps.TryFind(value, out ulong stamp) && Deeds.Find(stamp) is { Kind: DeedKind.Write } deed && deed.Name == name ? deed : null;

    private void JudgeUpTo(ulong last)
    {
        while (_judged < last)
        {
            _judged++;
            if (_log.Find(_judged) is { } message)
            {
                Judge(message);
            }

            CompareSnapshots();
        }

        CompareSnapshots();
        _stays.RemoveAll(stay => stay.End <= _judged);
        _log.Forget(_judged, message =>
        {
            if (message.Deed is { } deed)
            {
                Deeds.Forget(deed);
            }
        });
    }

    private void Judge(RoomMessage message)
    {
        Recipients recipients = _model!.Take(message, out bool fits);
        if (!fits)
        {
            Counts.Mismatch($"message {message.Sequence} does not follow on what was before it");
        }

        if (message.Deed is { } deed)
        {
            ref ulong newest = ref _lastDeeds[deed.Author.Client];
            if (deed.Number < newest)
            {
                Counts.Reorder($"message {message.Sequence} tells {deed} after number {newest}");
            }

            newest = Math.Max(newest, deed.Number);
        }

        foreach (Stay stay in _stays)
        {
            if (!stay.Covers(message.Sequence))
            {
                continue;
            }

            bool got = message.WasReceivedBy(stay.Client);
            Expectation expectation = recipients.Expects(stay, message.Sequence);
            if (expectation == Expectation.Yes && !got)
            {
                message.Missed(stay.Client);
                Counts.Lose($"client {stay.Client} did not get message {message.Sequence}, {message.Describe()}");
            }
            else if (expectation == Expectation.No && got)
            {
                Counts.Misdirect($"client {stay.Client} got message {message.Sequence}, {message.Describe()}, which was for others");
            }
        }
    }

    /// <summary>What newcomers were told must be what the room was like then.</summary>
    private void CompareSnapshots()
    {
        for (int i = _snapshots.Count - 1; i >= 0; i--)
        {
            (Stay stay, ulong cut, Replica replica) = _snapshots[i];
            if (cut == _judged)
            {
                _model!.Adopt(stay.Member, replica);
                Compare(stay, replica, $"by its snapshot at {cut}");
            }

            if (cut <= _judged)
            {
                _snapshots.RemoveAt(i);
            }
        }
    }

    private void Compare(Stay stay, Replica replica, string when)
    {
        long differences = ReplicaComparison.Count(_model!, stay.Member, replica, out string first);
        if (differences > 0)
        {
            Counts.Mismatch($"client {stay.Client}, {when}: {first}", differences);
        }
    }
}
