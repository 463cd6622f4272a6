using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Relay.Core.Hosting;

/// <summary>Ready while the relay takes connections in; degraded while the store of rooms fails; unhealthy from the first moment of a
/// drain.</summary>
internal sealed class RelayHealthCheck(RelayServer server) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(server.IsDraining ? HealthCheckResult.Unhealthy("Draining.")
            : server.IsStoreFailing ? HealthCheckResult.Degraded("The store of rooms fails.")
            : HealthCheckResult.Healthy());
}
