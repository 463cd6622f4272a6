using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Relay.Core.Transport.Pipe;

/// <summary>
/// Bounds what the kernel holds for a connection, so that a slow receiver that resumes sees the present and not minutes of past batches:
/// a fixed send buffer, and not writable while more than a few KiB of it wait unsent (<c>TCP_NOTSENT_LOWAT</c>, tcp(7)). Nagle's
/// algorithm is off: a batch is one write and should leave.
/// </summary>
internal static class SocketTuning
{
    private const int IpProtoTcp = 6;
    private const int TcpNotSentLowAt = 25;

    public static void Apply(Socket? socket, KernelLimits limits)
    {
        if (socket is null || socket.ProtocolType != ProtocolType.Tcp)
        {
            return;
        }

        try
        {
            socket.NoDelay = true;
            if (limits.SendBufferBytes > 0)
            {
                socket.SendBufferSize = limits.SendBufferBytes;
            }

            if (OperatingSystem.IsLinux() && limits.UnsentLowWaterBytes > 0)
            {
                socket.SetRawSocketOption(IpProtoTcp, TcpNotSentLowAt, MemoryMarshal.AsBytes([limits.UnsentLowWaterBytes]));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer has gone already; reading will tell.
        }
    }
}
