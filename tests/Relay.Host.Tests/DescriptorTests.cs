using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Relay.Host.Tests;

/// <summary>Case 60(e): the program under a flood of connections, with fewer descriptors than the flood would take.</summary>
public sealed class DescriptorTests
{
    /// <summary>The program by itself has near 300: .NET keeps each assembly's file open, twice.</summary>
    private const int Limit = 512;
    private const int Floods = 640;

    /// <summary>How soon a client of the flood that was turned away comes again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Case60e_floodBeyondTheDescriptors_pausesAccepting_andLeavesMembersAndHealthAlive()
    {
        await using RelayProgram program = await RelayProgram.StartWithDescriptorsAsync(Limit);
        using FrameStream anna = await (await FrameStream.TcpAsync(program.Tcp)).JoinAsync("plaza");
        using FrameStream ben = await (await FrameStream.WebSocketAsync(program.Http)).JoinAsync("plaza");
        await using (var flood = new Flood(program))
        {
            await UntilAsync(() => program.Process.Output.Any(line => line.Contains("[102]", StringComparison.Ordinal)), "the warning");
            await UntilAsync(() => flood.Resets > 0, "a relay client that was reset");

            // While it lasts: new connections for health, and members as ever.
            for (int i = 1; i <= 10; i++)
            {
                Assert.Equal(HttpStatusCode.OK, await HealthAsync(program));
                await anna.MoveAsync(i);
                await ben.SeesAsync(anna, i);
                await ben.MoveAsync(-i);
                await anna.SeesAsync(ben, -i);
            }

            Assert.True(flood.IsHolding, "The flood has ended before its time.");
        }

        await UntilAsync(() => CanJoinAsync(program), "a new client");
        Assert.Contains(program.Process.Output, line => line.StartsWith("warn:", StringComparison.Ordinal));
        Assert.DoesNotContain(program.Process.Output, line => line.StartsWith("fail:", StringComparison.Ordinal));
        Assert.DoesNotContain(program.Process.Output, line => line.StartsWith("crit:", StringComparison.Ordinal));
        await program.Process.TerminateAsync();
    }

    /// <summary>Asks as a balancer does: more than once. Who says nothing for 100 ms while descriptors are scarce is reset, and this machine may be
    /// too busy to say it in time.</summary>
    private static async Task<HttpStatusCode> HealthAsync(RelayProgram program)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                using HttpClient client = program.Client();
                client.Timeout = TimeSpan.FromSeconds(10);
                return (await client.GetAsync("/health/live")).StatusCode;
            }
            catch (HttpRequestException e)
            {
                Assert.True(attempt < 3, $"{e}\n{program.Process}");
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }

    private static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < ChildProcess.Patience, $"Waited in vain for {what}.");
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private static async Task<bool> CanJoinAsync(RelayProgram program)
    {
        try
        {
            using FrameStream late = await FrameStream.TcpAsync(program.Tcp);
            await late.JoinAsync("plaza");
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Clients who say nothing, who stop within the handshake, and whole ones; whoever is turned away comes again.</summary>
    private sealed class Flood : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _all;
        private int _resets;

        public Flood(RelayProgram program)
        {
            byte[][] openings =
            [
                [],
                Encoding.ASCII.GetBytes("GET /relay HTTP/1.1\r\nHost: relay\r\nUpgrade: webs"),
                FrameStream.Greeting("flood"),
            ];
            _all = Task.WhenAll(Enumerable.Range(0, Floods).Select(i => Task.Run(
                () => LiveAsync(IPEndPoint.Parse(i % 3 == 2 ? program.Tcp : program.Http), openings[i % 3], isRelay: i % 3 == 2))));
        }

        /// <summary>Relay clients that the program has reset.</summary>
        public int Resets => Volatile.Read(ref _resets);

        public bool IsHolding => !_all.IsCompleted;

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _all.WaitAsync(ChildProcess.Patience, TimeProvider.System);
            _end.Dispose();
        }

        private async Task LiveAsync(IPEndPoint endpoint, byte[] opening, bool isRelay)
        {
            byte[] bin = new byte[4096];
            while (!_end.IsCancellationRequested)
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await socket.ConnectAsync(endpoint, _end.Token);
                    await socket.SendAsync(opening, _end.Token);
                    while (await socket.ReceiveAsync(bin, _end.Token) > 0)
                    {
                    }

                    await Task.Delay(Pause, TimeProvider.System, _end.Token);
                }
                catch (SocketException e)
                {
                    if (isRelay && e.SocketErrorCode == SocketError.ConnectionReset)
                    {
                        Interlocked.Increment(ref _resets);
                    }

                    await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }
}
