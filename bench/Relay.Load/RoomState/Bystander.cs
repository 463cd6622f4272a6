using Relay.Load.Wire;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.RoomState;

/// <summary>A member that stands somewhere and does nothing else.</summary>
internal class Bystander(string room) : RelaySession(room)
{
    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    protected override void OnJoined(LoadConnection connection)
    {
        Span<byte> frame = stackalloc byte[64];
        PackedTransform place = Districts.Anywhere(Space!, new Random((int)Member));
        int length = TransformUpdate.WriteSingle(frame, Space!, new TransformUpdateEntry(Slot, Generation, place, default));
        connection.TrySend(frame[..length], keep: true);
    }
}
