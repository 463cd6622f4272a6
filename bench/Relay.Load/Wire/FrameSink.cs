using Relay.Protocol.Frames;

namespace Relay.Load.Wire;

/// <summary>
/// Gets what a <see cref="LoadConnection"/> receives. Called on the socket engine's thread, one call at a time for each connection.
/// </summary>
internal abstract class FrameSink
{
    /// <summary>The transport is ready: say Hello.</summary>
    public abstract void OnOpen(LoadConnection connection);

    /// <summary>A whole frame.</summary>
    /// <param name="connection">Where it came from.</param>
    /// <param name="header">Its header.</param>
    /// <param name="body">Its body, gone after the call.</param>
    /// <param name="nowNanos">When the bytes were received.</param>
    public abstract void OnFrame(LoadConnection connection, FrameHeader header, ReadOnlySpan<byte> body, long nowNanos);

    /// <summary>The connection is over. Called once.</summary>
    public abstract void OnClosed(LoadConnection connection, string reason);
}
