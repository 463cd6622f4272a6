using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>The measures of the recorded room and of the live one.</summary>
internal sealed class Measures
{
    private readonly RoomSpace _recorded;
    private readonly double _ageUnits;
    private readonly double _liveUnitNanos;
    private readonly bool _areEqual;

    public Measures(RecordingFile recorded, RoomSpace live, long liveAgeUnitNanos)
    {
        _recorded = recorded.Space;
        Live = live;
        _ageUnits = recorded.AgeUnitMicros * 1000.0 / liveAgeUnitNanos;
        _liveUnitNanos = liveAgeUnitNanos;
        _areEqual = Same(_recorded, live);
    }

    public RoomSpace Recorded => _recorded;

    public RoomSpace Live { get; }

    /// <summary>Packs a value anew.</summary>
    /// <param name="value">As it was recorded.</param>
    /// <param name="isExtended">Whether an extension goes with it.</param>
    /// <param name="lateNanos">How much later than recorded it is sent.</param>
    /// <param name="packed">For the live room.</param>
    /// <returns>Whether it lies inside the live room.</returns>
    public bool TryPack(in PackedTransform value, bool isExtended, long lateNanos, out PackedTransform packed)
    {
        packed = value;
        if (!_areEqual && (!_recorded.Contains(value) || Live.TryPack(_recorded.Unpack(value), out packed) != PackStatus.Ok))
        {
            return false;
        }

        double age = (value.Age * _ageUnits) + (Math.Max(0, lateNanos) / _liveUnitNanos);
        packed = packed.WithPrefix((uint)Math.Min(age, PackedTransform.MaxAge), isExtended);
        return true;
    }

    private static bool Same(RoomSpace a, RoomSpace b) =>
        (a.MinX, a.MinY, a.MinZ, a.Precision) == (b.MinX, b.MinY, b.MinZ, b.Precision) &&
        (a.StepsX, a.StepsY, a.StepsZ) == (b.StepsX, b.StepsY, b.StepsZ);
}
