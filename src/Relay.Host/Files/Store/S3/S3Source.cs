using Amazon.S3;
using Amazon.S3.Model;

namespace Relay.Host.Files.Store.S3;

/// <summary>A sealed file in a bucket. Each start is one request for exactly the range that will be read. If the file is put anew meanwhile
/// (under another key), reading it ends: what is open is one file, not parts of two.</summary>
/// <param name="client">The client.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="key">The object.</param>
/// <param name="description">Where that is.</param>
internal sealed class S3Source(IAmazonS3 client, string bucket, string key, string description) : ISealedSource
{
    private GetObjectResponse? _answer;
    private string? _tag;

    public long Length { get; private set; }

    public async ValueTask<StoreOutcome> StartAsync(long offset, long count, CancellationToken cancellationToken)
    {
        _answer?.Dispose();
        _answer = null;
        var request = new GetObjectRequest { BucketName = bucket, Key = key, ByteRange = new ByteRange(offset, offset + count - 1) };
        (StoreOutcome outcome, GetObjectResponse? answer) = await S3Fault.TryAsync(
            description, () => client.GetObjectAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (answer is null)
        {
            return outcome;
        }

        _answer = answer;
        if (_tag is not null && _tag != answer.ETag)
        {
            return new StoreOutcome(StoreStatus.Unavailable, $"{description}: {key} was put anew while it was read");
        }

        // "bytes 0-87/1234": the last number is the length of the whole.
        _tag = answer.ETag;
        string range = answer.ContentRange ?? "";
        if (!long.TryParse(range.AsSpan(range.LastIndexOf('/') + 1), out long length))
        {
            return new StoreOutcome(StoreStatus.Unavailable, $"{description}: the answer to a request for a range is not a range");
        }

        Length = length;
        return StoreOutcome.Done;
    }

    public async ValueTask<StoreOutcome> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Stream stream = _answer!.ResponseStream;
        (StoreOutcome outcome, int count) = await S3Fault.TryAsync(
            description,
            () => stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).AsTask(),
            cancellationToken).ConfigureAwait(false);
        return !outcome.IsDone || count == buffer.Length
            ? outcome
            : new StoreOutcome(StoreStatus.Unavailable, $"{description}: the connection broke in the middle of {key}");
    }

    public ValueTask DisposeAsync()
    {
        _answer?.Dispose();
        return ValueTask.CompletedTask;
    }
}
