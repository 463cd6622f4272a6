using System.Buffers;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Types;

/// <summary>The content of a stored file. It keeps the segment that was read last, so that looking here and there within one costs once.
/// For one reader at a time; to be disposed, the file by its owner.</summary>
/// <param name="file">The file.</param>
internal sealed class StoredContent(StoredFile file) : IContentSource, IDisposable
{
    private readonly byte[] _segment = ArrayPool<byte>.Shared.Rent(SealedLayout.SegmentLength);

    private long _start;
    private int _held;

    public long Length => file.Length;

    public StoreOutcome Outcome { get; private set; } = StoreOutcome.Done;

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> to, CancellationToken cancellationToken)
    {
        if (offset < _start || offset >= _start + _held)
        {
            _start = offset - (offset % SealedLayout.SegmentLength);
            _held = (int)Math.Min(SealedLayout.SegmentLength, Length - _start);
            using var stream = new MemoryStream(_segment, 0, _held);
            Outcome = await file.CopyToAsync(_start, _held, stream, cancellationToken).ConfigureAwait(false);
            if (!Outcome.IsDone)
            {
                _held = 0;
                return 0;
            }
        }

        int skip = (int)(offset - _start), count = Math.Min(to.Length, _held - skip);
        _segment.AsSpan(skip, count).CopyTo(to.Span);
        return count;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_segment);
}
