namespace Relay.Host.Files.Images;

/// <summary>The standard input of a program, and who keeps whom waiting: the program, which does not read, or the one who writes.</summary>
/// <param name="input">What the program reads; closed with this.</param>
internal sealed class FeedStream(Stream input) : Stream
{
    private volatile bool _isHeldUp;
    private volatile bool _isRefused;

    /// <summary>Whether writing was ended while the program did not read.</summary>
    public bool IsHeldUp => _isHeldUp;

    /// <summary>Whether the program takes no more: it has all that it needs, or has ended.</summary>
    public bool IsRefused => _isRefused;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await input.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _isHeldUp = true;
            throw;
        }
        catch (IOException)
        {
            _isRefused = true;
            throw;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is kept here.
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
