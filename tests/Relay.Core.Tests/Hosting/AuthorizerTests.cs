using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Tests.Kit;
using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Core.Tests.Hosting;

/// <summary>Who comes in and where: the embedder's hooks, and what holds without them.</summary>
public sealed class AuthorizerTests
{
    [Theory]
    [ClassData(typeof(AllWires))]
    public async Task Authorizer_isAskedWithWhatTheClientSaid_andItsIdentityReachesTheJoin(Wire wire)
    {
        var door = new Door();
        await using RelayTestServer server = await StartAsync(door);
        await using Peer anna = Peer.Over(await RawClient.ConnectAsync(server, wire));
        await anna.Raw.SendAsync(Frames.Hello("anna:key", agent: "unity/6"), Frames.Join(1, "plaza", ticket: "ticket-1"));
        await anna.UntilAsync(() => anna.Snapshots == 1, "the room");
        Assert.Equal("Anna", anna.Welcome!.Name);

        ConnectAttempt attempt = Assert.Single(door.Connects);
        Assert.Equal(("anna:key", "unity/6"), (Encoding.UTF8.GetString(attempt.Credentials.Span), attempt.Agent));
        Assert.Equal(
            (wire.IsWebSocket(), wire.IsTls(), anna.Raw.Socket.LocalEndPoint),
            (attempt.IsWebSocket, attempt.IsEncrypted, attempt.RemoteEndPoint));
        JoinAttempt join = Assert.Single(door.Joins);
        Assert.Equal(("plaza", "ticket-1", "Anna", (object?)door), (join.Room, Encoding.UTF8.GetString(join.Ticket.Span), join.Name, join.Identity));
    }

    [Theory]
    [InlineData("refuse", "not today", 0, 0)]
    [InlineData("throw", "could not decide", 0, 1)]
    [InlineData("hang", "in time", 1, 0)]
    [InlineData("ignore", "in time", 1, 0)]
    [InlineData("block", "in time", 1, 0)]
    public async Task Connect_thatTheAuthorizerDoesNotAllow_isClosedWith4401(string credentials, string text, int slow, int failed)
    {
        await using RelayTestServer server = await StartAsync(new Door());
        foreach (Wire wire in new[] { Wire.Tcp, Wire.WebSocket, Wire.PipeTcp, Wire.PipeWebSocket })
        {
            await using RawClient client = await RawClient.ConnectAsync(server, wire);
            await client.SendAsync(Frames.Hello(credentials));
            Ending ending = await client.ReadToEndAsync();
            Assert.Equal(CloseCode.Unauthorized, ending.Close!.Code);
            Assert.Contains(text, ending.Close.Text, StringComparison.Ordinal);
        }

        Assert.Equal((4 * slow, 4 * failed), (server.Log.WithId(5).Count(), server.Log.WithId(6).Count()));
        await Waiting.UntilAsync(() => server.Metrics.Sum("relay.server.rejected_connections") == 4, "the refusals");
        Assert.Empty(server.Metrics.All("relay.server.active_connections"));
    }

    [Theory]
    [InlineData("refuse", "not today")]
    [InlineData("throw", "could not decide")]
    [InlineData("hang", "in time")]
    [InlineData("ignore", "in time")]
    [InlineData("block", "in time")]
    [InlineData("misfit", "misconfigured")]
    public async Task Join_thatTheAuthorizerDoesNotAllow_isForbidden_andTheConnectionLivesOn(string room, string text)
    {
        await using RelayTestServer server = await StartAsync(new Door());
        await using Peer anna = await Peer.ConnectAsync(server, Wire.WebSocket, "anna:key");
        ErrorFacts error = await anna.RefusedAsync(sequence => Frames.Join(sequence, room));
        Assert.Equal((CloseCode.Forbidden, FrameType.Join), (error.Code, error.Refused));
        Assert.Contains(text, error.Text, StringComparison.Ordinal);
        Assert.Equal(2u, (await anna.JoinAsync("small")).Capacity);
        Assert.Equal(0u, anna.Seat!.TickMicros);
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Join_thatWaitsForItsAuthorizer_holdsNobodyElseUp(Wire wire)
    {
        await using RelayTestServer server = await StartAsync(new Door(), TimeSpan.FromMinutes(1));
        await using Peer waiting = await Peer.ConnectAsync(server, wire, "anna:key");
        await waiting.Raw.SendAsync(Frames.Join(1, "hang"), Frames.Ping(1));
        await using Peer other = await Peer.JoinAsync(server, wire, "plaza", "anna:key");
        await other.SettleAsync();

        // Nor does a peer that goes away meanwhile stay behind.
        await waiting.DisposeAsync();
        await Waiting.UntilAsync(() => server.Relay.ConnectionCount == 1, "the departure");
    }

    [Theory]
    [ClassData(typeof(PlainWires))]
    public async Task Default_withoutAllowAnonymous_refusesWhomNobodyVouchesFor(Wire wire)
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(options => options.AllowAnonymous = false);
        await using RawClient client = await RawClient.ConnectAsync(server, wire);
        await client.SendAsync(Frames.Hello("Anna"));
        Assert.Equal(CloseCode.Unauthorized, (await client.ReadToEndAsync()).Close!.Code);
        Assert.Empty(server.Log.WithId(10));
    }

