using System.Net;
using Amazon.Runtime;

namespace Relay.Host.Files.Store.S3;

/// <summary>What a failure of S3, or on the way to it, means.</summary>
internal static class S3Fault
{
    /// <summary>Does something there.</summary>
    /// <param name="description">Where that is.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Ends it: then, and only then, it throws.</param>
    /// <returns>How it ended, and what came of it if it is done.</returns>
    public static async Task<(StoreOutcome Outcome, T? Value)> TryAsync<T>(
        string description, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return (StoreOutcome.Done, await work().ConfigureAwait(false));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && Of(e) is not null)
        {
            StoreOutcome outcome = Of(e)!.Value;
            return (outcome with { Reason = $"{description}: {outcome.Reason}" }, default);
        }
    }

    private static StoreOutcome? Of(Exception exception) => exception switch
    {
        // Without its word the missing thing may be the bucket, and then not a file is missing but all are.
        AmazonServiceException { StatusCode: HttpStatusCode.NotFound, ErrorCode: "NoSuchKey" or "NotFound" } e =>
            new(StoreStatus.Missing, e.Message),
        AmazonServiceException { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable } =>
            new(StoreStatus.Damaged, "it ends before its end"),
        AmazonServiceException { ErrorCode: { Length: > 0 } code } e => Unavailable($"{e.Message} ({code})"),
        AmazonClientException or HttpRequestException or TimeoutException or OperationCanceledException =>
            Unavailable(Innermost(exception)),
        _ => StoreOutcome.Of(exception),
    };

    private static StoreOutcome Unavailable(string reason) => new(StoreStatus.Unavailable, reason.TrimEnd('.'));

    private static string Innermost(Exception exception) => exception.GetBaseException().Message;
}
