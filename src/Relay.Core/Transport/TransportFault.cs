using System.Net.Sockets;

namespace Relay.Core.Transport;

/// <summary>Tells the ways in which a transport says that it is gone: for a peer's reset, or when it is cut off, Kestrel throws.</summary>
internal static class TransportFault
{
    public static bool Is(Exception exception) =>
        exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException;
}
