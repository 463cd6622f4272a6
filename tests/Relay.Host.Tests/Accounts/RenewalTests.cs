using System.Collections.Concurrent;
using System.Text;
using Relay.Client;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Host.Tests.Accounts;

/// <summary>What clients do by themselves when what they came in by expires.</summary>
public sealed class RenewalTests
{
    private static readonly TimeSpan NearlyAll = TimeSpan.FromSeconds(59.5);

    [Fact]
    public async Task Case32_client_withAProvider_renewsByItself_andStaysConnected()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Accounts:AccessTokenLifetime=00:01:00");
        AccountsServer.Guest anna = await server.GuestAsync("Anna");
        // Half a second is left of the token that the first ticket is asked for with.
        server.Time.Shift += NearlyAll;
        int asked = 0;
        var handler = new Ear();
        await using var client = new RelayClient(handler, new RelayClientOptions
        {
            CredentialsProvider = async _ =>
            {
                if (Interlocked.Increment(ref asked) > 1)
                {
                    await anna.RefreshAsync();
                }

                return Encoding.ASCII.GetBytes(await anna.TicketAsync());
            },
            FrameObserver = handler,
        });
        await client.ConnectAsync(new Uri($"ws://{server.Http}/relay"));
        await client.JoinAsync("plaza");
        await handler.UntilAsync("Done");
        Assert.Equal(["expiring 25", "Renew", "Done"], handler.Heard);
        Assert.Equal((2, RelayClientState.Connected), (asked, client.State));
        await client.ChangeRoomAsync("elsewhere");
    }

    [Fact]
    public async Task Case32_client_thatIsTold_mayRenewByHand()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Accounts:AccessTokenLifetime=00:01:00");
        AccountsServer.Guest anna = await server.GuestAsync("Anna"), ben = await server.GuestAsync("Ben");
        server.Time.Shift += NearlyAll;
        var handler = new Ear();
        await using var client = new RelayClient(handler, new RelayClientOptions { Credentials = Encoding.ASCII.GetBytes(anna.Access), FrameObserver = handler });
        await client.ConnectAsync(new Uri($"ws://{server.Http}/relay"));
        await handler.UntilAsync("expiring 25");
        RelayException refused = await Assert.ThrowsAsync<RelayException>(() => client.RenewCredentialsAsync(Encoding.ASCII.GetBytes(ben.Access)));
        Assert.Equal(CloseCode.Unauthorized, refused.Code);
        await anna.RefreshAsync();
        await client.RenewCredentialsAsync(Encoding.ASCII.GetBytes(anna.Access));
        await client.JoinAsync("plaza");
    }

    [Fact]
    public async Task Case32_client_whoseProviderFails_isClosed_andComesBackInItsSession_onceItHasSomething()
    {
        await using AccountsServer server = await AccountsServer.StartAsync(
            "--Relay:Accounts:AccessTokenLifetime=00:01:00", "--Relay:Limits:CredentialsGrace=00:00:00.2");
        AccountsServer.Guest anna = await server.GuestAsync("Anna");
        server.Time.Shift += NearlyAll;
        int asked = 0;
        var handler = new Ear();
        await using var client = new RelayClient(handler, new RelayClientOptions
        {
            Reconnect = { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(50) },
            CredentialsProvider = async _ =>
            {
                switch (Interlocked.Increment(ref asked))
                {
                    case 1:
                        break;
                    case 2:
                        throw new HttpRequestException("The accounts' server is away.");
                    default:
                        await anna.RefreshAsync();
                        break;
                }

                return Encoding.ASCII.GetBytes(await anna.TicketAsync());
            },
            FrameObserver = handler,
        });
        await client.ConnectAsync(new Uri($"ws://{server.Http}/relay"));
        await client.JoinAsync("plaza");
        await handler.UntilAsync("reconnected, resumed: True");
        Assert.Equal(["expiring 0.2", "reconnecting: CredentialsExpired", "reconnected, resumed: True"], handler.Heard);
        Assert.Equal("plaza", client.Room!.Name);
    }

    private sealed class Ear : RelayHandler, IFrameObserver
    {
        private readonly ConcurrentQueue<string> _heard = new();

        public string[] Heard => [.. _heard];

        public async Task UntilAsync(string line)
        {
            using var patience = new CancellationTokenSource(ChildProcess.Patience, TimeProvider.System);
            while (!_heard.Contains(line))
            {
                Assert.False(patience.IsCancellationRequested, $"Never heard {line}; heard: {string.Join("; ", Heard)}");
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
            }
        }

        public void OnFrame(FrameDirection direction, FrameType type, ReadOnlySpan<byte> body, long localMicros)
        {
            // Nothing else that these tests ask for is answered with Done.
            if (type is FrameType.Renew or FrameType.Done)
            {
                _heard.Enqueue(type.ToString());
            }
        }

        public override void OnReconnecting(ReconnectAttempt attempt) => _heard.Enqueue($"reconnecting: {attempt.Cause.Cause}");

        public override void OnReconnected(Reconnection reconnection) => _heard.Enqueue($"reconnected, resumed: {reconnection.Resumed}");

        public override void OnCredentialsExpiring(TimeSpan grace) => _heard.Enqueue(FormattableString.Invariant($"expiring {grace.TotalSeconds}"));
    }
}
