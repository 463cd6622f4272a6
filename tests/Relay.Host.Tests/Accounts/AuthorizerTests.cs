using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Relay.Core.Hosting;
using Relay.Host.Accounts;
using Relay.Protocol;

namespace Relay.Host.Tests.Accounts;

/// <summary>Who comes in at the relay's door, by what, where to, and until when.</summary>
public sealed class AuthorizerTests : IClassFixture<AccountsFixture>
{
    private readonly AccountsServer _server;

    public AuthorizerTests(AccountsFixture fixture) => _server = fixture.Server;

    [Fact]
    public async Task Ticket_accessToken_andRequestHeader_letIn_underTheAccountsName()
    {
        AccountsServer.Guest anna = await _server.GuestAsync("Anna");
        using RelaySocket byTicket = await RelaySocket.InAsync(_server, await anna.TicketAsync());
        using RelaySocket byToken = await RelaySocket.InAsync(_server, anna.Access);
        using RelaySocket byQuery = await RelaySocket.WebAsync(_server, "?ticket=" + await anna.TicketAsync());
        Assert.Equal(CloseCode.None, await byQuery.HelloAsync("whatever the Hello says"));
        using RelaySocket byHeader = await RelaySocket.WebAsync(_server, "", anna.Access);
        Assert.Equal(CloseCode.None, await byHeader.HelloAsync(""));
        Assert.All(new[] { byTicket, byToken, byQuery, byHeader }, socket => Assert.Equal("Anna", socket.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Anna")]
    [InlineData("operator")]
    [InlineData("tk_")]
    public async Task Others_areRefused_outsideOfDevelopment(string credentials)
    {
        using RelaySocket tcp = await RelaySocket.TcpAsync(_server);
        Assert.Equal(CloseCode.Unauthorized, await tcp.HelloAsync(credentials));
        using RelaySocket web = await RelaySocket.WebAsync(_server);
        Assert.Equal(CloseCode.Unauthorized, await web.HelloAsync(credentials));
    }

    /// <summary>Odyssey left the socket open when the subject was not the one expected.</summary>
    [Fact]
    public async Task OdysseyDefect8_socketLeftOpenOnAMismatch_isClosed()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        using RelaySocket socket = await RelaySocket.TcpAsync(_server);
        Assert.Equal(CloseCode.Unauthorized, await socket.HelloAsync(anna.Access[..^2] + "xx"));
        // After its Close nothing more comes, and the connection ends.
        await Assert.ThrowsAnyAsync<Exception>(() => socket.NextAsync());
    }

    [Fact]
    public async Task Development_letsAnybodyIn_underAnyName_butNotWithABadSecret()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Host:Development=true");
        AccountsServer.Guest anna = await server.GuestAsync("Anna");
        using RelaySocket ben = await RelaySocket.InAsync(server, "Ben");
        Assert.Equal("Ben", ben.Name);
        using RelaySocket nobody = await RelaySocket.InAsync(server, "");
        Assert.StartsWith("guest-", nobody.Name, StringComparison.Ordinal);
        using RelaySocket known = await RelaySocket.InAsync(server, anna.Access);
        Assert.Equal("Anna", known.Name);
        foreach (string bad in new[] { anna.Access + "x", "tk_" + Secrets.NewSecret(), "rk_" + Secrets.NewId() + "_" + Secrets.NewSecret() })
        {
            using RelaySocket socket = await RelaySocket.TcpAsync(server);
            Assert.Equal(CloseCode.Unauthorized, await socket.HelloAsync(bad));
        }

        using RelaySocket header = await RelaySocket.WebAsync(server, "", anna.Access + "x");
        Assert.Equal(CloseCode.Unauthorized, await header.HelloAsync("Ben"));
    }

    [Fact]
    public async Task Case31_ticket_isGoodOnce_for30Seconds_andNowhereElse()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        string ticket = await anna.TicketAsync();
        using RelaySocket first = await RelaySocket.WebAsync(_server, "?ticket=" + ticket);
        Assert.Equal(CloseCode.None, await first.HelloAsync(""));
        using RelaySocket byQuery = await RelaySocket.WebAsync(_server, "?ticket=" + ticket);
        Assert.Equal(CloseCode.Unauthorized, await byQuery.HelloAsync(""));
        using RelaySocket byHello = await RelaySocket.TcpAsync(_server);
        Assert.Equal(CloseCode.Unauthorized, await byHello.HelloAsync(ticket));
        Assert.DoesNotContain(ticket, _server.Log, StringComparison.Ordinal);

        string late = await anna.TicketAsync();
        _server.Time.Shift += TimeSpan.FromSeconds(31);
        using RelaySocket expired = await RelaySocket.TcpAsync(_server);
        Assert.Equal(CloseCode.Unauthorized, await expired.HelloAsync(late));

        using HttpClient client = _server.NewClient(await anna.TicketAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("me")).StatusCode);
    }

    [Fact]
    public async Task Case31_ticket_shownEightTimesAtOnce_letsOneIn()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        string ticket = await anna.TicketAsync();
        CloseCode[] codes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            RelaySocket socket = await RelaySocket.TcpAsync(_server);
            return await socket.HelloAsync(ticket);
        }));
        Assert.Single(codes, CloseCode.None);
    }

    [Fact]
    public async Task Tickets_ofOneAccount_areBounded_andMakeRoomAgain()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        for (int i = 0; i < TicketDesk.MostOfOne; i++)
        {
            await anna.TicketAsync();
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await anna.PostAsync("ticket")).StatusCode);
        await (await _server.GuestAsync()).TicketAsync();
        _server.Time.Shift += TimeSpan.FromSeconds(31);
        await anna.TicketAsync();
        Assert.Equal(1, _server.Get<TicketDesk>().Count);
        _server.Time.Shift += TimeSpan.FromSeconds(31);
    }

    [Fact]
    public async Task Case30_ticketAndRoomTokenForRoomA_doNotOpenRoomB()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        using RelaySocket bound = await RelaySocket.InAsync(_server, await anna.TicketAsync("room-a"));
        Assert.Equal(CloseCode.Forbidden, await bound.JoinAsync("room-b"));
        Assert.Equal(CloseCode.None, await bound.JoinAsync("room-a"));

        string token = await _server.RoomTokenAsync(new { room = "room-a", account = anna.Account, role = "moderator" });
        using RelaySocket socket = await RelaySocket.InAsync(_server, anna.Access);
        Assert.Equal(CloseCode.Forbidden, await socket.JoinAsync("room-b", token));
        Assert.Equal(CloseCode.None, await socket.JoinAsync("room-a", token));
    }

    /// <summary>Reticulum opened a room that asks for accounts to whoever sent any permissions token at all, and took one of another room.
    /// </summary>
    [Fact]
    public async Task HubsHoleE_roomTokenThatIsNotGood_opensNothing()
    {
        AccountsServer.Guest anna = await _server.GuestAsync("Anna"), ben = await _server.GuestAsync("Ben");
        string ofBen = await _server.RoomTokenAsync(new { room = "plaza", account = ben.Account, role = "owner" });
        string ofGuestBen = await _server.RoomTokenAsync(new { room = "plaza", guest = "Ben" });
        string late = await _server.RoomTokenAsync(new { room = "plaza", account = anna.Account });
        using RelaySocket socket = await RelaySocket.InAsync(_server, anna.Access);
        Assert.Equal(CloseCode.Forbidden, await socket.JoinAsync("plaza", ofBen));
        Assert.Equal(CloseCode.Forbidden, await socket.JoinAsync("plaza", ofGuestBen));
        Assert.Equal(CloseCode.Forbidden, await socket.JoinAsync("plaza", "eyJ.x.y"));
        Assert.Equal(CloseCode.Forbidden, await socket.JoinAsync("plaza", anna.Access));
        Assert.Equal(CloseCode.Forbidden, await socket.JoinAsync("plaza", late[..^4] + "AAAA"));
        using RelaySocket asHello = await RelaySocket.TcpAsync(_server);
        Assert.Equal(CloseCode.Unauthorized, await asHello.HelloAsync(late));
        using RelaySocket guest = await RelaySocket.InAsync(_server, ben.Access);
        Assert.Equal(CloseCode.None, await guest.JoinAsync("plaza", ofGuestBen));

        _server.Time.Shift += TimeSpan.FromMinutes(7);
        Assert.Equal(CloseCode.Forbidden, await socket.JoinAsync("plaza", late));
    }

    [Fact]
    public async Task RoomToken_isIssuedByServersAndOperators_andCheckedOffline_byThePublishedKeys()
    {
        AccountsServer.Guest anna = await _server.GuestAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await anna.PostAsync("room-token", new { room = "plaza", account = anna.Account })).StatusCode);
        string text = await _server.RoomTokenAsync(new { room = "plaza", account = anna.Account, permissions = new[] { "speak" }, expiresIn = 60 });
        using var client = new HttpClient();
        JsonNode jwks = (await client.GetFromJsonAsync<JsonNode>($"http://{_server.Http}/.well-known/jwks.json"))!;
        var token = Relay.Host.Accounts.Jwt.JwtToken.Read(text)!;
        JsonNode jwk = jwks["keys"]!.AsArray().Single(key => (string)key!["kid"]! == token.KeyId)!;
        Assert.Null(jwk["d"]);
        using Relay.Host.Accounts.Jwt.JwtKey key = Relay.Host.Accounts.Jwt.JwtKey.Read(System.Text.Json.JsonDocument.Parse(jwk.ToJsonString()).RootElement)!;
        Assert.True(key.Verify(token.Signed, token.Signature));
        Assert.Equal(("plaza", RoomTokens.Type, "operator"), (token.Text("room"), token.Type, token.Text("issued_by")));
        using HttpClient admin = _server.NewClient(AccountsServer.AdminKey);
        foreach (object wrong in new object[] { new { room = "plaza" }, new { account = anna.Account }, new { room = "plaza", account = "x" }, new { room = "plaza", guest = "x", expiresIn = 301 } })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await admin.PostAsJsonAsync("room-token", wrong)).StatusCode);
        }
    }

    [Fact]
    public async Task Revoked_session_isClosedAtOnce_wherever_andOnlyThat()
    {
        AccountsServer.Guest anna = await _server.GuestAsync(), ben = await _server.GuestAsync();
        using RelaySocket inRoom = await RelaySocket.InAsync(_server, await anna.TicketAsync());
        Assert.Equal(CloseCode.None, await inRoom.JoinAsync("plaza"));
        using RelaySocket outside = await RelaySocket.InAsync(_server, anna.Access);
        using RelaySocket other = await RelaySocket.InAsync(_server, ben.Access);
        string ticket = await anna.TicketAsync();
        await anna.PostAsync("logout");
        Assert.Equal((CloseCode.Unauthorized, CloseCode.Unauthorized), (await inRoom.ClosedAsync(), await outside.ClosedAsync()));
        using RelaySocket late = await RelaySocket.TcpAsync(_server);
        Assert.Equal(CloseCode.Unauthorized, await late.HelloAsync(ticket));
        Assert.Equal(CloseCode.None, await other.JoinAsync("plaza"));
    }

    [Fact]
    public async Task Revoked_session_thatWaitsForItsClient_isOver_andDoesNotComeBack()
    {
        await using AccountsServer server = await AccountsServer.StartAsync();
        AccountsServer.Guest anna = await server.GuestAsync();
        RelaySocket socket = await RelaySocket.InAsync(server, anna.Access);
        Assert.Equal(CloseCode.None, await socket.JoinAsync("plaza"));
        byte[] token = socket.ResumeToken;
        socket.Break();
        await SuspendedAsync(server, 1);
        using HttpClient admin = server.NewClient(AccountsServer.AdminKey);
        Assert.Equal(HttpStatusCode.OK, (await admin.PostAsync($"accounts/{anna.Account}/disable", null)).StatusCode);
        await SuspendedAsync(server, 0);
        using RelaySocket again = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.Unauthorized, await again.HelloAsync(anna.Access, token));
    }

    [Fact]
    public async Task Case32_tokenThatExpires_inMidSession_isWarnedOf_renewedByAFreshOneOfTheSameUser_orTheConnectionIsClosed()
    {
        await using AccountsServer server = await AccountsServer.StartAsync("--Relay:Limits:CredentialsGrace=00:00:00.5", "--Relay:Accounts:AccessTokenLifetime=00:01:00");
        AccountsServer.Guest anna = await server.GuestAsync(), ben = await server.GuestAsync();
        using RelaySocket renewed = await RelaySocket.InAsync(server, anna.Access);
        Assert.Equal(CloseCode.Unauthorized, await renewed.RenewAsync(anna.Access + "x"));
        Assert.Equal(CloseCode.Unauthorized, await renewed.RenewAsync((await server.GuestAsync()).Access));
        Assert.Equal(HttpStatusCode.OK, await anna.RefreshAsync());
        Assert.Equal(CloseCode.None, await renewed.RenewAsync(await anna.TicketAsync()));
        Assert.Equal(CloseCode.None, await renewed.JoinAsync("plaza"));

        // Its time is over, but for the 60 seconds that clocks may differ.
        server.Time.Shift += TimeSpan.FromSeconds(60);
        using RelaySocket late = await RelaySocket.InAsync(server, ben.Access);
        await late.NextAsync(Relay.Protocol.Frames.FrameType.Expiring);
        Assert.Equal(CloseCode.Unauthorized, await late.ClosedAsync());
        Assert.Equal(CloseCode.AlreadyInRoom, await renewed.JoinAsync("plaza"));

        // Its session waits, and goes on with a fresh token.
        Assert.Equal(HttpStatusCode.OK, await ben.RefreshAsync());
        using RelaySocket back = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.None, await back.HelloAsync(ben.Access, late.ResumeToken));
        Assert.Equal(late.Session, back.Session);
    }

    [Fact]
    public async Task Case35_resumeWithWrongCredentials_orByAnotherAccount_isRefused_andTheSessionWaitsOn()
    {
        await using AccountsServer server = await AccountsServer.StartAsync();
        AccountsServer.Guest anna = await server.GuestAsync("Anna"), ben = await server.GuestAsync("Ben");
        RelaySocket socket = await RelaySocket.InAsync(server, anna.Access);
        Assert.Equal(CloseCode.None, await socket.JoinAsync("plaza"));
        (Guid session, byte[] token) = (socket.Session, socket.ResumeToken);
        socket.Break();
        await SuspendedAsync(server, 1);

        using RelaySocket bad = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.Unauthorized, await bad.HelloAsync(anna.Access[..^4] + "AAAA", token));
        using RelaySocket thief = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.None, await thief.HelloAsync(ben.Access, token));
        Assert.NotEqual(session, thief.Session);
        Assert.Equal("Ben", thief.Name);
        byte[] guessed = [.. token];
        guessed[^1] ^= 1;
        using RelaySocket guesser = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.None, await guesser.HelloAsync(anna.Access, guessed));
        Assert.NotEqual(session, guesser.Session);
        Assert.Equal(1, server.Get<RelayServer>().SuspendedCount);

        using RelaySocket back = await RelaySocket.TcpAsync(server);
        Assert.Equal(CloseCode.None, await back.HelloAsync(anna.Access, token));
        Assert.Equal(session, back.Session);
    }

    private static async Task SuspendedAsync(AccountsServer server, int count)
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        while (server.Get<RelayServer>().SuspendedCount != count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
        }
    }
}
