namespace Relay.Core.Tests.Kit;

/// <summary>The ways to a server that a test can take.</summary>
public enum Wire
{
    /// <summary>Raw TCP.</summary>
    Tcp,

    /// <summary>WebSocket over HTTP/1.1.</summary>
    WebSocket,

    /// <summary>Raw TCP inside TLS.</summary>
    TlsTcp,

    /// <summary>WebSocket over HTTP/1.1 inside TLS.</summary>
    TlsWebSocket,
}

/// <summary>Both transports, in the clear.</summary>
public sealed class PlainWires : TheoryData<Wire>
{
    public PlainWires()
        : base(Wire.Tcp, Wire.WebSocket)
    {
    }
}

/// <summary>Both transports, in the clear and inside TLS.</summary>
public sealed class AllWires : TheoryData<Wire>
{
    public AllWires()
        : base(Enum.GetValues<Wire>())
    {
    }
}
