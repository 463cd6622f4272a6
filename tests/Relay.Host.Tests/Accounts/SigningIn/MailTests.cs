using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Relay.Host.Accounts;
using Relay.Host.Accounts.SigningIn;
using Relay.Host.Accounts.SigningIn.Mail;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>Links in mails, sent to a real mail server.</summary>
[Collection(PeersGroup.Name)]
public sealed partial class MailTests(Peers peers)
{
    [Fact]
    public async Task Link_letsTheWaitingTabIn_once_andScannersUseNothingUp()
    {
        await using SignInServer server = await StartAsync();
        string address = NewAddress();
        (string handle, string mark) = await AskAsync(server, address);
        Task<(HttpStatusCode Status, JsonNode Answer)> waiting = server.PostAsync("mail/wait", new JsonObject { ["handle"] = handle });
        JsonNode mail = await MailToAsync(address);
        Assert.Equal(("relay@rooms.example", "relay"), ((string?)mail["from"], (string?)mail["user"]));
        Uri link = LinkOf(mail);
        Assert.Contains($"shows {mark}", Text(mail), StringComparison.Ordinal);
        Assert.Equal(new Uri(server.Address, MailEndpoints.Page).AbsoluteUri, link.GetLeftPart(UriPartial.Path));

        // Scanners open what stands in mails. What stands behind the # they do not even send.
        for (int i = 0; i < 3; i++)
        {
            HttpResponseMessage page = await server.Http.GetAsync(link);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Contains("no-referrer", page.Headers.GetValues("Referrer-Policy"));
            Assert.Contains("no-store", page.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        }

        Assert.False(waiting.IsCompleted);
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(server, link)).Status);
        (HttpStatusCode status, JsonNode tokens) = await waiting;
        Assert.Equal((HttpStatusCode.OK, "user"), (status, (string?)tokens["kind"]));

        Assert.Equal(HttpStatusCode.Gone, (await ConfirmAsync(server, link)).Status);
        Assert.Null(await server.Get<MailDesk>().WaitAsync(handle, TimeSpan.FromMilliseconds(1), default));

