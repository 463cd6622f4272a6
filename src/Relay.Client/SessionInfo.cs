using System.Text;
using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>What the server said in Welcome: the session and the limits in force. protocol-spec.md §5.2.</summary>
public sealed class SessionInfo
{
    internal SessionInfo(in Welcome welcome)
    {
        Version = welcome.Version;
        SessionHigh = welcome.SessionHigh;
        SessionLow = welcome.SessionLow;
        Heartbeat = TimeSpan.FromMilliseconds(welcome.HeartbeatMillis);
        IdleTimeout = TimeSpan.FromMilliseconds(welcome.IdleTimeoutMillis);
        MaxFrameBody = (int)Math.Min(welcome.MaxFrameBody, Relay.Protocol.Frames.FrameHeader.MaxBodyLength);
        MaxServerFrameBody = (int)Math.Min(welcome.MaxServerFrameBody, Relay.Protocol.Frames.FrameHeader.MaxBodyLength);
        FramesPerSecond = welcome.FramesPerSecond;
        FrameBurst = welcome.FrameBurst;
        MaxEventPayload = (int)Math.Min(welcome.MaxEventPayload, int.MaxValue);
        Name = Encoding.UTF8.GetString(welcome.NameUtf8);
    }

    /// <summary>The protocol version in use.</summary>
    public byte Version { get; }

    /// <summary>High half of the session's id, as the server's log shows it.</summary>
    public ulong SessionHigh { get; }

    /// <summary>Low half of the session's id.</summary>
    public ulong SessionLow { get; }

    /// <summary>The client sends something at least this often; the library sees to it.</summary>
    public TimeSpan Heartbeat { get; }

    /// <summary>After this long without a frame either side takes the other for dead (4408, cause 4451).</summary>
    public TimeSpan IdleTimeout { get; }

    /// <summary>Longest body that the server accepts, in bytes.</summary>
    public int MaxFrameBody { get; }

    /// <summary>Longest body that the server sends, in bytes; a longer one ends the connection with 1009.</summary>
    public int MaxServerFrameBody { get; }

    /// <summary>
    /// Frames a second that the server accepts in the long run; 0 for no limit. The library does not hold transforms back: send at most so
    /// many.
    /// </summary>
    public uint FramesPerSecond { get; }

    /// <summary>Frames that the server accepts at once.</summary>
    public uint FrameBurst { get; }

    /// <summary>Longest payload of an event, in bytes.</summary>
    public int MaxEventPayload { get; }

    /// <summary>The name under which others see this client.</summary>
    public string Name { get; }
}
