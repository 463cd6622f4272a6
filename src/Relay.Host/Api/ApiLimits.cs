using System.Net;
using System.Threading.RateLimiting;
using Relay.Host.Accounts;
using Relay.Host.Api.Problems;

namespace Relay.Host.Api;

/// <summary>Bounds how much one account, or one address from which nobody is signed in, may ask for. There are at most as many buckets as
/// <see cref="Buckets"/> of each kind, whoever comes: some share one, and nobody can choose with whom.</summary>
internal static class ApiLimits
{
    private const int Buckets = 65_536;

    public static void AddApiLimits(this IServiceCollection services, ApiOptions options) => services.AddRateLimiter(limits =>
    {
        limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, int>(context => context.User.AccountId() is { } account
            ? RateLimitPartition.GetTokenBucketLimiter(
                (int)((uint)HashCode.Combine(account) % Buckets), _ => Bucket(options.RequestsPerSecond, options.RequestBurst))
            : RateLimitPartition.GetTokenBucketLimiter(
                -1 - (int)((uint)HashCode.Combine(AddressNetwork.Of(context.Connection.RemoteIpAddress ?? IPAddress.None)) % Buckets),
                _ => Bucket(options.AnonymousRequestsPerSecond, Math.Min(options.RequestBurst, options.AnonymousRequestsPerSecond * 4))));
        limits.OnRejected = async (rejected, _) =>
        {
            TimeSpan wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan known) ? known : TimeSpan.FromSeconds(1);
            await ApiErrors.WriteAsync(rejected.HttpContext, new ApiProblem(ProblemType.RateLimited, "There are more requests than may be.") { RetryAfter = wait }).ConfigureAwait(false);
        };
    });

    private static TokenBucketRateLimiterOptions Bucket(int perSecond, int burst) => new()
    {
        TokenLimit = Math.Max(burst, 1),
        TokensPerPeriod = Math.Max(1, perSecond / 4),
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(perSecond >= 4 ? 250 : 1000 / perSecond),
        QueueLimit = 0,
        AutoReplenishment = true,
    };
}
