using Relay.Core.Hosting;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Samples.Ball;

/// <summary>
/// A ball on a pitch, 20 m along x and 10 m along z. Members push it by walking into it; it rolls, slows down, and comes back from the
/// bounds. Through the middle of either short side it is a goal. The ball is the server's: no client moves, takes or locks it.
/// </summary>
public sealed class BallRoom : IRoomHandler
{
    /// <summary>The kind of the event that tells of a goal; its payload is the score.</summary>
    public const uint GoalKind = 1024;

    /// <summary>Where the goal lines are, in metres from the middle.</summary>
    public const double GoalLine = 10;

    private const double HalfWidth = 5, HalfGoal = 2, Reach = 1, PushSpeed = 8, Friction = 0.5, Bounce = 0.8;

    public TimeSpan TickInterval => TimeSpan.FromMilliseconds(50);

    public async ValueTask JoinedAsync(RoomContext room, RoomMember member, CancellationToken cancellationToken)
    {
        var ball = new NewObject { Type = "ball", Name = "ball", Flags = ObjectFlags.Fixed, Place = new Transform(0, 0, 0) };
        room.State ??= new Ball { Id = await room.CreateObjectAsync(ball, cancellationToken) };
    }

    public async ValueTask TickAsync(RoomContext room, RoomImage image, CancellationToken cancellationToken)
    {
        if (room.State is not Ball ball)
        {
            return;
        }

        foreach (Transform place in image.Members.Select(member => member.Place).OfType<Transform>())
        {
            ball.PushFrom(place.X, place.Z);
        }

        bool isGoal = ball.Roll(Math.Min(image.Elapsed.TotalSeconds, 0.1));
        var jump = new TransformExtension { Flags = isGoal ? TransformFlags.Discontinuity : TransformFlags.None };
        room.MoveObject(ball.Id, new Transform(ball.X, 0, ball.Z), jump);
        if (isGoal)
        {
            byte[] score = new byte[9];
            var writer = new MessagePackWriter(score);
            writer.WriteInt64(++ball.Score);
            ReadOnlyMemory<byte> told = score.AsMemory(0, writer.Written);
            await room.SetAttributeAsync(AttributeTarget.OfRoom(), "score", told, cancellationToken: cancellationToken);
            await room.SendAsync(GoalKind, told, cancellationToken: cancellationToken);
        }
    }

    private sealed class Ball
    {
        private double _speedX, _speedZ;

        public uint Id { get; init; }

        public long Score { get; set; }

        public double X { get; private set; }

        public double Z { get; private set; }

        public void PushFrom(double x, double z)
        {
            double distance = Math.Sqrt(Math.Pow(X - x, 2) + Math.Pow(Z - z, 2));
            if (distance is > 0 and < Reach)
            {
                (_speedX, _speedZ) = ((X - x) / distance * PushSpeed, (Z - z) / distance * PushSpeed);
            }
        }

        /// <returns>Whether it is a goal; then the ball lies in the middle again.</returns>
        public bool Roll(double seconds)
        {
            (X, Z) = (X + (_speedX * seconds), Z + (_speedZ * seconds));
            double slower = Math.Exp(-Friction * seconds);
            (_speedX, _speedZ) = (_speedX * slower, _speedZ * slower);
            if (Math.Abs(X) >= GoalLine && Math.Abs(Z) < HalfGoal)
            {
                (X, Z, _speedX, _speedZ) = (0, 0, 0, 0);
                return true;
            }

            (X, _speedX) = BackFrom(GoalLine, X, _speedX);
            (Z, _speedZ) = BackFrom(HalfWidth, Z, _speedZ);
            return false;
        }

        private static (double Place, double Speed) BackFrom(double bound, double place, double speed) =>
            Math.Abs(place) <= bound ? (place, speed) : ((Math.Sign(place) * 2 * bound) - place, -speed * Bounce);
    }
}
