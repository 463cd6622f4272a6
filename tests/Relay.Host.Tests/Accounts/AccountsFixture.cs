namespace Relay.Host.Tests.Accounts;

/// <summary>One server for the tests of a class: each has people of its own.</summary>
public sealed class AccountsFixture : IAsyncLifetime
{
    internal AccountsServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await AccountsServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
