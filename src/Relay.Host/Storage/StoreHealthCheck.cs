using Dapper;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Relay.Host.Storage;

/// <summary>
/// Whether the database answers. If it must be there (<see cref="StorageOptions.Require"/>), the program is not ready while it does not;
/// otherwise it is degraded. However often this is asked, the database is asked once at a time.
/// </summary>
internal sealed class StoreHealthCheck(Database database, StorageOptions options, TimeProvider time) : IHealthCheck
{
    /// <summary>Who asks for readiness gives up soon.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<string?> _probe = Task.FromResult<string?>(null);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Task<string?> probe;
        lock (_lock)
        {
            probe = _probe = _probe.IsCompleted ? Task.Run(ProbeAsync, CancellationToken.None) : _probe;
        }

        string? problem;
        try
        {
            problem = await probe.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            problem = $"The database has not answered for {Patience.TotalSeconds} s.";
        }

        return problem is null ? HealthCheckResult.Healthy()
            : options.Require ? HealthCheckResult.Unhealthy(problem)
            : HealthCheckResult.Degraded(problem);
    }

    private async Task<string?> ProbeAsync()
    {
        try
        {
            await database.ReadAsync(
                connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM schema_version"),
                CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }
}
