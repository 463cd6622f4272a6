using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>
/// Where avatars keep to: two districts, each within earshot of itself and out of earshot of the other. So it is known who is near,
/// wherever exactly they stand.
/// </summary>
internal static class Districts
{
    private const double Margin = 0.05;
    private const double Width = 0.2;
    private const double Depth = 0.3;
    private const double Reach = 0.42;

    /// <summary>Who is nearer than this is in the same district.</summary>
    public static float Radius(RoomSpace space) => (float)(Reach * space.StepsX * space.Precision);

    /// <summary>Somewhere in a district.</summary>
    public static PackedTransform Somewhere(RoomSpace space, int district, Random random)
    {
        double along = Margin + (random.NextDouble() * Width);
        double x = district == 0 ? along : 1 - along;
        double z = (Margin + (random.NextDouble() * Depth)) * Math.Min(space.StepsX, space.StepsZ);
        return space.Pack((uint)(x * (space.StepsX - 1)), space.StepsY / 2, (uint)z, SmallestThree.Identity);
    }

    /// <summary>Anywhere in the room.</summary>
    public static PackedTransform Anywhere(RoomSpace space, Random random) => space.Pack(
        (uint)random.NextInt64(space.StepsX),
        (uint)random.NextInt64(space.StepsY),
        (uint)random.NextInt64(space.StepsZ),
        SmallestThree.Identity);
}
