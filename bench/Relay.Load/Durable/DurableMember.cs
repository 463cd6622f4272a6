using System.Globalization;
using System.Text;
using Relay.Load.Measure;
using Relay.Load.Wire;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.Durable;

/// <summary>A member that sets persistent attributes, so many at a time, and counts how long each answer takes.</summary>
/// <param name="room">Its room.</param>
/// <param name="index">Its place in the room: its attributes are called after it.</param>
/// <param name="plan">What all members go by.</param>
internal sealed class DurableMember(string room, int index, DurablePlan plan) : RelaySession(room)
{
    /// <summary>Attributes that each sets in turn.</summary>
    public const int Keys = 8;

    /// <summary>The first sequence is that of Join.</summary>
    private const ulong FirstSequence = 2;

    private static readonly AttributeTerms Lasting = AttributeTerms.Default with { Flags = AttributeFlags.Persistent };

    private readonly Lock _gate = new();
    private readonly long[] _sent = new long[plan.Window];
    private readonly byte[][] _keys =
        [.. Enumerable.Range(0, Keys).Select(key => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"m{index}-k{key}")))];

    private ulong _next = FirstSequence;
    private ulong _answered = FirstSequence;
    private long _due;

    public LoadConnection? Connection { get; set; }

    /// <summary>From sending to Done; of those that were answered in the window of time that is measured.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Answers that said that the store does not answer.</summary>
    public long Unstored { get; private set; }

    /// <summary>Sends what may be sent by now. Any thread.</summary>
    public void Pump(long nowNanos)
    {
        lock (_gate)
        {
            _due = _due == 0 ? nowNanos : _due;
            while (_next - _answered < (ulong)plan.Window && (plan.PeriodNanos == 0 || _due <= nowNanos))
            {
                _due = plan.PeriodNanos == 0 ? nowNanos : Math.Max(_due + plan.PeriodNanos, nowNanos - 100_000_000);
                Send(nowNanos);
            }
        }
    }

    public override void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos)
    {
        if (header.Type == FrameType.Done && Done.TryRead(body, out Done done) == ReadStatus.Ok)
        {
            Answered(done.Sequence, isStored: true, nowNanos);
        }
        else if (header.Type == FrameType.Error && ErrorFrame.TryRead(body, out ErrorFrame error) == ReadStatus.Ok
            && error is { RefusedType: FrameType.SetAttribute, Code: CloseCode.StoreUnavailable })
        {
            Answered(error.Sequence, isStored: false, nowNanos);
        }
        else
        {
            base.OnFrame(connection, header, body, nowNanos);
        }
    }

    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    private void Answered(ulong sequence, bool isStored, long nowNanos)
    {
        lock (_gate)
        {
            if (sequence != _answered)
            {
                Fail($"message {_answered} was to be answered, and {sequence} was");
                return;
            }

            _answered++;
            if (plan.Counts(nowNanos))
            {
                if (isStored)
                {
                    Latency.Record(nowNanos - _sent[sequence % (ulong)plan.Window]);
                }
                else
                {
                    Unstored++;
                }
            }
        }

        if (plan is { PeriodNanos: 0, IsOver: false })
        {
            Pump(nowNanos);
        }
    }

    private void Send(long nowNanos)
    {
        ulong sequence = _next++;
        _sent[sequence % (ulong)plan.Window] = nowNanos;
        Span<byte> value = stackalloc byte[16];
        var number = new MessagePackWriter(value);
        number.WriteUInt64(sequence);
        Span<byte> frame = stackalloc byte[128];
        var writer = new FrameWriter(frame);
        new SetAttribute
        {
            Sequence = sequence,
            Target = AttributeTarget.OfRoom(),
            KeyUtf8 = _keys[sequence % Keys],
            Terms = Lasting,
            Value = number.WrittenSpan,
        }.Write(ref writer);
        Connection!.TrySend(writer.WrittenSpan, keep: true);
    }
}

/// <summary>What all members go by.</summary>
/// <param name="Window">Sets that each has under way at a time.</param>
/// <param name="Rate">Sets a second of each, at most; 0 for as many as are answered.</param>
internal sealed record DurablePlan(int Window, double Rate)
{
    private volatile bool _isOver;
    private long _from = long.MaxValue;
    private long _to;

    public long PeriodNanos { get; } = Rate > 0 ? (long)(1e9 / Rate) : 0;

    /// <summary>Whether nothing more is to be sent.</summary>
    public bool IsOver
    {
        get => _isOver;
        set => _isOver = value;
    }

    /// <summary>Says which answers count: those that come in this stretch of time.</summary>
    public void Measure(long from, long to)
    {
        Volatile.Write(ref _to, to);
        Volatile.Write(ref _from, from);
    }

    public bool Counts(long nowNanos) => nowNanos >= Volatile.Read(ref _from) && nowNanos < Volatile.Read(ref _to);
}