        // The same address in another case is the same account.
        (string again, _) = await AskAsync(server, address.ToUpperInvariant());
        await ConfirmAsync(server, LinkOf(await MailToAsync(address, 1)));
        Assert.Equal((string?)tokens["accountId"], (string?)(await server.PostAsync("mail/wait", new JsonObject { ["handle"] = again })).Answer["accountId"]);
    }

    [Fact]
    public async Task Link_expires_andSoDoesAConfirmedSignIn()
    {
        await using SignInServer server = await StartAsync();
        string address = NewAddress();
        await AskAsync(server, address);
        server.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(HttpStatusCode.Gone, (await ConfirmAsync(server, LinkOf(await MailToAsync(address)))).Status);

        (string handle, _) = await AskAsync(server, address);
        Assert.Equal(HttpStatusCode.OK, (await ConfirmAsync(server, LinkOf(await MailToAsync(address, 1)))).Status);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(await server.Get<MailDesk>().WaitAsync(handle, TimeSpan.FromMilliseconds(1), default));
    }

    [Fact]
    public async Task Address_isNowhere_neitherInTheDatabaseNorInTheLog()
    {
        await using SignInServer server = await StartAsync();
        string address = NewAddress();
        (string handle, _) = await AskAsync(server, address);
        Uri link = LinkOf(await MailToAsync(address));
        await ConfirmAsync(server, link);
        JsonNode tokens = (await server.PostAsync("mail/wait", new JsonObject { ["handle"] = handle })).Answer;
        string account = (string)tokens["accountId"]!;
        string stored = Encoding.Latin1.GetString(server.StoredBytes);
        Assert.Contains(account, stored, StringComparison.Ordinal);
        string local = address.Split('@')[0];
        foreach (string secret in new[] { local, link.Fragment[1..], handle, (string)tokens["refreshToken"]!, "mail-secret" })
        {
            Assert.DoesNotContain(secret, stored, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, server.Log.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Answer_isTheSame_whetherTheAddressIsKnownOrNot_andBeyondTheLimitNoMailIsSent()
    {
        await using SignInServer server = await StartAsync(("Accounts:Mail:MailsPerHour", "2"), ("Accounts:Mail:AsksPerMinute", "5"));
        string address = NewAddress();
        for (int i = 0; i < 4; i++)
        {
            (HttpStatusCode status, JsonNode answer) = await server.PostAsync("mail/start", new JsonObject { ["address"] = address });
            Assert.Equal(HttpStatusCode.Accepted, status);
            Assert.Equal(["handle", "mark", "expiresIn"], answer.AsObject().Select(member => member.Key));
        }

        await MailToAsync(address, 1);
        await AskAsync(server, NewAddress());
        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.PostAsync("mail/start", new JsonObject { ["address"] = NewAddress() })).Status);
        Assert.Equal(2, (await peers.OrderAsync("mails")).AsArray().Count(mail => (string?)mail!["to"]![0] == address));
    }

    [Theory]
    [InlineData("")]
    [InlineData("anna")]
    [InlineData("@rooms.example")]
    [InlineData("anna@")]
    [InlineData("anna@rooms.example\r\nBcc: eve@evil.example")]
    [InlineData("anna@rooms.example\nSubject: x")]
    [InlineData("anna@rooms.example, eve@evil.example")]
    [InlineData("anna@rooms.example>\r\nRCPT TO:<eve@evil.example")]
    [InlineData("\"anna smith\"@rooms.example")]
    [InlineData("Anna <anna@rooms.example>")]
    [InlineData("anna@[127.0.0.1]")]
    [InlineData("anna@rooms..example")]
    [InlineData(".anna@rooms.example")]
    [InlineData("an..na@rooms.example")]
    [InlineData("anna@-rooms.example")]
    [InlineData("änna@rooms.example")]
    [InlineData("anna\0@rooms.example")]
    public void Address_thatIsNone_isNotTaken(string address) => Assert.Null(MailAddresses.Normalise(address));

    [Fact]
    public async Task Address_thatIsNone_isRefused()
    {
        await using SignInServer server = await SignInServer.StartAsync();
        foreach (JsonNode? address in new JsonNode?[] { "anna@rooms.example\r\nBcc: eve@evil.example", null, 7 })
        {
            (HttpStatusCode status, JsonNode answer) = await server.PostAsync("mail/start", new JsonObject { ["address"] = address });
            Assert.Equal((HttpStatusCode.BadRequest, "/problems/bad-request"), (status, (string?)answer["type"]));
        }
    }

    [Theory]
    [InlineData(" Anna@Rooms.Example ", "anna@rooms.example")]
    [InlineData("o'brien+x=y@a-b.c", "o'brien+x=y@a-b.c")]
    public void Address_hasOneForm(string given, string form) => Assert.Equal(form, MailAddresses.Normalise(given));

    [Fact]
    public async Task Mail_isTriedAgain_whenTheServerSaysLater()
    {
        await using SignInServer server = await StartAsync();
        string address = NewAddress();
        await peers.OrderAsync("failMails", new JsonObject { ["to"] = address, ["count"] = 1 });
        await AskAsync(server, address);
        await MailToAsync(address);
        Assert.Contains("Mail: a message could not be sent, attempt 1 of 3", server.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(address, server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_goesOutEncrypted_toAServerThatIsTrusted_andToNoOther()
    {
        using var key = RSA.Create(2048);
        using X509Certificate2 certificate = SelfSigned(key);
        string directory = Directory.CreateTempSubdirectory("relay-mail-").FullName, trusted = Path.Combine(directory, "trusted.pem");
        await File.WriteAllTextAsync(trusted, certificate.ExportCertificatePem());
        try
        {
            JsonNode server = await peers.OrderAsync(
                "tlsMailServer", new JsonObject { ["key"] = key.ExportPkcs8PrivateKeyPem(), ["cert"] = certificate.ExportCertificatePem() });
            string[] arguments =
            [
                "--Relay:Accounts:Mail:Host=localhost", $"--Relay:Accounts:Mail:Port={server["port"]}", "--Relay:Accounts:Mail:From=relay@rooms.example",
                "--Relay:Accounts:Mail:User=relay", "--Relay:Accounts:Mail:Password=mail-secret",
            ];
            string address = NewAddress(), other = NewAddress();
            await using (RelayProgram program = await RelayProgram.StartTrustingAsync(trusted, arguments))
            {
                await StartMailAsync(program, address);
                JsonNode mail = await MailToAsync(address);
                Assert.Equal((true, "relay"), ((bool?)mail["secure"], (string?)mail["user"]));
            }

            await using RelayProgram wary = await RelayProgram.StartAsync(arguments);
            await StartMailAsync(wary, other);
            await Holes.Resident.UntilAsync(
                () => wary.Process.ToString().Contains("a message could not be sent, attempt 1 of 3", StringComparison.Ordinal), "the refusal");
            Assert.DoesNotContain((await peers.OrderAsync("mails")).AsArray(), mail => (string?)mail!["to"]![0] == other);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Address_onTheListOfAdmins_isOne_andOneThatIsLinkedBelongsToTheAccount()
    {
        string address = NewAddress();
        await using SignInServer server = await StartAsync(("Accounts:Admins:0", "mail:" + address.ToUpperInvariant()));
        (string handle, _) = await AskAsync(server, address);
        await ConfirmAsync(server, LinkOf(await MailToAsync(address)));
        string admin = (string)(await server.PostAsync("mail/wait", new JsonObject { ["handle"] = handle })).Answer["accountId"]!;
        Assert.True((await server.Get<AccountDesk>().FindAsync(admin, default))!.IsAdmin);

        SessionTokens guest = await server.GuestAsync();
        string other = NewAddress();
        (_, JsonNode started) = await server.PostAsync("mail/start", new JsonObject { ["address"] = other, ["link"] = true }, guest.AccessToken);
        await ConfirmAsync(server, LinkOf(await MailToAsync(other)));
        Assert.Equal("linked", (string?)(await server.PostAsync("mail/wait", new JsonObject { ["handle"] = (string?)started["handle"] })).Answer["status"]);
        Assert.Equal("mail", Assert.Single(await server.Get<AccountDesk>().IdentitiesOfAsync(guest.AccountId, default)).Provider);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.PostAsync("mail/start", new JsonObject { ["address"] = other, ["link"] = true })).Status);
    }

    [Fact]
    public void Options_thatCannotWork_areNamed()
    {
        var options = new SignInOptions
        {
            PublicUrl = "https://rooms.example/path",
            Admins = { "anna@rooms.example" },
            Mail = { Host = "mail.example", User = "relay", StartTls = false, Port = 0, LinkLifetime = TimeSpan.Zero, LinkBase = "/x" },
            Oidc = { new() { Name = "A b", Authority = "http://idp.example", Scopes = "profile", Algorithms = { "HS256" } } },
        };
        string[] problems = [.. options.Validate(isDevelopment: false)];
        foreach (string setting in new[]
        {
            "PublicUrl", "Admins", "Mail:From", "Mail:User", "Mail:Password", "Mail:Port", "Mail:LinkLifetime", "Mail:LinkBase",
            "Oidc:0:Name", "Oidc:0:Authority", "Oidc:0:Scopes", "Oidc:0:Algorithms", "Oidc:0 lets nobody in",
        })
        {
            Assert.Contains(problems, problem => problem.Contains("Relay:Accounts:" + setting, StringComparison.Ordinal));
        }
    }

    private static string NewAddress() => $"p{Guid.NewGuid():N}@rooms.example";

    private Task<SignInServer> StartAsync(params (string Name, string Value)[] more) => SignInServer.StartAsync(
    [
        ("Accounts:Mail:Host", "127.0.0.1"), ("Accounts:Mail:Port", peers.SmtpPort.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("Accounts:Mail:From", "relay@rooms.example"), ("Accounts:Mail:StartTls", "false"), ("Accounts:Mail:User", "relay"), ("Accounts:Mail:Password", "mail-secret"), .. more,
    ]);

    private static X509Certificate2 SelfSigned(RSA key)
    {
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    private static async Task StartMailAsync(RelayProgram program, string address)
    {
        using HttpClient http = program.Client();
        using HttpResponseMessage answer = await http.PostAsJsonAsync("api/v1/auth/mail/start", new JsonObject { ["address"] = address });
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static async Task<(string Handle, string Mark)> AskAsync(SignInServer server, string address)
    {
        (HttpStatusCode status, JsonNode answer) = await server.PostAsync("mail/start", new JsonObject { ["address"] = address });
        Assert.True(status == HttpStatusCode.Accepted, answer.ToJsonString());
        return ((string)answer["handle"]!, (string)answer["mark"]!);
    }

    private static Task<(HttpStatusCode Status, JsonNode Answer)> ConfirmAsync(SignInServer server, Uri link) =>
        server.PostAsync("mail/confirm", new JsonObject { ["token"] = link.Fragment[1..] });

    /// <summary>Waits for the mail that comes after so many to an address.</summary>
    private async Task<JsonNode> MailToAsync(string address, int after = 0)
    {
        using var late = new CancellationTokenSource(ChildProcess.Patience);
        while (true)
        {
            JsonNode[] mails = [.. (await peers.OrderAsync("mails")).AsArray().Where(mail => (string?)mail!["to"]![0] == address).Select(mail => mail!)];
            if (mails.Length > after)
            {
                return mails[after];
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, late.Token);
        }
    }

    /// <summary>The body, decoded from quoted-printable.</summary>
    private static string Text(JsonNode mail) => Escapes().Replace(
        ((string)mail["text"]!).Replace("=\r\n", "", StringComparison.Ordinal), match => ((char)Convert.ToByte(match.Groups["hex"].Value, 16)).ToString());

    private static Uri LinkOf(JsonNode mail) => new(Links().Match(Text(mail)).Value);

    [GeneratedRegex("=(?<hex>[0-9A-F]{2})", RegexOptions.ExplicitCapture)]
    private static partial Regex Escapes();

    [GeneratedRegex("https?://[^\\s]+#[A-Za-z0-9_-]{43}", RegexOptions.ExplicitCapture)]
    private static partial Regex Links();
}
