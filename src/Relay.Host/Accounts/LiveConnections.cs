using Relay.Core.Hosting;
using Relay.Host.Bridges.NafUws;
using Relay.Protocol;

namespace Relay.Host.Accounts;

/// <summary>Closes the connections of whoever was revoked, at once, sessions that wait for their clients to come back included.</summary>
internal sealed class LiveConnections(
    RelayServer server, Revocations revocations, IServiceProvider services, ILogger<LiveConnections> log) : IHostedService
{
    private const string Why = "The session has been ended.";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        revocations.Revoked += OnRevoked;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        revocations.Revoked -= OnRevoked;
        return Task.CompletedTask;
    }

    private void OnRevoked(Revocation revocation) => _ = CloseAsync(revocation);

    private async Task CloseAsync(Revocation revocation)
    {
        bool Covers(object? identity) => identity is Visitor visitor && revocation.Covers(visitor.AccountId, visitor.SessionId);
        try
        {
            services.GetService<NafUwsHub>()?.Disconnect(who => Covers(who.Identity), CloseCode.Unauthorized, Why);
            int closed = await server.DisconnectAsync(client => Covers(client.Identity), CloseCode.Unauthorized, Why).ConfigureAwait(false);
            log.ConnectionsClosed(closed);
        }
        catch (Exception e)
        {
            log.CloseFailed(e);
        }
    }
}
