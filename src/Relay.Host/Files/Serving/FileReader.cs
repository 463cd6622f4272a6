using System.IO.Pipelines;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Serving;

/// <summary>
/// Reads files for those who download them, so that the rooms do not notice. Reading a file blocks: .NET has no other way on Linux, and has
/// it done by threads of the pool, of which a small machine has two; opening its segments takes a processor. So only as many segments are
/// at it as there are halves of the processors, and all downloads take turns, segment by segment. Who waits for its receiver has no turn
/// and no buffers, only up to a segment that lies in the connection's own memory: that is what a slow receiver costs.
/// <para>A bucket's answers are waited for without a thread, and each range is one request: there are no turns, and two buffers for each
/// download.</para>
/// </summary>
internal sealed class FileReader : IDisposable
{
    /// <summary>How long downloads go on when the program is told to stop. They can be gone on with by a range.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim? _turns;
    private readonly CancellationTokenSource _end;

    /// <summary>Makes one.</summary>
    /// <param name="options">Where the files are.</param>
    /// <param name="lifetime">Says when the program is told to stop.</param>
    /// <param name="time">What the time is.</param>
    public FileReader(FilesOptions options, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        _turns = options.Store.S3.Bucket is null ? new SemaphoreSlim(Math.Max(1, Environment.ProcessorCount / 2)) : null;
        _end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        lifetime.ApplicationStopping.Register(() => _end.CancelAfter(Grace));
    }

    /// <summary>Opens a file.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="hash">The content's hash.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The file if it is done.</returns>
    public async Task<(StoreOutcome Outcome, StoredFile? File)> OpenAsync(
        FileStore store, ContentHash hash, FileSecret? token, CancellationToken cancellationToken)
    {
        await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await store.OpenAsync(hash, token, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turns?.Release();
        }
    }

    /// <summary>Sends a part of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="range">Which part.</param>
    /// <param name="response">The answer. It has begun only if something could be read.</param>
    /// <param name="cancellationToken">The receiver has gone.</param>
    /// <returns>How it ended, and how many bytes were written.</returns>
    public async Task<(StoreOutcome Outcome, long Written)> CopyAsync(
        StoredFile file, ByteRange range, HttpResponse response, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _end.Token);
        var writer = new HeldWriter(response, isHeld: _turns is not null);
        try
        {
            StoreOutcome outcome = await CopyAsync(file, range, writer, response.BodyWriter, ending.Token).ConfigureAwait(false);
            return (outcome, writer.Written);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            return (new StoreOutcome(StoreStatus.Cut, e.Message), writer.Written);
        }
    }

    public void Dispose()
    {
        _turns?.Dispose();
        _end.Dispose();
    }

    private async Task<StoreOutcome> CopyAsync(
        StoredFile file, ByteRange range, HeldWriter writer, PipeWriter to, CancellationToken cancellationToken)
    {
        long next = range.Offset, end = range.Offset + range.Count;
        StoreOutcome outcome;
        FlushResult flushed;
        do
        {
            long count = _turns is null
                ? end - next
                : Math.Min(end - next, SealedLayout.SegmentLength - (next % SealedLayout.SegmentLength));
            ValueTask<FlushResult> flushing = default;
            await TakeTurnAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                outcome = await file.CopyToAsync(next, count, writer, cancellationToken).ConfigureAwait(false);
                if (outcome.IsDone)
                {
                    // Sending is work, too; only waiting is not.
                    flushing = to.FlushAsync(cancellationToken);
                }
            }
            finally
            {
                _turns?.Release();
            }

            flushed = await flushing.ConfigureAwait(false);
            next += count;
        }
        while (outcome.IsDone && next < end && flushed is { IsCompleted: false, IsCanceled: false });

        return outcome.IsDone && next < end ? new StoreOutcome(StoreStatus.Cut, "the receiver wants no more") : outcome;
    }

    private Task TakeTurnAsync(CancellationToken cancellationToken) => _turns?.WaitAsync(cancellationToken) ?? Task.CompletedTask;
}
