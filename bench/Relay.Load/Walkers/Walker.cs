using Relay.Load.Measure;
using Relay.Load.Wire;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Walkers;

/// <summary>One member of a room: walks, sends, and watches the others.</summary>
internal sealed class Walker : RelaySession
{
    private readonly LoadRoom _room;
    private readonly int _index;
    private readonly int[] _lastSeen;
    private readonly int _seed;
    private readonly double _secondsPerStep;
    private RandomWalk? _walk;

    public Walker(LoadRoom room, int index, int seed, double rate)
        : base(room.Name)
    {
        _room = room;
        _index = index;
        _seed = seed;
        _secondsPerStep = 1 / rate;
        _lastSeen = new int[room.Members];
        Array.Fill(_lastSeen, -1);
    }

    /// <summary>Who is in the room, as told.</summary>
    public MemberList Members { get; } = new();

    /// <summary>Set before the first <see cref="Send"/>.</summary>
    public LoadConnection? Connection { get; set; }

    /// <summary>Walks a step and sends it.</summary>
    /// <param name="dueNanos">When it was meant to be sent; the difference is told as the sample's age.</param>
    /// <returns>Whether the socket took it; a value that it did not take stands for itself only in the next.</returns>
    public bool Send(long dueNanos)
    {
        RoomSpace space = Space!;
        _walk ??= new RandomWalk(space, _secondsPerStep, _seed);
        PackedTransform value = _walk.Step(_room.TrajectoryOf(_index));
        long age = Math.Clamp((Clock.NowNanos - dueNanos) / AgeUnitNanos, 0, PackedTransform.MaxAge);
        Span<byte> frame = stackalloc byte[64];
        int length = TransformUpdate.WriteSingle(
            frame, space, new TransformUpdateEntry(Slot, Generation, value.WithPrefix((uint)age, hasExtension: false), default));
        return Connection!.TrySend(frame[..length], keep: false);
    }

    protected override void OnJoined(LoadConnection connection) => _room.Joined(_index, Slot, Space!);

    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos) => _room.Observe(_index, _lastSeen, body, nowNanos);

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos) => Members.Apply(body);
}
