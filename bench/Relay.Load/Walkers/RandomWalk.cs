using Relay.Protocol.Transforms;

namespace Relay.Load.Walkers;

/// <summary>
/// A person strolling through the room: the heading turns gently, the pace stays between 0.7 and 2 m/s, and near a wall they turn inwards.
/// The same seed walks the same way.
/// </summary>
internal sealed class RandomWalk
{
    private const double MinPace = 0.7;
    private const double MaxPace = 2.0;

    /// <summary>Part of the room's width, on either side, in which a walker turns inwards.</summary>
    private const double WallShare = 0.1;

    private readonly Random _random;
    private readonly RoomSpace _space;
    private readonly double _seconds;
    private readonly double _centerX;
    private readonly double _centerZ;
    private readonly double _reachX;
    private readonly double _reachZ;
    private readonly double _height;
    private double _x;
    private double _z;
    private double _heading;
    private double _turn;
    private double _pace;

    /// <summary>Starts somewhere in the room.</summary>
    /// <param name="space">The room's measures.</param>
    /// <param name="secondsPerStep">Time between two values.</param>
    /// <param name="seed">The same seed, the same walk.</param>
    public RandomWalk(RoomSpace space, double secondsPerStep, int seed)
    {
        _random = new Random(seed);
        _space = space;
        _seconds = secondsPerStep;
        double width = space.StepsX * space.Precision, depth = space.StepsZ * space.Precision;
        (_centerX, _centerZ) = (space.MinX + (width / 2), space.MinZ + (depth / 2));
        (_reachX, _reachZ) = (width / 2, depth / 2);
        // People keep to a floor; each stands at their own height of eyes, as far as the room has one.
        _height = space.MinY + (space.StepsY * space.Precision / 2) + (space.StepsY > 4000 ? 1.4 + (_random.NextDouble() * 0.5) : 0);
        _x = _centerX + ((_random.NextDouble() - 0.5) * width * (1 - (2 * WallShare)));
        _z = _centerZ + ((_random.NextDouble() - 0.5) * depth * (1 - (2 * WallShare)));
        _heading = _random.NextDouble() * Math.Tau;
        _pace = MinPace + (_random.NextDouble() * (MaxPace - MinPace));
    }

    /// <summary>Walks one step and adds it to the trajectory.</summary>
    /// <param name="trajectory">The walker's own.</param>
    /// <returns>The value that was added.</returns>
    public PackedTransform Step(Trajectory trajectory)
    {
        Advance();
        var transform = new Transform(_x, _height, _z, 0, (float)Math.Sin(_heading / 2), 0, (float)Math.Cos(_heading / 2));
        if (_space.TryPack(transform, out PackedTransform packed) != PackStatus.Ok)
        {
            throw new InvalidOperationException($"A walker left the room: {transform}.");
        }

        for (int nudge = 1; !trajectory.TryAdd(packed); nudge++)
        {
            // Equal to an earlier value by chance: one step of the grid aside tells them apart.
            (uint x, uint y, uint z, uint rotation) = _space.UnpackSteps(packed);
            packed = nudge % 2 == 0
                ? _space.Pack(x, y, z > 0 ? z - 1 : z + 1, rotation)
                : _space.Pack(x > 0 ? x - 1 : x + 1, y, z, rotation);
        }

        return packed;
    }

    private void Advance()
    {
        _turn = (_turn * 0.9) + ((_random.NextDouble() - 0.5) * 0.6 * _seconds * 20);
        double inward = Math.Atan2(_centerZ - _z, _centerX - _x);
        double edge = Math.Max(Math.Abs(_x - _centerX) / _reachX, Math.Abs(_z - _centerZ) / _reachZ);
        if (edge > 1 - (2 * WallShare))
        {
            double off = Math.IEEERemainder(inward - _heading, Math.Tau);
            _turn = Math.Clamp(off * 4, -2.5, 2.5);
        }

        _turn = Math.Clamp(_turn, -2.5, 2.5);
        _heading = Math.IEEERemainder(_heading + (_turn * _seconds), Math.Tau);
        _pace = Math.Clamp(_pace + ((_random.NextDouble() - 0.5) * _seconds), MinPace, MaxPace);

        // A last stop at the wall itself: rooms may be smaller than a turning circle.
        double limitX = _reachX * 0.98, limitZ = _reachZ * 0.98;
        _x = Math.Clamp(_x + (Math.Cos(_heading) * _pace * _seconds), _centerX - limitX, _centerX + limitX);
        _z = Math.Clamp(_z + (Math.Sin(_heading) * _pace * _seconds), _centerZ - limitZ, _centerZ + limitZ);
    }
}
