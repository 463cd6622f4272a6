using Relay.Protocol.Transforms;

namespace Relay.Core.Rooms;

/// <summary>The measures and limits of a room. Checked when the server starts; a room keeps those that it was opened with.</summary>
public sealed class RoomOptions
{
    /// <summary>
    /// Times a second that a room tells its members what moved; 0 sends at the end of the wake-up in which something moved.
    /// Default 20: one batch each 50 ms costs a tenth of one send per message, and clients interpolate over that anyway. Range 0 to 1,000.
    /// </summary>
    public double TickRate { get; set; } = 20;

    /// <summary>The most members at once, enforced atomically. Default 500. Range 1 to 65,535.</summary>
    public int Capacity { get; set; } = 500;

    /// <summary>Lowest corner of the room in metres. Default −65.536 on each axis: with <see cref="Max"/>, 17 bits at 1 mm.</summary>
    public RoomCorner Min { get; set; } = new(-65.536, -65.536, -65.536);

    /// <summary>Highest corner of the room in metres, itself outside. Default 65.536 on each axis.</summary>
    public RoomCorner Max { get; set; } = new(65.536, 65.536, 65.536);

    /// <summary>Metres in one step of a position. Default 0.001 (1 mm), finer than a headset can show.</summary>
    public double Precision { get; set; } = 0.001;

    /// <summary>How many reliable messages a room keeps for receivers that lag. Default 1,024. Range 16 to 65,536. Beyond it a receiver
    /// gets a snapshot.</summary>
    public int ReliableRingMessages { get; set; } = 1024;

    /// <summary>How many bytes of reliable messages a room keeps. Default 262,144 (256 KiB). Range 16 KiB to 64 MiB.</summary>
    public int ReliableRingBytes { get; set; } = 256 * 1024;

    /// <summary>
    /// How many different cursors are encoded for in one tick; receivers beyond it get the full set. Default 8: congestion then costs at
    /// most eight encodings a tick. Range 1 to 64.
    /// </summary>
    public int MaxCursorGroups { get; set; } = 8;

    /// <summary>How many freed slots are remembered as removals; a cursor older than the oldest of them gets the full set. Default 256.
    /// Range 0 to 65,535.</summary>
    public int MaxTombstones { get; set; } = 256;

    /// <summary>Microseconds between batches; 0 for none.</summary>
    internal long TickMicros => TickRate <= 0 ? 0 : (long)Math.Round(1_000_000 / TickRate);

    /// <summary>Microseconds in a unit of a sample's age: fourteen of them span a tick, so that an age saturates only past one. At least
    /// 1 ms.</summary>
    internal uint AgeUnitMicros => (uint)Math.Max(1000, ((TickMicros + 13_999) / 14_000) * 1000);

    /// <summary>Says what is wrong with these options, if anything: one line each.</summary>
    /// <param name="path">Where they stand, for the message.</param>
    public IEnumerable<string> Validate(string path)
    {
        if (!(TickRate is >= 0 and <= 1000))
        {
            yield return $"{path}.TickRate must be 0 to 1000 Hz; it is {TickRate}.";
        }

        if (Capacity is < 1 or > ushort.MaxValue)
        {
            yield return $"{path}.Capacity must be 1 to 65535 members; it is {Capacity}.";
        }

        if (ReliableRingMessages is < 16 or > 65536)
        {
            yield return $"{path}.ReliableRingMessages must be 16 to 65536; it is {ReliableRingMessages}.";
        }

        if (ReliableRingBytes is < 16 * 1024 or > 64 * 1024 * 1024)
        {
            yield return $"{path}.ReliableRingBytes must be 16384 to 67108864 bytes; it is {ReliableRingBytes}.";
        }

        if (MaxCursorGroups is < 1 or > 64)
        {
            yield return $"{path}.MaxCursorGroups must be 1 to 64; it is {MaxCursorGroups}.";
        }

        if (MaxTombstones is < 0 or > ushort.MaxValue)
        {
            yield return $"{path}.MaxTombstones must be 0 to 65535; it is {MaxTombstones}.";
        }

        if (TryCreateSpace(out string? problem) is null)
        {
            yield return $"{path}: {problem}";
        }
    }

    /// <summary>The space that bounds and precision describe.</summary>
    /// <exception cref="ArgumentException">They describe none.</exception>
    internal RoomSpace CreateSpace() => TryCreateSpace(out string? problem) ?? throw new ArgumentException(problem);

    private RoomSpace? TryCreateSpace(out string? problem)
    {
        problem = null;
        try
        {
            return RoomSpace.Create(Min.X, Min.Y, Min.Z, Max.X, Max.Y, Max.Z, Precision);
        }
        catch (ArgumentException e)
        {
            problem = e.Message;
            return null;
        }
    }
}

/// <summary>A corner of a room.</summary>
/// <param name="X">Metres along x.</param>
/// <param name="Y">Metres along y.</param>
/// <param name="Z">Metres along z.</param>
public readonly record struct RoomCorner(double X, double Y, double Z);
