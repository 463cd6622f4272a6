using System.Runtime.CompilerServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Store.S3;

/// <summary>Files in an S3 bucket, sealed as on the disk: <c>PREFIX/ab/cd/abcd…</c>. An object comes into being as a whole, by S3's own
/// rules, so two who put the same content at once leave one of their two sealed files.</summary>
internal sealed class S3BackEnd : IFileBackEnd
{
    /// <summary>Bytes of a part, and the longest file that is put in one request. S3 takes 5 MiB at the least.</summary>
    private const long PartLength = 8L << 20;

    /// <summary>S3 takes 10,000.</summary>
    private const long MaxParts = 10_000;

    /// <summary>Parts that are on their way at once. They are read from the disk as they go, so this is no question of memory.</summary>
    private const int PartsAtOnce = 4;

    private readonly AmazonS3Client _client;
    private readonly S3Options _options;

    /// <summary>Makes the client. Nothing is asked yet.</summary>
    /// <param name="options">Which bucket.</param>
    public S3BackEnd(S3Options options)
    {
        _options = options;
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle ?? options.Endpoint is not null,

            // Each request is signed over its content, which says more than a checksum; many services do not know the newer ones.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            Timeout = options.Timeout,
            MaxErrorRetry = 2,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = options.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        _client = options.AccessKey is { } id
            ? new AmazonS3Client(new BasicAWSCredentials(id, options.SecretKey), config)
            : new AmazonS3Client(config);
        Description = $"S3 bucket {options.Bucket} at {options.Endpoint ?? options.Region}";
    }

    public string Description { get; }

    public async Task<StoreOutcome> PutAsync(string path, FileName name, bool replace, CancellationToken cancellationToken)
    {
        (StoreOutcome outcome, _) = await S3Fault.TryAsync(
            Description,
            async () =>
            {
                long length = new FileInfo(path).Length;
                Task putting = length <= PartLength
                    ? PutWholeAsync(path, Key(name), cancellationToken)
                    : PutPartsAsync(path, Key(name), length, cancellationToken);
                await putting.ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return outcome;
    }

    public async Task<(StoreOutcome Outcome, ISealedSource? Source)> OpenAsync(FileName name, CancellationToken cancellationToken)
    {
        // The length comes with the first bytes, which are wanted next in any case.
        var source = new S3Source(_client, _options.Bucket!, Key(name), Description);
        StoreOutcome outcome = await source.StartAsync(0, SealedHeader.Length, cancellationToken).ConfigureAwait(false);
        if (outcome.IsDone)
        {
            return (outcome, source);
        }

        await source.DisposeAsync().ConfigureAwait(false);
        return (outcome, null);
    }

    public async Task<StoreOutcome> DeleteAsync(FileName name, CancellationToken cancellationToken)
    {
        (StoreOutcome outcome, _) = await S3Fault.TryAsync(
            Description, () => _client.DeleteObjectAsync(_options.Bucket, Key(name), cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return outcome.Status == StoreStatus.Missing ? StoreOutcome.Done : outcome;
    }

    public async IAsyncEnumerable<StoredEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = _options.Prefix };
        ListObjectsV2Response? page;
        do
        {
            (StoreOutcome outcome, page) = await S3Fault.TryAsync(
                Description, () => _client.ListObjectsV2Async(request, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (page is null)
            {
                throw new IOException(outcome.Reason);
            }

            foreach (S3Object item in page.S3Objects ?? [])
            {
                if (FileName.Parse(item.Key[_options.Prefix.Length..]) is { } name)
                {
                    DateTime since = item.LastModified ?? DateTime.UnixEpoch;
                    yield return new StoredEntry(name, item.Size ?? 0, new DateTimeOffset(since.ToUniversalTime()));
                }
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public async Task<(StoreOutcome Outcome, string? Text)> ReadNoteAsync(string name, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = _options.Bucket, Key = _options.Prefix + name };
        return await S3Fault.TryAsync(
            Description,
            async () =>
            {
                using GetObjectResponse answer = await _client.GetObjectAsync(request, cancellationToken).ConfigureAwait(false);
                using var reader = new StreamReader(answer.ResponseStream);
                return await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<StoreOutcome> WriteNoteAsync(string name, string text, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest
        {
            BucketName = _options.Bucket,
            Key = _options.Prefix + name,
            ContentBody = text,
            UseChunkEncoding = false,
        };
        (StoreOutcome outcome, _) = await S3Fault.TryAsync(
            Description, () => _client.PutObjectAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false);
        return outcome;
    }

    public void Dispose() => _client.Dispose();

    private string Key(FileName name) => _options.Prefix + name.Path;

    private async Task PutWholeAsync(string path, string key, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest { BucketName = _options.Bucket, Key = key, FilePath = path, UseChunkEncoding = false };
        await _client.PutObjectAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private async Task PutPartsAsync(string path, string key, long length, CancellationToken cancellationToken)
    {
        long part = Math.Max(PartLength, (length + MaxParts - 1) / MaxParts);
        int count = (int)((length + part - 1) / part);
        InitiateMultipartUploadResponse begun = await _client.InitiateMultipartUploadAsync(_options.Bucket, key, cancellationToken)
            .ConfigureAwait(false);
        string upload = begun.UploadId;
        try
        {
            var tags = new PartETag[count];
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, count, parallel, async (i, token) =>
            {
                var request = new UploadPartRequest
                {
                    BucketName = _options.Bucket,
                    Key = key,
                    UploadId = upload,
                    PartNumber = i + 1,
                    FilePath = path,
                    FilePosition = i * part,
                    PartSize = Math.Min(part, length - (i * part)),
                    UseChunkEncoding = false,
                };
                tags[i] = new PartETag(i + 1, (await _client.UploadPartAsync(request, token).ConfigureAwait(false)).ETag);
            }).ConfigureAwait(false);
            var complete = new CompleteMultipartUploadRequest
            {
                BucketName = _options.Bucket,
                Key = key,
                UploadId = upload,
                PartETags = [.. tags],
            };
            await _client.CompleteMultipartUploadAsync(complete, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // As far as it goes: if nobody answers, the bucket's lifecycle rule ends it.
            await S3Fault.TryAsync(
                Description,
                () => _client.AbortMultipartUploadAsync(_options.Bucket, key, upload, CancellationToken.None),
                CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }
}
