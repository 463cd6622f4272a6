using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Relay.Core.Transport.Ingress;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// The direct road's front door: a Kestrel transport that accepts connections itself, so that those of relay clients can later be taken
/// from Kestrel and given to a shard. Kestrel asks the factory that was registered last first, so it comes before Kestrel's own sockets.
/// </summary>
internal sealed class DirectTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    private readonly Lazy<Doorkeeper> _doorkeeper;
    private readonly DirectRoad? _road;
    private readonly ILogger _log;

    /// <summary>Makes the transport; its thread starts with the first endpoint.</summary>
    /// <param name="road">The road that it leads to; null: there is none, and no endpoint is taken.</param>
    /// <param name="limits">What is set on a relay client's socket.</param>
    /// <param name="stats">Where is counted what happens at the door.</param>
    /// <param name="sockets">What the host has set for Kestrel's own sockets.</param>
    /// <param name="time">The clock of the time-outs.</param>
    /// <param name="logs">Where loggers come from.</param>
    public DirectTransport(
        DirectRoad? road, KernelLimits limits, IngressStats stats, SocketTransportOptions sockets, TimeProvider time, ILoggerFactory logs)
    {
        _road = road;
        KernelLimits = limits;
        SocketOptions = sockets;
        Sockets = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = SocketOptions.IOQueueCount,
                MaxReadBufferSize = SocketOptions.MaxReadBufferSize,
                MaxWriteBufferSize = SocketOptions.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = SocketOptions.UnsafePreferInlineScheduling,
                WaitForDataBeforeAllocatingBuffer = SocketOptions.WaitForDataBeforeAllocatingBuffer,
            },
            logs.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));
        _log = logs.CreateLogger<DirectTransport>();
        _doorkeeper = new Lazy<Doorkeeper>(() => new Doorkeeper(road!.FirstBytes, stats, time, _log));
    }

    /// <summary>Whether this system has what the direct road needs: epoll, and a layout of its structures that is known.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>The thread that accepts, for all endpoints.</summary>
    public Doorkeeper Doorkeeper => _doorkeeper.Value;

    /// <summary>What is set on a relay client's socket.</summary>
    public KernelLimits KernelLimits { get; }

    /// <summary>Makes Kestrel's own connections.</summary>
    public SocketConnectionContextFactory Sockets { get; }

    /// <summary>What the host has set for Kestrel's sockets; it holds here too.</summary>
    public SocketTransportOptions SocketOptions { get; }

    /// <summary>Takes plain IP endpoints. A derived class is somebody's own kind and goes to Kestrel's sockets.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint.GetType() == typeof(IPEndPoint) && _road is not null;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = SocketOptions.CreateBoundListenSocket(endpoint);
            socket.Listen(SocketOptions.Backlog);
            var listener = new DirectListener(socket, this);
            Doorkeeper.Open(listener);
            _road!.IsOpen = true;
            _log.ListensDirectly(listener.EndPoint);
            return new ValueTask<IConnectionListener>(listener);
        }
        catch (Exception e)
        {
            socket?.Dispose();
            if (e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
            {
                throw new AddressInUseException(e.Message, e);
            }

            throw;
        }
    }

    public void Dispose()
    {
        if (_doorkeeper.IsValueCreated)
        {
            _doorkeeper.Value.Dispose();
        }
    }
}
