namespace Relay.Protocol.Frames;

/// <summary>The versions of the protocol that this library speaks. protocol-spec.md §1.2.</summary>
public static class ProtocolVersion
{
    /// <summary>The oldest version spoken: 1.</summary>
    public const byte Oldest = 1;

    /// <summary>The newest version spoken: 1.</summary>
    public const byte Newest = 1;

    /// <summary>The WebSocket subprotocol name, which carries the major version. §2.2.</summary>
    public const string WebSocketSubprotocol = "relay.posbus.v1";
}
