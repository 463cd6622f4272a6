using System.IO.Pipelines;

namespace Relay.Host.Files.Serving;

/// <summary>Writes to another writer and counts. Whether the receiver is waited for after each piece is said by <paramref name="isHeld"/>:
/// if it is held, the pieces stay in memory until the other writer is flushed.</summary>
/// <param name="to">Where to.</param>
/// <param name="isHeld">Whether nothing is flushed here.</param>
internal sealed class HeldWriter(PipeWriter to, bool isHeld) : PipeWriter
{
    /// <summary>Bytes that were written.</summary>
    public long Written { get; private set; }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        // Into the other's own blocks, so that the buffer that this came in is free again. At least one byte is asked for: of an answer that
        // has not begun, Kestrel may give none otherwise.
        for (ReadOnlySpan<byte> rest = source.Span; !rest.IsEmpty;)
        {
            Span<byte> place = to.GetSpan(1);
            int count = Math.Min(place.Length, rest.Length);
            rest[..count].CopyTo(place);
            Advance(count);
            rest = rest[count..];
        }

        return FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        isHeld ? new(default(FlushResult)) : to.FlushAsync(cancellationToken);

    public override void Advance(int bytes)
    {
        to.Advance(bytes);
        Written += bytes;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => to.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => to.GetSpan(sizeHint);

    public override void CancelPendingFlush() => to.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The other writer is not this one's to end.
    }
}
