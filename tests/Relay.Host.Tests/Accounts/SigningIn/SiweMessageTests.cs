using Relay.Host.Accounts.SigningIn.Wallet;

namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>The message of EIP-4361: what is read, what is not, and when it holds.</summary>
public sealed class SiweMessageTests
{
    /// <summary>The shape of the standard's own example.</summary>
    private const string Whole = """
        https://example.com wants you to sign in with your Ethereum account:
        0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

        I accept the ExampleOrg Terms of Service: https://example.com/tos

        URI: https://example.com/login
        Version: 1
        Chain ID: 1
        Nonce: 32891756
        Issued At: 2021-09-30T16:25:24Z
        Expiration Time: 2021-09-30T16:30:24.000Z
        Not Before: 2021-09-30T18:25:24+02:00
        Request ID: some-id
        Resources:
        - ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
        - https://example.com/my-web2-claim.json
        """;

    private static readonly DateTimeOffset Issued = new(2021, 9, 30, 16, 25, 24, TimeSpan.Zero);

    [Fact]
    public void Message_isReadWhole_andWritesItselfAgain()
    {
        Assert.True(SiweMessage.TryParse(Whole, out SiweMessage read));
        Assert.Equal(("https", "example.com", "some-id", "32891756", 1UL), (read.Scheme, read.Domain, read.RequestId, read.Nonce, read.ChainId));
        Assert.Equal("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", read.Address.ToString());
        Assert.Equal("I accept the ExampleOrg Terms of Service: https://example.com/tos", read.Statement);
        Assert.Equal(2, read.Resources!.Count);
        Assert.Equal(Whole, read.ToString());
    }

    [Theory]
    [InlineData("I accept the ExampleOrg Terms of Service: https://example.com/tos\n\n", "\n")]
    [InlineData("https://example.com wants", "example.com:8080 wants")]
    [InlineData("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2")]
    [InlineData("Request ID: some-id\n", "Request ID: \n")]
    [InlineData("Request ID: some-id\n", "")]
    [InlineData("Not Before: 2021-09-30T18:25:24+02:00\n", "")]
    [InlineData("\n- https://example.com/my-web2-claim.json", "")]
    public void Message_mayLeaveOut_whatTheStandardLets(string from, string to) =>
        Assert.True(SiweMessage.TryParse(Whole.Replace(from, to, StringComparison.Ordinal), out _));

    [Theory]
    [InlineData("Version: 1", "Version: 2")]
    [InlineData("Version: 1\n", "")]
    [InlineData("Chain ID: 1\n", "Chain ID: 01\n")]
    [InlineData("Chain ID: 1\n", "Chain ID: -1\n")]
    [InlineData("Chain ID: 1\n", "Chain ID: 99999999999999999999\n")]
    [InlineData("Nonce: 32891756", "Nonce: 3289175")]
    [InlineData("Nonce: 32891756", "Nonce: 3289-1756")]
    [InlineData("Nonce: 32891756", "Nonce: 32891756\nNonce: 32891757")]
    [InlineData("2021-09-30T16:25:24Z", "2021-09-30 16:25:24Z")]
    [InlineData("2021-09-30T16:25:24Z", "2021-09-30T16:25:24")]
    [InlineData("2021-09-30T16:25:24Z", "2021-02-30T16:25:24Z")]
    [InlineData("URI: https://example.com/login", "URI: /login")]
    [InlineData("URI: https://example.com/login", "URI:  https://example.com/login")]
    [InlineData("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "0xC02aaa39b223FE8D0A0e5C4F27eAD9083C756Cc2")]
    [InlineData("https://example.com wants", "https://user@example.com wants")]
    [InlineData("https://example.com wants", "https://example.com/x wants")]
    [InlineData("https://example.com wants", " wants")]
    [InlineData("https://example.com wants", "example.com\nevil.example wants")]
    [InlineData("I accept", "Ich grüße")]
    [InlineData("\n", "\r\n")]
    [InlineData("claim.json", "claim.json\n")]
    [InlineData("claim.json", "claim.json\nmore")]
    [InlineData("- ipfs", "- not a uri")]
    [InlineData("Expiration Time: 2021-09-30T16:30:24.000Z\nNot Before: 2021-09-30T18:25:24+02:00", "Not Before: 2021-09-30T18:25:24+02:00\nExpiration Time: 2021-09-30T16:30:24.000Z")]
    public void Message_thatIsNotQuiteOne_isRefused(string from, string to)
    {
        string text = Whole.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Whole, text);
        Assert.False(SiweMessage.TryParse(text, out _));
    }

    [Fact]
    public void Message_thatIsLong_isRefused()
    {
        Assert.False(SiweMessage.TryParse(Whole.Replace("I accept", new string('x', 5_000), StringComparison.Ordinal), out _));
        Assert.False(SiweMessage.TryParse(Whole + string.Concat(Enumerable.Repeat("\n- https://example.com/", 15)), out _));
        Assert.True(SiweMessage.TryParse(Whole + string.Concat(Enumerable.Repeat("\n- https://example.com/", 14)), out _));
    }

    [Theory]
    [InlineData(-61, false)]
    [InlineData(-60, true)]
    [InlineData(0, true)]
    [InlineData(359, true)]
    [InlineData(360, false)]
    public void Message_holdsBetweenItsTimes(int seconds, bool holds)
    {
        Assert.True(SiweMessage.TryParse(Whole, out SiweMessage read));
        Assert.Equal(holds, read.IsValidAt(Issued.AddSeconds(seconds), TimeSpan.FromSeconds(60)));
    }
}
