using System.IO.Pipelines;

namespace Relay.Host.Files.Serving;

/// <summary>
/// Writes an answer's body, and begins the answer with the first of it: until then it can still become another one. It counts, too. Whether
/// the receiver is waited for after each piece is said by <paramref name="isHeld"/>; if it is held, the pieces stay in the connection's
/// memory until its own writer is flushed.
/// </summary>
/// <param name="response">The answer.</param>
/// <param name="isHeld">Whether nothing is flushed here.</param>
internal sealed class HeldWriter(HttpResponse response, bool isHeld) : PipeWriter
{
    private readonly PipeWriter _body = response.BodyWriter;

    /// <summary>Bytes that were written.</summary>
    public long Written { get; private set; }

    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (!response.HasStarted)
        {
            // What is written before goes into buffers beside the connection's, as many as there are bytes to a few.
            await response.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        for (int written = 0; written < source.Length;)
        {
            Memory<byte> place = _body.GetMemory(1);
            int count = Math.Min(place.Length, source.Length - written);
            source.Slice(written, count).CopyTo(place);
            Advance(count);
            written += count;
        }

        return await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        isHeld ? default : _body.FlushAsync(cancellationToken);

    public override void Advance(int bytes)
    {
        _body.Advance(bytes);
        Written += bytes;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => _body.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _body.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _body.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The connection's own writer is not this one's to end.
    }
}
