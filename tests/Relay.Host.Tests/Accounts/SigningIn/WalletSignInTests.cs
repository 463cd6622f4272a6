using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Host.Accounts;
using Relay.Host.Accounts.SigningIn.Wallet;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>Signing in with a wallet, over HTTP. The wallet signs with the platform's ECDSA.</summary>
public sealed class WalletSignInTests
{
    [Fact]
    public async Task Wallet_signsIn_once_andIsTheSameAccountNextTime()
    {
        await using SignInServer server = await SignInServer.StartAsync();
        using var wallet = new Wallet();
        string message = await ChallengeAsync(server, wallet);
        Assert.StartsWith($"{server.Address.Authority} wants you to sign in", message, StringComparison.Ordinal);
        (HttpStatusCode status, JsonNode tokens) = await VerifyAsync(server, message, wallet.Sign(message));
        Assert.Equal((HttpStatusCode.OK, "user", "Bearer"), (status, (string?)tokens["kind"], (string?)tokens["tokenType"]));
        Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(server, message, wallet.Sign(message))).Status);

        string again = await ChallengeAsync(server, wallet);
        Assert.Equal((string?)tokens["accountId"], (string?)(await VerifyAsync(server, again, wallet.Sign(again))).Answer["accountId"]);
    }

    [Fact]
    public async Task Message_thatIsNotTheOneAskedFor_isRefused_andUsesTheChallengeUp()
    {
        await using SignInServer server = await SignInServer.StartAsync(("Accounts:FailuresPerMinute", "100000"), ("Accounts:Wallet:Domains:0", "app.example"));
        using var wallet = new Wallet();
        using var thief = new Wallet();
        foreach (Func<string, string> change in new Func<string, string>[]
        {
            text => text.Replace(server.Address.Authority + " wants", "evil.example wants", StringComparison.Ordinal),
            text => text.Replace(server.Address.Authority + " wants", "app.example wants", StringComparison.Ordinal),
            text => text.Replace("Nonce: ", "Nonce: 0", StringComparison.Ordinal),
            text => text.Replace(wallet.Address, thief.Address, StringComparison.Ordinal),
            text => text.Replace("Version: 1", "Version: 2", StringComparison.Ordinal),
            text => text + "\n",
            text => text.Replace("Expiration Time: 2", "Expiration Time: 1", StringComparison.Ordinal),
        })
        {
            string message = await ChallengeAsync(server, wallet), changed = change(message);
            Assert.NotEqual(message, changed);
            Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(server, changed, wallet.Sign(changed))).Status);
        }

        string asked = await ChallengeAsync(server, wallet);
        Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(server, asked, thief.Sign(asked))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(server, asked, wallet.Sign(asked))).Status);
    }

    [Fact]
    public async Task Challenge_expires()
    {
        await using SignInServer server = await SignInServer.StartAsync();
        using var wallet = new Wallet();
        string message = await ChallengeAsync(server, wallet);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(server, message, wallet.Sign(message))).Status);
    }

    [Fact]
    public async Task Challenge_isRefused_forNonsense_andForPagesOfOthers()
    {
        await using SignInServer server = await SignInServer.StartAsync(("Accounts:Wallet:Domains:0", "app.example"));
        using var wallet = new Wallet();
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("wallet/challenge", new JsonObject { ["address"] = "0x12" })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("wallet/challenge", [])).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("wallet/challenge", Ask(wallet, "evil.example"))).Status);
        (HttpStatusCode status, JsonNode answer) = await server.PostAsync("wallet/challenge", Ask(wallet, "app.example"));
        Assert.Equal(HttpStatusCode.OK, status);
        string message = (string)answer["message"]!;
        Assert.Contains("\nURI: https://app.example\n", message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await VerifyAsync(server, message, wallet.Sign(message))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.PostAsync("wallet/verify", [])).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await VerifyAsync(server, "hello", "0x00")).Status);
    }

    /// <summary>Whoever asks can name any Host: outside development it is worth nothing.</summary>
    [Fact]
    public async Task Host_ofARequest_isNotBelieved()
    {
        await using SignInServer server = await SignInServer.StartAsync();
        using var wallet = new Wallet();
        server.Http.DefaultRequestHeaders.Host = "evil.example";
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.PostAsync("wallet/challenge", Ask(wallet))).Status);
        await using SignInServer closed = await SignInServer.StartAsync(("Host:Development", "false"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await closed.PostAsync("wallet/challenge", Ask(wallet))).Status);
    }

    [Fact]
    public async Task Wallets_areLinkedToTheAccountThatIsSignedIn_andTheLastIdentityStays()
    {
        await using SignInServer server = await SignInServer.StartAsync();
        using var first = new Wallet();
        using var second = new Wallet();
        SessionTokens guest = await server.GuestAsync();
        Assert.Equal("linked", (string?)(await SignAsync(server, first, guest.AccessToken, link: true)).Answer["status"]);
        Assert.Equal("linked", (string?)(await SignAsync(server, second, guest.AccessToken, link: true)).Answer["status"]);
        Assert.Equal(guest.AccountId, (string?)(await SignAsync(server, second)).Answer["accountId"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SignAsync(server, second, link: true)).Status);

        SessionTokens other = await server.GuestAsync();
        Assert.Equal(HttpStatusCode.Conflict, (await SignAsync(server, first, other.AccessToken, link: true)).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, await UnlinkAsync(server, first, null));
        Assert.Equal(HttpStatusCode.NotFound, await UnlinkAsync(server, first, other.AccessToken));
        Assert.Equal(HttpStatusCode.NoContent, await UnlinkAsync(server, first, guest.AccessToken));
        Assert.Equal(HttpStatusCode.Conflict, await UnlinkAsync(server, second, guest.AccessToken));
        using var list = new HttpRequestMessage(HttpMethod.Get, "/api/v1/auth/identities") { Headers = { Authorization = new("Bearer", guest.AccessToken) } };
        JsonNode identities = JsonNode.Parse(await (await server.Http.SendAsync(list)).Content.ReadAsStringAsync())!["identities"]!;
        Assert.Equal(second.Address.ToLowerInvariant(), (string?)Assert.Single(identities.AsArray())!["subject"]);
        Assert.NotEqual(guest.AccountId, (string?)(await SignAsync(server, first)).Answer["accountId"]);
    }

    [Fact]
    public async Task Wallet_onTheListOfAdmins_isOne_alsoAfterARefresh()
    {
        using var wallet = new Wallet();
        await using SignInServer server = await SignInServer.StartAsync(("Accounts:Admins:0", "wallet:" + wallet.Address));
        string account = (string)(await SignAsync(server, wallet)).Answer["accountId"]!;
        Assert.True((await server.Get<AccountDesk>().FindAsync(account, default))!.IsAdmin);
        using var other = new Wallet();
        string nobody = (string)(await SignAsync(server, other)).Answer["accountId"]!;
        Assert.False((await server.Get<AccountDesk>().FindAsync(nobody, default))!.IsAdmin);
    }

    private static async Task<HttpStatusCode> UnlinkAsync(SignInServer server, Wallet wallet, string? bearer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/auth/identities?provider=wallet&subject=" + wallet.Address.ToLowerInvariant());
        request.Headers.Authorization = bearer is null ? null : new("Bearer", bearer);
        return (await server.Http.SendAsync(request)).StatusCode;
    }

    private static JsonObject Ask(Wallet wallet, string? domain = null) =>
        domain is null ? new JsonObject { ["address"] = wallet.Address } : new JsonObject { ["address"] = wallet.Address, ["domain"] = domain };

    private static async Task<string> ChallengeAsync(SignInServer server, Wallet wallet)
    {
        (HttpStatusCode status, JsonNode answer) = await server.PostAsync("wallet/challenge", Ask(wallet));
        Assert.True(status == HttpStatusCode.OK, answer.ToJsonString());
        return (string)answer["message"]!;
    }

    private static Task<(HttpStatusCode Status, JsonNode Answer)> VerifyAsync(
        SignInServer server, string message, string signature, string? bearer = null, bool link = false) =>
        server.PostAsync("wallet/verify", new JsonObject { ["message"] = message, ["signature"] = signature, ["link"] = link }, bearer);

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> SignAsync(SignInServer server, Wallet wallet, string? bearer = null, bool link = false)
    {
        string message = await ChallengeAsync(server, wallet);
        return await VerifyAsync(server, message, wallet.Sign(message), bearer, link);
    }

    private sealed class Wallet : IDisposable
    {
        private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

        private readonly ECDsa _key = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        private readonly EthereumAddress _address;

        public Wallet()
        {
            ECPoint point = _key.ExportParameters(includePrivateParameters: false).Q;
            _address = EthereumAddress.OfKey([.. point.X!, .. point.Y!]);
        }

        public string Address => _address.ToString();

        /// <summary>What <c>personal_sign</c> gives: with the lower s, and the v that leads back to the key.</summary>
        public string Sign(string message)
        {
            byte[] text = Encoding.UTF8.GetBytes(message);
            byte[] prefix = Encoding.ASCII.GetBytes($"\u0019Ethereum Signed Message:\n{text.Length}");
            byte[] signature = [.. _key.SignHash(Keccak256.Hash([.. prefix, .. text])), 27];
            var s = new BigInteger(signature.AsSpan(32, 32), isUnsigned: true, isBigEndian: true);
            if (s > Order / 2)
            {
                byte[] low = (Order - s).ToByteArray(isUnsigned: true, isBigEndian: true);
                signature.AsSpan(32, 32).Clear();
                low.CopyTo(signature, 64 - low.Length);
            }

            if (!EthereumAddress.TryRecover(message, signature, out EthereumAddress signer) || signer != _address)
            {
                signature[64] = 28;
            }

            return "0x" + Convert.ToHexStringLower(signature);
        }

        public void Dispose() => _key.Dispose();
    }
}
