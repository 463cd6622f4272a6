using System.Net;
using System.Threading.RateLimiting;
using Relay.Host.Accounts;
using Relay.Host.Api.Problems;
using Relay.Host.Http;

namespace Relay.Host.Api;

/// <summary>
/// Bounds how much one account, or one address from which nobody is signed in, may ask for. There are at most as many buckets as
/// <see cref="Buckets"/> of each kind, whoever comes: some share one, and nobody can choose with whom. They are filled when they are asked,
/// since the timers of a partitioned limiter (ten a second each) cost an idle server more than anything else.
/// </summary>
internal sealed class ApiLimits(ApiOptions options, RequestDelegate next)
{
    private const int Buckets = 16_384;

    private readonly TokenBucketRateLimiter?[]
        _accounts = new TokenBucketRateLimiter?[Buckets],
        _addresses = new TokenBucketRateLimiter?[Buckets];

    /// <summary>Lets a request through, or answers it with 429 and Retry-After.</summary>
    /// <param name="context">The request.</param>
    public Task InvokeAsync(HttpContext context)
    {
        TokenBucketRateLimiter bucket = context.User.AccountId() is { } account
            ? BucketOf(_accounts, HashCode.Combine(account), options.RequestsPerSecond, options.RequestBurst)
            : BucketOf(
                _addresses,
                HashCode.Combine(AddressNetwork.Of(context.Connection.RemoteIpAddress ?? IPAddress.None)),
                options.AnonymousRequestsPerSecond,
                Math.Min(options.RequestBurst, options.AnonymousRequestsPerSecond * 4));
        return WaitOf(bucket) is { } wait
            ? ApiErrors.WriteAsync(
                context,
                new ApiProblem(ProblemType.RateLimited, "There are more requests than may be.") { RetryAfter = wait })
            : next(context);
    }

    /// <summary>Takes a token. How long until there is one; null if there was.</summary>
    private static TimeSpan? WaitOf(TokenBucketRateLimiter bucket)
    {
        bucket.TryReplenish();
        using RateLimitLease lease = bucket.AttemptAcquire();
        return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? wait : TimeSpan.FromSeconds(1);
    }

    private static TokenBucketRateLimiter BucketOf(TokenBucketRateLimiter?[] buckets, int hash, int perSecond, int burst)
    {
        ref TokenBucketRateLimiter? bucket = ref buckets[(uint)hash % Buckets];
        return Volatile.Read(ref bucket) is { } known
            ? known
            : Interlocked.CompareExchange(ref bucket, NewBucket(perSecond, burst), null) ?? bucket!;
    }

    private static TokenBucketRateLimiter NewBucket(int perSecond, int burst) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = Math.Max(burst, 1),
        TokensPerPeriod = perSecond % 4 == 0 ? perSecond / 4 : perSecond,
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(perSecond % 4 == 0 ? 250 : 1000),
        QueueLimit = 0,
        AutoReplenishment = false,
    });
}
