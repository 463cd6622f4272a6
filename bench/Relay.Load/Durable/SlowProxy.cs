using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Relay.Load.Measure;

namespace Relay.Load.Durable;

/// <summary>A network between a server and its database, on which answers come later.</summary>
internal sealed class SlowProxy : IDisposable
{
    private const int BufferSize = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly string _host;
    private readonly int _port;
    private long _delayNanos;

    /// <summary>Listens on a free port of this machine.</summary>
    /// <param name="host">Where the database is.</param>
    /// <param name="port">Its port.</param>
    public SlowProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>From now on each answer comes so much later.</summary>
    public void Slow(TimeSpan delay) => Interlocked.Exchange(ref _delayNanos, (long)delay.TotalNanoseconds);

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        CancellationToken ending = _ending.Token;
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(ending).ConfigureAwait(false), ending);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken ending)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(_host, _port, ending).ConfigureAwait(false);
                var late = Channel.CreateUnbounded<(long Due, byte[] Bytes)>();
                await Task.WhenAny(UpAsync(client, server, ending), ReadAsync(server, late.Writer, ending), DownAsync(late.Reader, client, ending))
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One of the two has gone: so does the other.
            }
        }
    }

    private static async Task UpAsync(Socket client, Socket server, CancellationToken ending)
    {
        byte[] buffer = new byte[BufferSize];
        while (await client.ReceiveAsync(buffer, ending).ConfigureAwait(false) is > 0 and int count)
        {
            await server.SendAsync(buffer.AsMemory(0, count), ending).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(Socket server, ChannelWriter<(long Due, byte[] Bytes)> late, CancellationToken ending)
    {
        byte[] buffer = new byte[BufferSize];
        while (await server.ReceiveAsync(buffer, ending).ConfigureAwait(false) is > 0 and int count)
        {
            late.TryWrite((Clock.NowNanos + Interlocked.Read(ref _delayNanos), buffer[..count]));
        }
    }

    private static async Task DownAsync(ChannelReader<(long Due, byte[] Bytes)> late, Socket client, CancellationToken ending)
    {
        await foreach ((long due, byte[] bytes) in late.ReadAllAsync(ending).ConfigureAwait(false))
        {
            await Clock.UntilAsync(due, ending).ConfigureAwait(false);
            await client.SendAsync(bytes, ending).ConfigureAwait(false);
        }
    }
}
