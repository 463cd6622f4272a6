using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Relay.Host.Files;

/// <summary>Whether files can be stored and read. Without them rooms go on, so the program is degraded then, not unready.</summary>
internal sealed class FilesHealthCheck(FileShelf shelf) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(shelf.Store is null ? HealthCheckResult.Degraded($"no files: {shelf.Problem}") : HealthCheckResult.Healthy());
}
