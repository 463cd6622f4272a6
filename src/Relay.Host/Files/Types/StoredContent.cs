using System.Buffers;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;

namespace Relay.Host.Files.Types;

/// <summary>
/// The content of a stored file. It keeps the segments that were read last, so that looking here and there within one costs once. Whoever
/// reads on gets twice as many each time, up to 1 MiB: from a bucket, each time is a request. For one reader at a time; to be disposed, the
/// file by its owner.
/// </summary>
/// <param name="file">The file.</param>
internal sealed class StoredContent(StoredFile file) : IContentSource, IDisposable
{
    private const int MostHeld = 16 * SealedLayout.SegmentLength;

    private byte[] _segments = ArrayPool<byte>.Shared.Rent(SealedLayout.SegmentLength);
    private long _start;
    private int _held;

    public long Length => file.Length;

    public StoreOutcome Outcome { get; private set; } = StoreOutcome.Done;

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> to, CancellationToken cancellationToken)
    {
        if (offset < _start || offset >= _start + _held)
        {
            long start = offset - (offset % SealedLayout.SegmentLength);
            bool isNext = start == _start + _held;
            int wanted = isNext ? Math.Clamp(2 * _held, SealedLayout.SegmentLength, MostHeld) : SealedLayout.SegmentLength;
            (_start, _held) = (start, 0);
            int length = (int)Math.Min(wanted, Length - start);
            if (length > _segments.Length)
            {
                ArrayPool<byte>.Shared.Return(_segments);
                _segments = ArrayPool<byte>.Shared.Rent(length);
            }

            using var stream = new MemoryStream(_segments, 0, length);
            Outcome = await file.CopyToAsync(start, length, stream, cancellationToken).ConfigureAwait(false);
            if (!Outcome.IsDone)
            {
                return 0;
            }

            _held = length;
        }

        int skip = (int)(offset - _start), count = Math.Min(to.Length, _held - skip);
        _segments.AsSpan(skip, count).CopyTo(to.Span);
        return count;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_segments);
}
