using Relay.Core.Hosting;
using Relay.Protocol;

namespace Relay.Host.Accounts;

/// <summary>Closes the connections of whoever was revoked, at once, sessions that wait for their clients to come back included.</summary>
internal sealed class LiveConnections(RelayServer server, Revocations revocations, ILogger<LiveConnections> log) : IHostedService
{
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
        try
        {
            int closed = await server.DisconnectAsync(
                client => client.Identity is Visitor visitor && revocation.Covers(visitor.AccountId, visitor.SessionId),
                CloseCode.Unauthorized,
                "The session has been ended.").ConfigureAwait(false);
            log.ConnectionsClosed(closed);
        }
        catch (Exception e)
        {
            log.CloseFailed(e);
        }
    }
}
