using System.Buffers;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Store.Uploads;

/// <summary>
/// A content on its way into the store. For one caller at a time; to be disposed.
/// <para>What is durable: nothing, until <see cref="CheckpointAsync"/> has said so; then what it said, also over a power cut and with
/// another process. <see cref="PublishAsync"/> makes the file visible, as a whole. Disposed before either, it leaves nothing; disposed
/// after a checkpoint, it can be resumed by its id.</para>
/// What fails on the disk ends this upload's use, not the upload: resumed, it goes on where the last checkpoint was.
/// </summary>
internal sealed class FileUpload : IAsyncDisposable
{
    /// <summary>Bytes that are sealed at a time: enough that handing them to other threads costs little, and three such buffers for each
    /// upload that is just receiving are no burden.</summary>
    private const int BatchLength = 4 * SealedLayout.SegmentLength;

    private readonly UploadDirectory _uploads;
    private readonly FileSecret _secret;
    private readonly string _directory;
    private readonly SealedWriter? _writer;

    private byte[] _tail;
    private long _length;
    private long _durable = -1;
    private StoreOutcome _fault = StoreOutcome.Done;

    /// <summary>One that is new.</summary>
    internal FileUpload(UploadDirectory uploads, string id, FileSecret secret, SealedWriter writer)
    {
        (_uploads, Id, _secret, _writer, _tail, PartPath) = (uploads, id, secret, writer, [], writer.Path);
        _directory = uploads.PathOf(id);
    }

    /// <summary>One that goes on where it was, all of which is durable.</summary>
    internal FileUpload(UploadDirectory uploads, string id, FileSecret secret, SealedWriter writer, byte[] tail)
        : this(uploads, id, secret, writer)
    {
        _tail = tail;
        _length = _durable = (writer.Segments * SealedLayout.SegmentLength) + tail.Length;
    }

    /// <summary>One that is whole, and only to be published.</summary>
    internal FileUpload(UploadDirectory uploads, string id, FileSecret secret, string partPath, ContentHash hash, long length)
    {
        (_uploads, Id, _secret, PartPath, Hash, _length, _durable, _tail) = (uploads, id, secret, partPath, hash, length, length, []);
        _directory = uploads.PathOf(id);
    }

    /// <summary>What it is resumed by: 22 characters that nobody guesses.</summary>
    public string Id { get; }

    /// <summary>Bytes of content that have come. How many of them are durable <see cref="CheckpointAsync"/> says.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>The hash of the content, once it was sealed.</summary>
    public ContentHash? Hash { get; private set; }

    /// <summary>Whether the same content was there already when this was published.</summary>
    public bool WasThere { get; private set; }

    /// <summary>Whether something of it is durable, so that it is kept.</summary>
    internal bool IsKept => _durable >= 0;

    /// <summary>Whether all of it is durable, and it can go on where it is.</summary>
    internal bool IsSound => _writer is not null && Hash is null && _fault.IsDone && _durable == _length;

    /// <summary>What it is sealed with.</summary>
    internal FileSecret Secret => _secret;

    /// <summary>The sealed file as far as it goes.</summary>
    internal string PartPath { get; }

