using System.Net;
using System.Net.Sockets;

namespace Relay.Host.Tests.Storage.Kit;

/// <summary>A network between a program and PostgreSQL that is slow, or breaks when a test wants it to.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _connections = [];
    private readonly int _target;
    private readonly Task _accepting;
    private volatile Cut? _cut;
    private long _delayTicks;

    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How much later each of the server's answers comes.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Breaks the connection on which something is asked, once.</summary>
    /// <param name="asked">What is asked.</param>
    /// <param name="when">Whether the server gets it: then it has answered before the connection breaks, and the answer is lost.</param>
    public Task CutAsync(Func<byte[], bool> asked, CutAt when)
    {
        var cut = new Cut(asked, when);
        _cut = cut;
        return cut.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] connections;
        lock (_connections)
        {
            connections = [.. _connections];
        }

        await Task.WhenAll(connections);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_ending.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            lock (_connections)
            {
                _connections.Add(ServeAsync(client));
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _ending.Token);
            await Task.WhenAny(UpAsync(client, server), DownAsync(server, client));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        client.Dispose();
    }

    private async Task UpAsync(Socket client, Socket server)
    {
        byte[] buffer = new byte[1 << 16];
        while (await client.ReceiveAsync(buffer, _ending.Token) is > 0 and int count)
        {
            byte[] asked = buffer[..count];
            if (_cut is { } cut && cut.Asked(asked) && Interlocked.CompareExchange(ref _cut, null, cut) == cut)
            {
                if (cut.When == CutAt.BeforeTheServerGetsIt)
                {
                    cut.Done.SetResult();
                    return;
                }

                cut.Mutes = server;
                _muted = cut;
            }

            await server.SendAsync(asked, _ending.Token);
        }
    }

    private volatile Cut? _muted;

    private async Task DownAsync(Socket server, Socket client)
    {
        byte[] buffer = new byte[1 << 16];
        while (await server.ReceiveAsync(buffer, _ending.Token) is > 0 and int count)
        {
            if (_muted is { } cut && cut.Mutes == server)
            {
                _muted = null;
                cut.Done.SetResult();
                return;
            }

            if (Delay > TimeSpan.Zero)
            {
                await Task.Delay(Delay, TimeProvider.System, _ending.Token);
            }

            await client.SendAsync(buffer.AsMemory(0, count), _ending.Token);
        }
    }

    private sealed record Cut(Func<byte[], bool> Asked, CutAt When)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Socket? Mutes { get; set; }
    }
}

/// <summary>When a connection breaks.</summary>
public enum CutAt
{
    BeforeTheServerGetsIt,
    BeforeTheAnswerArrives,
}
