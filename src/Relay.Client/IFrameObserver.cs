using Relay.Protocol.Frames;

namespace Relay.Client;

/// <summary>Which way a frame goes.</summary>
public enum FrameDirection
{
    /// <summary>From the server.</summary>
    In,

    /// <summary>To the server.</summary>
    Out,
}

/// <summary>Sees every frame as it stands on the wire, those of unknown types too: for recording, and for types of one's own.</summary>
/// <remarks>
/// Called on the receive thread before a frame is handled, and on whichever thread writes, just before it is written: the two may coincide.
/// It must neither block nor throw: an exception ends the client with <see cref="Relay.Protocol.CloseCode.InternalError"/>.
/// </remarks>
public interface IFrameObserver
{
    /// <summary>A frame.</summary>
    /// <param name="direction">Which way it goes.</param>
    /// <param name="type">Its type; need not be a member of the enum.</param>
    /// <param name="body">Its body, which is gone when the method returns. Hello and Join hold secrets.</param>
    /// <param name="localMicros">The local clock, in microseconds since an arbitrary origin; see <see cref="ClockSync.ToServer"/>.</param>
    void OnFrame(FrameDirection direction, FrameType type, ReadOnlySpan<byte> body, long localMicros);
}
