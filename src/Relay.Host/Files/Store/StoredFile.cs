using System.Buffers;
using System.IO.Pipelines;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Store;

/// <summary>A file that was opened and whose header is right. For one reader at a time; to be disposed.</summary>
internal sealed class StoredFile : IAsyncDisposable
{
    private readonly ISealedSource _source;
    private readonly FileKey _key;

    private StoredFile(ISealedSource source, FileKey key, long length, string secretId)
    {
        _source = source;
        _key = key;
        Length = length;
        SecretId = secretId;
    }

    /// <summary>Bytes of content.</summary>
    public long Length { get; }

    /// <summary>The id of what it was sealed with.</summary>
    public string SecretId { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <param name="source">The sealed file; owned by what is returned, and disposed if nothing is.</param>
    /// <param name="hash">The content's hash.</param>
    /// <param name="find">Finds what a header says that its file was sealed with; null if that is not at hand.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The file if it is done.</returns>
    public static async Task<(StoreOutcome Outcome, StoredFile? File)> OpenAsync(
        ISealedSource source, ContentHash hash, Func<SealedHeader, FileSecret?> find, CancellationToken cancellationToken)
    {
        StoredFile? file = null;
        try
        {
            (StoreOutcome outcome, file) = await ReadHeaderAsync(source, hash, find, cancellationToken).ConfigureAwait(false);
            return (outcome, file);
        }
        finally
        {
            if (file is null)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes a part of the content. Only what was checked is handed on, segment by segment.</summary>
    /// <param name="offset">From where in the content.</param>
    /// <param name="count">How many bytes; within <see cref="Length"/>.</param>
    /// <param name="to">Where to; flushed after each segment, not completed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns><see cref="StoreStatus.Cut"/> if the receiver wants no more. Other failures may come after a part was written: then whoever
    /// reads must be told that it is not all, as by ending its connection.</returns>
    public async Task<StoreOutcome> CopyToAsync(long offset, long count, PipeWriter to, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);

        // Of an empty content the one segment is opened all the same: what is there is checked.
        if (count == 0 && Length > 0)
        {
            return StoreOutcome.Done;
        }

        long first = offset / SealedLayout.SegmentLength, last = Math.Max(offset + count - 1, 0) / SealedLayout.SegmentLength;
        byte[] segment = ArrayPool<byte>.Shared.Rent(SealedLayout.SealedSegmentLength);
        byte[] content = ArrayPool<byte>.Shared.Rent(SealedLayout.SegmentLength);
        try
        {
            long start = SealedLayout.Offset(first), end = Math.Min(SealedLayout.Offset(last + 1), _source.Length);
            StoreOutcome outcome = await _source.StartAsync(start, end - start, cancellationToken).ConfigureAwait(false);
            for (long number = first; number <= last && outcome.IsDone; number++)
            {
                outcome = await CopySegmentAsync(number, offset, offset + count, segment, content, to, cancellationToken)
                    .ConfigureAwait(false);
            }

            return outcome;
        }
        catch (OperationCanceledException)
        {
            return new StoreOutcome(StoreStatus.Cut, "nobody waits for it any more");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(segment);
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    /// <summary>Writes a part of the content to a stream. As
    /// <see cref="CopyToAsync(long, long, PipeWriter, CancellationToken)"/>.</summary>
    /// <param name="offset">From where in the content.</param>
    /// <param name="count">How many bytes; within <see cref="Length"/>.</param>
    /// <param name="to">Where to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<StoreOutcome> CopyToAsync(long offset, long count, Stream to, CancellationToken cancellationToken)
    {
        var writer = PipeWriter.Create(to, new StreamPipeWriterOptions(leaveOpen: true));
        StoreOutcome outcome = await CopyToAsync(offset, count, writer, cancellationToken).ConfigureAwait(false);
        await writer.CompleteAsync(outcome.IsDone ? null : new IOException(outcome.Reason)).ConfigureAwait(false);
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<(StoreOutcome Outcome, StoredFile? File)> ReadHeaderAsync(
        ISealedSource source, ContentHash hash, Func<SealedHeader, FileSecret?> find, CancellationToken cancellationToken)
    {
        long length = SealedLayout.ContentLength(source.Length);
        if (length < 0)
        {
            return (Damaged($"no sealed file is {source.Length} bytes long"), null);
        }

        byte[] bytes = new byte[SealedHeader.Length];
        StoreOutcome outcome = await source.ReadAsync(bytes, cancellationToken).ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            return (outcome, null);
        }

        if (!SealedHeader.TryParse(bytes, out SealedHeader? header))
        {
            return (Damaged("it has no header of a sealed file"), null);
        }

        if (find(header) is not { } secret)
        {
            string id = Convert.ToHexStringLower(header.SecretId);
            string what = header.Kind == SealKind.Master ? $"the master key {id}, which is not at hand" : "another token";
            return (new StoreOutcome(StoreStatus.WrongKey, $"it is sealed with {what}"), null);
        }

        FileKey key = secret.KeyOf(header.Salt, FileKey.Content);
        if (header.IsWhole && header.ContentLength == length && header.IsSignedBy(key, hash))
        {
            return (StoreOutcome.Done, new StoredFile(source, key, length, secret.IdText));
        }

        key.Dispose();
        return (Damaged("its header is not the one of this content"), null);
    }

    private async ValueTask<StoreOutcome> CopySegmentAsync(
        long number, long from, long end, byte[] segment, byte[] content, PipeWriter to, CancellationToken cancellationToken)
    {
        long start = number * SealedLayout.SegmentLength;
        int length = (int)Math.Min(SealedLayout.SegmentLength, Length - start);
        Memory<byte> bytes = segment.AsMemory(0, length + SealedLayout.TagLength);
        StoreOutcome outcome = await _source.ReadAsync(bytes, cancellationToken).ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            return outcome;
        }

        if (!_key.TryOpen(number, start + length == Length, bytes.Span, content.AsSpan(0, length)))
        {
            return Damaged($"its segment {number} is not the one that was sealed");
        }

        int skip = (int)Math.Max(0, from - start);
        Memory<byte> wanted = content.AsMemory(skip, (int)Math.Min(length, end - start) - skip);
        try
        {
            FlushResult flushed = await to.WriteAsync(wanted, cancellationToken).ConfigureAwait(false);
            return flushed.IsCompleted || flushed.IsCanceled
                ? new StoreOutcome(StoreStatus.Cut, "the receiver wants no more")
                : StoreOutcome.Done;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or ObjectDisposedException)
        {
            return new StoreOutcome(StoreStatus.Cut, e.Message);
        }
    }

    private static StoreOutcome Damaged(string reason) => new(StoreStatus.Damaged, reason);
}