    /// <summary>Takes what comes, to its end.</summary>
    /// <param name="source">What comes; read, not disposed.</param>
    /// <param name="limit">The most bytes that the whole content may have.</param>
    /// <param name="cancellationToken">Ends it, as if the source had.</param>
    /// <returns><see cref="StoreStatus.Cut"/> if the source failed: what had come until then counts, and more may be appended.
    /// <see cref="StoreStatus.TooLarge"/>, and what fails on the disk, ends this upload's use.</returns>
    public async Task<StoreOutcome> AppendAsync(Stream source, long limit, CancellationToken cancellationToken)
    {
        SealedWriter writer = Writer();
        if (!_fault.IsDone)
        {
            return _fault;
        }

        byte[] filling = ArrayPool<byte>.Shared.Rent(BatchLength), other = ArrayPool<byte>.Shared.Rent(BatchLength);
        Task sealing = Task.CompletedTask;
        StoreOutcome outcome = StoreOutcome.Done;
        try
        {
            _tail.CopyTo(filling, 0);
            int filled = _tail.Length;
            bool isHeld = false;
            while (true)
            {
                int count;
                try
                {
                    count = await source.ReadAsync(filling.AsMemory(filled, BatchLength - filled), cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    outcome = new StoreOutcome(StoreStatus.Cut, e.Message);
                    break;
                }

                if (count == 0)
                {
                    break;
                }

                if (_length + count > Math.Min(limit, SealedLayout.MaxLength))
                {
                    outcome = _fault = new StoreOutcome(StoreStatus.TooLarge, $"more than {limit} bytes came");
                    return outcome;
                }

                // The batch before is sealed only now: had nothing come after it, its last segment would be the last.
                if (isHeld)
                {
                    byte[] batch = other;
                    sealing = Task.Run(() => writer.Write(batch.AsMemory(0, BatchLength)), CancellationToken.None);
                    isHeld = false;
                }

                Volatile.Write(ref _length, _length + count);
                filled += count;
                if (filled == BatchLength)
                {
                    await sealing.ConfigureAwait(false);
                    (filling, other, filled, isHeld) = (other, filling, 0, true);
                }
            }

            await sealing.ConfigureAwait(false);
            byte[] rest = isHeld ? other : filling;
            int length = isHeld ? BatchLength : filled;
            int whole = Math.Max(length - 1, 0) / SealedLayout.SegmentLength * SealedLayout.SegmentLength;
            await Task.Run(() => writer.Write(rest.AsMemory(0, whole)), CancellationToken.None).ConfigureAwait(false);
            _tail = rest[whole..length];
            return outcome;
        }
        catch (Exception e) when (StoreOutcome.Of(e) is not null)
        {
            return _fault = StoreOutcome.Of(e)!.Value;
        }
        finally
        {
            await sealing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(other);
        }
    }

    /// <summary>Makes durable what has come. Three waits for the disk, so it is for the end of a request, not for each block.</summary>
    /// <returns>When it is done, <see cref="Length"/> may be acknowledged.</returns>
    public async Task<StoreOutcome> CheckpointAsync()
    {
        SealedWriter writer = Writer();
        return await DoAsync(() =>
        {
            writer.Sync();
            new UploadState(writer.Salt.ToArray(), writer.Segments, null, _tail).Write(_directory, _secret);
            if (!IsKept)
            {
                _uploads.SyncNames();
            }

            _durable = _length;
        }).ConfigureAwait(false);
    }

    /// <summary>Seals the content: nothing more can be appended. The disk has it, and <see cref="Hash"/> says what it is; nobody sees it
    /// yet. So the caller can note the hash first, and then publish: then there is no published file that nobody knows of.</summary>
    public async Task<StoreOutcome> SealAsync()
    {
        if (Hash is not null)
        {
            return StoreOutcome.Done;
        }

        SealedWriter writer = Writer();
        ContentHash? hash = null;
        StoreOutcome outcome = await DoAsync(() => hash = writer.Finish(_tail)).ConfigureAwait(false);

        // Half done it must not be done again: a nonce may be used up.
        _fault = outcome;
        (Hash, _tail) = (hash, outcome.IsDone ? [] : _tail);
        return outcome;
    }

    /// <summary>Seals the content, if that has not been done, and makes it visible under its hash. If the same content is there already,
    /// that stays.</summary>
    /// <param name="cancellationToken">Ends it; then it can be done again.</param>
    /// <returns>If it is not done, the upload is made durable as it is, and can be published later, by a process of then.</returns>
    public async Task<StoreOutcome> PublishAsync(CancellationToken cancellationToken)
    {
        StoreOutcome outcome = await SealAsync().ConfigureAwait(false);
        if (!outcome.IsDone)
        {
            return outcome;
        }

        try
        {
            outcome = await _uploads.PublishAsync(this, _secret, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = new StoreOutcome(StoreStatus.Cut, "nobody waits for it any more");
        }

        if (outcome.Status is StoreStatus.Done or StoreStatus.Exists)
        {
            WasThere = outcome.Status == StoreStatus.Exists;
            _durable = -1;
            _uploads.Delete(Id);
            return StoreOutcome.Done;
        }

        if (_writer is null)
        {
            // It was kept as it is before.
            return outcome;
        }

        StoreOutcome kept = await Task.Run(() => StoreOutcome.Try(KeepWhole), CancellationToken.None).ConfigureAwait(false);
        return kept.IsDone ? outcome : outcome with { Reason = $"{outcome.Reason}; and it cannot be kept for later: {kept.Reason}" };
    }

    /// <summary>Ends the upload. Nothing of it is left.</summary>
    public ValueTask AbortAsync()
    {
        (_durable, _fault) = (-1, new StoreOutcome(StoreStatus.Missing, "it was aborted"));
        return DisposeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _uploads.Leave(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes what is open. What was never acknowledged goes, so that a full disk has room again.</summary>
    internal void Close()
    {
        if (_writer is null)
        {
            return;
        }

        if (IsKept && _durable < _length && Hash is null)
        {
            StoreOutcome.Try(() => _writer.CutTo(Math.Max(_durable - 1, 0) / SealedLayout.SegmentLength));
        }

        _writer.Dispose();
    }

    private void KeepWhole()
    {
        new UploadState(_writer!.Salt.ToArray(), SealedLayout.Segments(_length), Hash, []).Write(_directory, _secret);
        _uploads.SyncNames();
        _durable = _length;
    }

    private SealedWriter Writer() =>
        _writer is { } writer && Hash is null ? writer : throw new InvalidOperationException("The upload is sealed already.");

    private async Task<StoreOutcome> DoAsync(Action work)
    {
        if (_fault.IsDone)
        {
            _fault = await Task.Run(() => StoreOutcome.Try(work)).ConfigureAwait(false);
        }

        return _fault;
    }
}
