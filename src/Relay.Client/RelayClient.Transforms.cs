using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <content>Where the avatar is, and where objects are. protocol-spec.md §8.3.</content>
public sealed partial class RelayClient
{
    /// <summary>
    /// Tells the room where this client's avatar is now. It never waits: while a write is under way the newest transform replaces the one
    /// before, and its age is told. While the client is away the newest one is kept until it is back. Outside a room it is dropped, as the
    /// protocol does with updates that cross a Left. protocol-spec.md §8.3.
    /// </summary>
    /// <param name="transform">Metres in the room's axes and a quaternion, which need not be normalised.</param>
    /// <param name="extension">Velocity, scale, discontinuity; default nothing.</param>
    /// <returns><see cref="PackStatus.Ok"/>, or why the transform was not sent: not finite, or outside the room's bounds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The extension's scale is not a number from 0.0001 to 10,000.</exception>
    public PackStatus SendTransform(in Transform transform, TransformExtension extension = default) =>
        Room is { } room ? Send(room, room.Slot, room.Generation, transform, extension) : Check(extension);

    /// <summary>
    /// Tells the room where an object is now that this client may move: one that it has locked, or that it owns and nobody has locked.
    /// Conflated as <see cref="SendTransform"/> does it, each object by itself; what waits of several objects and the avatar goes out
    /// together. A refusal (4423 with the slot as value: not this client's to move) comes to <see cref="RelayHandler.OnRefused"/>, at most
    /// once a second. protocol-spec.md §8.3.
    /// </summary>
    /// <param name="moved">The object as a <see cref="RoomState"/> of the present room knows it. If it has gone meanwhile, nothing
    /// happens.</param>
    /// <param name="transform">Metres in the room's axes and a quaternion, which need not be normalised.</param>
    /// <param name="extension">Velocity, scale, discontinuity; default nothing.</param>
    /// <returns><see cref="PackStatus.Ok"/>, or why the transform was not sent: not finite, or outside the room's bounds.</returns>
    /// <exception cref="ArgumentException">The object is not placed (<see cref="ObjectFlags.Placed"/>).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The extension's scale is not a number from 0.0001 to 10,000.</exception>
    public PackStatus MoveObject(in RoomObject moved, in Transform transform, TransformExtension extension = default)
    {
        if (!moved.IsPlaced)
        {
            throw new ArgumentException($"Object {moved.Id} is not placed: it has no slot to be moved by.", nameof(moved));
        }

        return Room is { } room ? Send(room, moved.Slot, moved.Generation, transform, extension) : Check(extension);
    }

    private static PackStatus Check(in TransformExtension extension) => extension.IsValid
        ? PackStatus.Ok
        : throw new ArgumentOutOfRangeException(nameof(extension), extension.Scale, "Scale must be 0.0001 to 10,000.");

    private PackStatus Send(RoomInfo room, uint slot, byte generation, in Transform transform, in TransformExtension extension)
    {
        Check(extension);
        PackStatus status = room.Space.TryPack(transform, out PackedTransform packed);
        if (status == PackStatus.Ok)
        {
            _life.Outbox.SetTransform(room, slot, generation, packed, extension);
        }

        return status;
    }
}
