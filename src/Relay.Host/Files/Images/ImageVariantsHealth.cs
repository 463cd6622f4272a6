using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Relay.Host.Files.Images;

/// <summary>Whether variants are made. If they are not, files are served all the same: so the program is healthy and says it.</summary>
internal sealed class ImageVariantsHealth(ImageVariants variants) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string? problem = await variants.ProblemAsync(cancellationToken).ConfigureAwait(false);
        return problem is null
            ? HealthCheckResult.Healthy($"variants on ({variants.Version})")
            : HealthCheckResult.Healthy($"variants off: {problem}", ReadyResponse.Notice($"variants off: {problem}"));
    }
}