    [Fact]
    public async Task Default_letsInWhomAspNetHasAuthenticated_andRequireAuthorizationRefusesTheRest()
    {
        await using RelayTestServer server = await RelayTestServer.StartAsync(
            options => options.AllowAnonymous = false,
            builder =>
            {
                builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, TestScheme>("test", null);
                builder.Services.AddAuthorization();
            },
            app => app.MapRelay("/world").RequireAuthorization());
        await using RawWebSocketClient stranger = await RawWebSocketClient.ConnectAsync(server, path: "/world");
        Assert.Equal(401, stranger.Status);
        await using Peer anna = Peer.Over(await RawWebSocketClient.ConnectAsync(server, path: "/world", headers: "Authorization: Bearer of Anna\r\n"));
        await anna.HelloAsync("Mallory");
        Assert.Equal("of Anna", anna.Welcome!.Name);
    }

    private static Task<RelayTestServer> StartAsync(Door door, TimeSpan? timeout = null) => RelayTestServer.StartAsync(
        options => options.Limits.AuthorizeTimeout = timeout ?? TimeSpan.FromMilliseconds(500),
        builder => builder.Services.AddSingleton(door).AddRelay().AddAuthorizer<DoorKeeper>());

    private sealed class Door
    {
        public ConcurrentQueue<ConnectAttempt> Connects { get; } = new();

        public ConcurrentQueue<JoinAttempt> Joins { get; } = new();
    }

    /// <summary>Lets people in or not by what they say.</summary>
    private sealed class DoorKeeper(Door door) : IRelayAuthorizer
    {
        public async ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
        {
            door.Connects.Enqueue(attempt);
            string credentials = Encoding.UTF8.GetString(attempt.Credentials.Span);
            return await DecideAsync(credentials, cancellationToken) ? ConnectDecision.Allow("Anna", door) : ConnectDecision.Refuse("Sorry, not today.");
        }

        public async ValueTask<JoinDecision> AuthorizeJoinAsync(JoinAttempt attempt, CancellationToken cancellationToken)
        {
            door.Joins.Enqueue(attempt);
            if (!await DecideAsync(attempt.Room, cancellationToken))
            {
                return JoinDecision.Refuse("Sorry, not today.");
            }

            return attempt.Room switch
            {
                "small" => JoinDecision.Allow(new RoomOptions { Capacity = 2, TickRate = 0 }),
                "misfit" => JoinDecision.Allow(new RoomOptions { Capacity = -1 }),
                _ => JoinDecision.Allow(),
            };
        }

        private static async Task<bool> DecideAsync(string word, CancellationToken cancellationToken)
        {
            switch (word)
            {
                case "refuse":
                    return false;
                case "throw":
                    throw new ArgumentException("The store of users is down.");
                case "hang":
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                    break;
                case "block":
                    new ManualResetEventSlim().Wait(TimeSpan.FromSeconds(3), CancellationToken.None);
                    break;
                case "ignore":
                    await new TaskCompletionSource().Task;
                    break;
            }

            return true;
        }
    }

    private sealed class TestScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            string header = Request.Headers.Authorization.ToString();
            if (!header.StartsWith("Bearer ", StringComparison.Ordinal))
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, header["Bearer ".Length..])], "test");
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), "test")));
        }
    }
}
