namespace Relay.Protocol.WebSockets;

/// <summary>Frame opcodes of RFC 6455 §5.2; 3–7 and 11–15 are reserved there and refused with 1002.</summary>
public enum WebSocketOpcode : byte
{
    /// <summary>A further fragment of the message begun before.</summary>
    Continuation = 0,

    /// <summary>A text message; Relay speaks binary only and answers 1003.</summary>
    Text = 1,

    /// <summary>A binary message.</summary>
    Binary = 2,

    /// <summary>The closing handshake.</summary>
    Close = 8,

    /// <summary>Asks for a pong.</summary>
    Ping = 9,

    /// <summary>Answers a ping.</summary>
    Pong = 10,
}
