namespace Relay.Load.Wire;

/// <summary>How clients connect.</summary>
internal enum LoadTransport
{
    /// <summary>Raw TCP.</summary>
    Tcp,

    /// <summary>WebSocket.</summary>
    Ws,
}

/// <summary>Where a server listens.</summary>
/// <param name="Host">Its address.</param>
/// <param name="TcpPort">Raw TCP.</param>
/// <param name="HttpPort">HTTP and WebSocket.</param>
internal sealed record ServerAddress(System.Net.IPAddress Host, int TcpPort, int HttpPort)
{
    public const string Path = "/relay";

    public System.Net.IPEndPoint EndPoint(LoadTransport transport) => new(Host, transport == LoadTransport.Tcp ? TcpPort : HttpPort);
}
