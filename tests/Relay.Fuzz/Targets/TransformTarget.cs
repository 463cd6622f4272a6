using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;

namespace Relay.Fuzz;

/// <summary>Input: a byte that picks a room, one that picks update (even) or batch (odd), then the body. Records of every length.</summary>
internal sealed class TransformTarget : IFuzzTarget
{
    private static readonly RoomSpace[] Spaces =
    [
        RoomSpace.Default,
        RoomSpace.Create(0, 0, 0, 1_000, 1_000, 1_000, 0.001),
        Space(1, 1, 1),
        Space(1, 2, 3),
        Space(1 << 28, 1 << 28, 1 << 28),
        Space(100_000, 5, 1 << 27),
        Space(1 << 9, 1 << 9, 1 << 9),
        Space(1 << 27, 1, (1 << 28) - 1),
    ];

    public string Name => "transforms";

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length >= 2)
        {
            FrameType type = input[1] % 2 == 0 ? FrameType.TransformUpdate : FrameType.TransformBatch;
            MessageCheck.Run(type, input[2..], Spaces[input[0] % Spaces.Length]);
        }
    }

    private static RoomSpace Space(uint x, uint y, uint z) =>
        RoomSpace.TryCreate(-1, -1, -1, 0.01, x, y, z, out RoomSpace? space) is { } problem ? throw new InvalidOperationException(problem) : space!;
}
