using System.Net;
using System.Net.Sockets;

namespace Relay.Client.Tests.Kit;

/// <summary>What a proxy does with one connection.</summary>
/// <param name="Up">Bytes from the client that it lets pass; negative for all.</param>
/// <param name="Down">Bytes from the server that it lets pass; negative for all.</param>
/// <param name="Then">What it does when either number is reached.</param>
/// <param name="AfterUpgrade">Whether <paramref name="Down"/> counts from behind the answer to a WebSocket handshake, if there is
/// one.</param>
internal readonly record struct ProxyPlan(int Up, int Down, ProxyFault Then, bool AfterUpgrade = false)
{
    public static ProxyPlan Pass { get; } = new(-1, -1, ProxyFault.End);
}

/// <summary>What a proxy does at the point that its plan names.</summary>
internal enum ProxyFault
{
    /// <summary>Both sides get the end of the stream.</summary>
    End,

    /// <summary>Both sides get a reset, which takes along what they have not read.</summary>
    Reset,

    /// <summary>What goes on coming that way is read and thrown away, and nobody is told.</summary>
    Swallow,
}

/// <summary>Stands between clients and a server, and spoils connections as a bad network does: at a byte, not at a frame.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<Pair> _pairs = [];
    private readonly Func<int, ProxyPlan> _plan;
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private bool _isClosed;

    /// <summary>Listens.</summary>
    /// <param name="server">Where to hand on to.</param>
    /// <param name="plan">What becomes of each connection; they count from 0. Default: all pass until <see cref="Cut"/>.</param>
    public Proxy(IPEndPoint server, Func<int, ProxyPlan>? plan = null)
    {
        _server = server;
        _plan = plan ?? (_ => ProxyPlan.Pass);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _pairs.Count;
            }
        }
    }

    /// <summary>Connections are taken and hang up at once.</summary>
    public bool IsShut { get; set; }

    /// <summary>The connections that there are get nothing through any more; what is sent waits.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _pairs.ForEach(pair => pair.Hold());
        }
    }

    /// <summary>What waited goes on.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _pairs.ForEach(pair => pair.Release());
        }
    }

    /// <summary>Breaks every connection.</summary>
    public void Cut(ProxyFault fault = ProxyFault.Reset)
    {
        lock (_gate)
        {
            _pairs.ForEach(pair => pair.Cut(fault));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        _listener.Dispose();
        await _accepting;
        Cut();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (_isClosed && e is SocketException or ObjectDisposedException)
            {
                return;
            }

            if (IsShut)
            {
                client.Dispose();
                continue;
            }

            lock (_gate)
            {
                var pair = new Pair(client, _plan(_pairs.Count));
                _pairs.Add(pair);
                _ = pair.RunAsync(_server);
            }
        }
    }

    private sealed class Pair(Socket client, ProxyPlan plan) : IDisposable
    {
        private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private volatile TaskCompletionSource? _held;
        private int _isCut;

        public async Task RunAsync(IPEndPoint endpoint)
        {
            client.NoDelay = true;
            try
            {
                await _server.ConnectAsync(endpoint);
                await Task.WhenAll(
                    PassAsync(client, _server, plan.Up, afterUpgrade: false), PassAsync(_server, client, plan.Down, plan.AfterUpgrade));
            }
            catch (SocketException)
            {
                // The server is gone.
            }

            Cut(ProxyFault.End);
        }

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _held?.TrySetResult();

        public void Cut(ProxyFault fault)
        {
            Release();
            if (Interlocked.Exchange(ref _isCut, 1) == 0)
            {
                if (fault == ProxyFault.Reset)
                {
                    client.LingerState = new LingerOption(enable: true, seconds: 0);
                    _server.LingerState = new LingerOption(enable: true, seconds: 0);
                }

                Dispose();
            }
        }

        public void Dispose()
        {
            client.Dispose();
            _server.Dispose();
        }

        private async Task PassAsync(Socket from, Socket to, int limit, bool afterUpgrade)
        {
            byte[] buffer = new byte[4096];
            try
            {
                int passed = 0;
                while (true)
                {
                    int count = await from.ReceiveAsync(buffer, SocketFlags.None);
                    await (_held?.Task ?? Task.CompletedTask);
                    if (afterUpgrade && buffer.AsSpan(0, count).StartsWith("HTTP/"u8))
                    {
                        // The server sends it in one piece.
                        limit += buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8) + 4;
                    }

                    int pass = limit < 0 ? count : Math.Min(count, limit - passed);
                    for (int sent = 0; sent < pass;)
                    {
                        sent += await to.SendAsync(buffer.AsMemory(sent, pass - sent), SocketFlags.None);
                    }

                    passed += pass;
                    if (count == 0)
                    {
                        to.Shutdown(SocketShutdown.Send);
                        return;
                    }

                    if (passed == limit && plan.Then != ProxyFault.Swallow)
                    {
                        Cut(plan.Then);
                        return;
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Either side is gone.
            }
        }
    }
}
