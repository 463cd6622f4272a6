using Relay.Load.Wire;
using Relay.Protocol.Frames;

namespace Relay.Load.RoomState;

/// <summary>Stands between the wire and the check, to find out whether the check finds what it should.</summary>
internal abstract class FrameSeam
{
    /// <summary>Hands a frame on, by <see cref="StateClient.Take"/>: as it is, or once more, or later, or not at all.</summary>
    public abstract void Pass(StateClient client, LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos);
}
