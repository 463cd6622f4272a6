using System.Net.Sockets;
using Relay.Load.Tracks;
using Relay.Load.Wire;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>
/// One live room in which a recording is played. Two queues: moves of avatars go when they are due, whatever else waits; the rest goes in
/// the order of the recording, each when it is due and all that it needs is known.
/// </summary>
internal sealed class ReplayRoom(
    ReplayScript script, string name, bool isInOrder, ReplayCounts counts, Func<ReplaySession, LoadConnection> connect, RoomWatch? watch)
{
    /// <summary>How long a message waits for an answer; then the replay goes on without.</summary>
    private const long PatienceNanos = 10_000_000_000;

    private readonly Dictionary<uint, ReplaySession> _sessions = [];
    private readonly Dictionary<uint, Act> _held = [];
    private readonly List<Question> _unanswered = [];
    private TrackTime? _time;
    private int _nextMove;
    private int _nextAct;
    private long _waitingSince;

    public Lock Gate { get; } = new();

    public string Name => name;

    public ReplayScript Script => script;

    public ReplayCounts Counts => counts;

    public LiveNumbers Numbers { get; } = new(script);

    /// <summary>Whether everything has been done and answered.</summary>
    public bool IsDone
    {
        get
        {
            lock (Gate)
            {
                return _nextMove == script.Moves.Count && _nextAct == script.Acts.Count && _unanswered.Count == 0 && _held.Count == 0;
            }
        }
    }

    /// <summary>How many are in the room now.</summary>
    public int PresentCount
    {
        get
        {
            lock (Gate)
            {
                return _sessions.Values.Count(session => session.IsJoined && !session.IsOver);
            }
        }
    }

    /// <summary>Lets those in who are there at the start.</summary>
    /// <param name="atOnce">How many at the same time; 1 keeps their order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LoadException">One could not come in.</exception>
    public async Task EnterAsync(int atOnce, CancellationToken cancellationToken)
    {
        foreach (Act[] group in script.Acts.Take(script.AtStart).Chunk(atOnce))
        {
            await Task.WhenAll(group.Select(EnterOneAsync)).ConfigureAwait(false);
        }

        lock (Gate)
        {
            _nextAct = script.AtStart;
        }

        async Task EnterOneAsync(Act act)
        {
            try
            {
                ReplaySession session;
                lock (Gate)
                {
                    session = Admit(act);
                }

                await session.WaitJoinedAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException or TimeoutException)
            {
                throw new LoadException($"member {act.Member} could not come into room '{name}': {e.Message}");
            }
        }
    }

    /// <summary>From now on what is due is done.</summary>
    public void Begin(TrackTime time)
    {
        lock (Gate)
        {
            _time = time;
        }
    }

    /// <summary>Does what is due.</summary>
    public void Play(long nowNanos)
    {
        lock (Gate)
        {
            if (_time is not { } time)
            {
                return;
            }

            foreach (uint member in _held.Keys.ToArray())
            {
                Release(member, nowNanos);
            }

            for (; _nextMove < script.Moves.Count && Due(time, script.Moves[_nextMove]) <= nowNanos; _nextMove++)
            {
                Act act = script.Moves[_nextMove];
                counts.AddLag(nowNanos - Due(time, act));
                if (_held.Remove(act.Member, out Act? older))
                {
                    counts.AddSkipped(older, "a newer one took its place before its member was in the room");
                }

                _held[act.Member] = act;
                Release(act.Member, nowNanos);
            }

            for (; _nextAct < script.Acts.Count && Due(time, script.Acts[_nextAct]) <= nowNanos; _nextAct++)
            {
                Act act = script.Acts[_nextAct];
                if (!TryPlay(act, nowNanos))
                {
                    _waitingSince = _waitingSince == 0 ? nowNanos : _waitingSince;
                    if (nowNanos - _waitingSince < PatienceNanos)
                    {
                        break;
                    }

                    counts.AddSkipped(act, "what it needs was not answered");
                    Numbers.Refused(act);
                }

                _waitingSince = 0;
                counts.AddLag(nowNanos - Due(time, act));
            }

            GiveUp(nowNanos);
        }
    }

    /// <summary>Ends all sessions that are left.</summary>
    /// <returns>Completed when their connections have ended.</returns>
    public Task LeaveAsync()
    {
        lock (Gate)
        {
            _time = null;
            foreach (ReplaySession session in _sessions.Values.Where(session => !session.IsOver))
            {
                session.SendClose();
            }

            return Task.WhenAll(_sessions.Values.Select(session => session.Closed));
        }
    }

    /// <summary>A message of a session was answered.</summary>
    public void Answered(ReplaySession session, ulong sequence) =>
        _unanswered.RemoveAll(question => ReferenceEquals(question.Session, session) && question.Sequence == sequence);

    /// <summary>A session is over: nothing of it is answered any more.</summary>
    public void Forget(ReplaySession session) => _unanswered.RemoveAll(question => ReferenceEquals(question.Session, session));

    /// <summary>A session ended without being asked to.</summary>
    public void Lost(ReplaySession session, string reason) => counts.AddLost($"member {session.Role.Id} '{session.Role.Name}': {reason}");

    private static long Due(TrackTime time, Act act) => time.ToNanos(act.Micros / 1e6);

    /// <summary>Waits no longer for what was asked long ago. Who was never let in never will be.</summary>
    private void GiveUp(long nowNanos)
    {
        foreach (Question question in _unanswered.FindAll(question => nowNanos - question.AskedNanos > PatienceNanos))
        {
            _unanswered.Remove(question);
            if (question.Act.Kind == ActKind.Arrive)
            {
                question.Session.Fail("the server does not answer its join");
            }
        }
    }

    private ReplaySession Admit(Act act)
    {
        var session = new ReplaySession(this, script.Cast[act.Member], watch?.Watch());
        _sessions[act.Member] = session;
        _unanswered.Add(new Question(session, session.NextSequence, act, Measure.Clock.NowNanos));
        session.Connection = connect(session);
        counts.AddSent(act);
        return session;
    }

    /// <summary>Sends the avatar's newest move, as soon as the avatar is there.</summary>
    private void Release(uint member, long nowNanos)
    {
        if (_sessions.GetValueOrDefault(member) is not { } session || (!session.IsJoined && !session.IsOver))
        {
            return;
        }

        _held.Remove(member, out Act? act);
        if (session.IsOver)
        {
            counts.AddSkipped(act!, "its member is not in the room");
            return;
        }

        Move(session, act!, session.Slot, session.Generation, nowNanos);
    }

    private void Move(ReplaySession session, Act act, uint slot, byte generation, long nowNanos)
    {
        Measures measures = session.Measures!;
        long due = Due(_time.GetValueOrDefault(), act);
        bool isExtended = act.Entry.Extension.Flags != TransformFlags.None;
        if (!measures.TryPack(act.Entry.Value, isExtended, nowNanos - due, out PackedTransform packed))
        {
            counts.AddSkipped(act, "it is outside the live room");
            return;
        }

        if (act.Kind == ActKind.Move)
        {
            watch?.Sending(Numbers.LiveOf(act.Member), packed, due);
        }

        Span<byte> frame = session.Buffer(TransformUpdate.MaxSize(1));
        int length = TransformUpdate.WriteSingle(
            frame, measures.Live, new TransformUpdateEntry(slot, generation, packed, act.Entry.Extension));
        if (session.SendMove(frame[..length]))
        {
            counts.AddSent(act);
        }
        else
        {
            counts.AddSkipped(act, "its socket was full");
        }
    }

    /// <returns>Whether it is done with; otherwise it has to wait.</returns>
    private bool TryPlay(Act act, long nowNanos)
    {
        ReplaySession? session = _sessions.GetValueOrDefault(act.Member);
        if (act.Kind == ActKind.Arrive)
        {
            if (!MustWait(session: null, act))
            {
                Admit(act);
                return true;
            }

            return false;
        }

        if (session is null || session.IsOver)
        {
            if (act.Kind != ActKind.Depart)
            {
                counts.AddSkipped(act, "its member is not in the room");
                Numbers.Refused(act);
            }

            return true;
        }

        if (!session.IsJoined || MustWait(session, act))
        {
            return false;
        }

        return act.Kind switch
        {
            ActKind.Depart => Depart(session, act, nowNanos),
            ActKind.MoveObject => MoveObject(session, act, nowNanos),
            _ => Send(session, act, nowNanos),
        };
    }

    private bool Depart(ReplaySession session, Act act, long nowNanos)
    {
        if (_held.ContainsKey(act.Member))
        {
            Release(act.Member, nowNanos);
        }

        _unanswered.Add(new Question(session, session.SendLeave(act), act, nowNanos));
        counts.AddSent(act);
        return true;
    }

    private bool MoveObject(ReplaySession session, Act act, long nowNanos)
    {
        Lookup found = Numbers.Slot(act.Object, out uint slot, out byte generation);
        if (found == Lookup.Known)
        {
            Move(session, act, slot, generation, nowNanos);
        }

        return Settle(act, found);
    }

    private bool Send(ReplaySession session, Act act, long nowNanos)
    {
        var writer = new FrameWriter(session.Buffer(act.Body.Length + Translator.Growth));
        Lookup found = Translator.Write(act, session.NextSequence, Numbers, session.Measures!, _time.GetValueOrDefault().Speed, ref writer);
        if (found == Lookup.Known)
        {
            Numbers.Making(act);
            ulong sequence = session.SendNumbered(writer.WrittenSpan, act);
            counts.AddSent(act);
            if (act.Type != FrameType.SendEvent)
            {
                _unanswered.Add(new Question(session, sequence, act, nowNanos));
            }
        }

        return Settle(act, found);
    }

    private bool Settle(Act act, Lookup found)
    {
        if (found == Lookup.Never)
        {
            counts.AddSkipped(act, "the recording does not hold what it is about");
            Numbers.Refused(act);
        }

        return found != Lookup.NotYet;
    }

    /// <summary>
    /// Between two connections there is no order but that of answers, so whatever depends on another member's message waits for the answer
    /// to it. Load is not made so: it would send less whenever the server is slow.
    /// </summary>
    private bool MustWait(ReplaySession? session, Act act)
    {
        if (!isInOrder)
        {
            return false;
        }

        foreach (Question question in _unanswered)
        {
            if (!ReferenceEquals(question.Session, session) && Depends(question.Act, act))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Depends(Act before, Act act) => (before.Kind, before.Type, act.Kind, act.Type) switch
    {
        (_, _, ActKind.MoveObject, _) => before.Type == FrameType.Claim,
        (ActKind.Send, _, ActKind.Send, FrameType.SendEvent) => before.Type == FrameType.Manage,
        (ActKind.Send, FrameType.SetAttribute, ActKind.Send, FrameType.SetAttribute) => TargetOf(before) == TargetOf(act),
        _ => true,
    };

    private static AttributeTarget? TargetOf(Act act) =>
        SetAttribute.TryRead(act.Body.Span, out SetAttribute said) == ReadStatus.Ok ? said.Target : null;

    /// <summary>A message that the server has to answer.</summary>
    private readonly record struct Question(ReplaySession Session, ulong Sequence, Act Act, long AskedNanos);
}
