namespace Relay.Host.Tests.Accounts.SigningIn;

/// <summary>What pages are told that they may offer.</summary>
public sealed class WaysTests
{
    private static readonly string[] Everything =
    [
        "--Relay:Accounts:PublicUrl=https://rooms.example", "--Relay:Accounts:Mail:Host=127.0.0.1", "--Relay:Accounts:Mail:From=relay@rooms.example",
        "--Relay:Accounts:Oidc:0:Name=people", "--Relay:Accounts:Oidc:0:Authority=https://id.example", "--Relay:Accounts:Oidc:0:ClientId=relay",
        "--Relay:Accounts:Oidc:1:Name=machines", "--Relay:Accounts:Oidc:1:Authority=https://machines.example", "--Relay:Accounts:Oidc:1:Audience=relay",
    ];

    [Fact]
    public async Task Ways_areThoseThatWouldWork_andNothingElseIsTold()
    {
        await using (AccountsServer server = await AccountsServer.StartAsync())
        {
            Assert.Equal("""{"anonymous":false,"guest":true,"mail":false,"wallet":false,"oidc":[]}""", await WaysAsync(server));
        }

        await using (AccountsServer server = await AccountsServer.StartAsync([.. Everything, "--Relay:Accounts:Guests=false"]))
        {
            Assert.Equal("""{"anonymous":false,"guest":false,"mail":true,"wallet":true,"oidc":["people"]}""", await WaysAsync(server));
        }

        await using (AccountsServer server = await AccountsServer.StartAsync("--Relay:Host:Development=true"))
        {
            Assert.Equal("""{"anonymous":true,"guest":true,"mail":true,"wallet":true,"oidc":[]}""", await WaysAsync(server));
        }
    }

    private static async Task<string> WaysAsync(AccountsServer server)
    {
        HttpResponseMessage answer = await server.Client.GetAsync("ways");
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return (await AccountsServer.JsonAsync(answer)).ToJsonString();
    }
}
