namespace Relay.Core.Tests.Kit;

/// <summary>The ways to a server that a test can take.</summary>
public enum Wire
{
    /// <summary>Raw TCP; on the direct road where the server has one.</summary>
    Tcp,

    /// <summary>WebSocket over HTTP/1.1; on the direct road where the server has one.</summary>
    WebSocket,

    /// <summary>Raw TCP on Kestrel's own sockets: the pipe road.</summary>
    PipeTcp,

    /// <summary>WebSocket over HTTP/1.1 on Kestrel's own sockets: the pipe road.</summary>
    PipeWebSocket,

    /// <summary>Raw TCP inside TLS: the pipe road.</summary>
    TlsTcp,

    /// <summary>WebSocket over HTTP/1.1 inside TLS: the pipe road.</summary>
    TlsWebSocket,
}

/// <summary>What a test asks of a wire.</summary>
internal static class WireExtensions
{
    public static bool IsWebSocket(this Wire wire) => wire is Wire.WebSocket or Wire.PipeWebSocket or Wire.TlsWebSocket;

    public static bool IsTls(this Wire wire) => wire is Wire.TlsTcp or Wire.TlsWebSocket;

    /// <summary>The other transport on the same road.</summary>
    public static Wire Other(this Wire wire) => wire switch
    {
        Wire.Tcp => Wire.WebSocket,
        Wire.WebSocket => Wire.Tcp,
        Wire.PipeTcp => Wire.PipeWebSocket,
        Wire.PipeWebSocket => Wire.PipeTcp,
        Wire.TlsTcp => Wire.TlsWebSocket,
        _ => Wire.TlsTcp,
    };
}

/// <summary>Both transports in the clear, on both roads.</summary>
public sealed class PlainWires : TheoryData<Wire>
{
    public PlainWires()
        : base(Wire.Tcp, Wire.WebSocket, Wire.PipeTcp, Wire.PipeWebSocket)
    {
    }
}

/// <summary>Raw TCP in the clear, on both roads.</summary>
public sealed class TcpWires : TheoryData<Wire>
{
    public TcpWires()
        : base(Wire.Tcp, Wire.PipeTcp)
    {
    }
}

/// <summary>WebSocket in the clear, on both roads.</summary>
public sealed class WebSocketWires : TheoryData<Wire>
{
    public WebSocketWires()
        : base(Wire.WebSocket, Wire.PipeWebSocket)
    {
    }
}

/// <summary>Both transports on the direct road.</summary>
public sealed class DirectWires : TheoryData<Wire>
{
    public DirectWires()
        : base(Wire.Tcp, Wire.WebSocket)
    {
    }
}

/// <summary>Both transports, in the clear on both roads and inside TLS.</summary>
public sealed class AllWires : TheoryData<Wire>
{
    public AllWires()
        : base(Enum.GetValues<Wire>())
    {
    }
}

/// <summary>Some wires, each with each of some values.</summary>
/// <typeparam name="T">The values' type.</typeparam>
public abstract class WiresWith<T> : TheoryData<Wire, T>
{
    protected WiresWith(IEnumerable<Wire> wires, params IEnumerable<T> values)
    {
        foreach (Wire wire in wires)
        {
            foreach (T value in values)
            {
                Add(wire, value);
            }
        }
    }

    /// <summary>WebSocket in the clear, on both roads.</summary>
    protected static IEnumerable<Wire> WebSocketOnBothRoads => [Wire.WebSocket, Wire.PipeWebSocket];
}
