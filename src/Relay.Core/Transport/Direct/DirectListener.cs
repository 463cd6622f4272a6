using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Relay.Core.Transport.Direct;

/// <summary>
/// An endpoint on which the relay looks at every connection first. What is for the relay becomes a <see cref="HandshakeConnection"/>;
/// everything else becomes one of Kestrel's own socket connections, as if nobody had looked.
/// </summary>
internal sealed class DirectListener : IConnectionListener
{
    private readonly Socket _socket;
    private readonly DirectTransport _transport;
    private readonly Channel<(int Descriptor, Visitor Visitor)> _accepted = Channel.CreateUnbounded<(int, Visitor)>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private int _closed;

    public DirectListener(Socket socket, DirectTransport transport)
    {
        _socket = socket;
        _transport = transport;
        _socket.Blocking = false;
        EndPoint = socket.LocalEndPoint!;
        Descriptor = (int)socket.SafeHandle.DangerousGetHandle();
    }

    public EndPoint EndPoint { get; }

    /// <summary>The listening socket.</summary>
    public int Descriptor { get; }

    /// <summary>What the doorkeeper knows it by.</summary>
    public ulong Tag { get; set; }

    /// <summary>A connection has said whom it is for. The doorkeeper's thread.</summary>
    public void Deliver(int descriptor, Visitor visitor)
    {
        if (!_accepted.Writer.TryWrite((descriptor, visitor)))
        {
            _ = Libc.Close(descriptor);
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (_accepted.Reader.TryRead(out (int Descriptor, Visitor Visitor) accepted))
            {
                if (Connect(accepted.Descriptor, accepted.Visitor) is { } connection)
                {
                    return connection;
                }
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _transport.Doorkeeper.Close(this);
            _socket.Dispose();
            _accepted.Writer.TryComplete();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        while (_accepted.Reader.TryRead(out (int Descriptor, Visitor Visitor) accepted))
        {
            _ = Libc.Close(accepted.Descriptor);
        }
    }

    private ConnectionContext? Connect(int descriptor, Visitor visitor)
    {
        if (visitor == Visitor.Relay)
        {
            return HandshakeConnection.TryStart(descriptor, _transport);
        }

        var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
        try
        {
            ConnectionContext connection = _transport.Sockets.Create(new Socket(handle) { NoDelay = _transport.SocketOptions.NoDelay });
            if (visitor == Visitor.Unknown)
            {
                connection.Features.Set(Doorstep.Instance);
            }

            return connection;
        }
        catch (SocketException)
        {
            // It has gone between being accepted and being looked at.
            handle.Dispose();
            return null;
        }
    }
}

/// <summary>Marks a connection that said nothing for <see cref="Doorkeeper.Patience"/>; that time counts towards its Hello's.</summary>
internal sealed class Doorstep
{
    public static readonly Doorstep Instance = new();

    private Doorstep()
    {
    }
}
