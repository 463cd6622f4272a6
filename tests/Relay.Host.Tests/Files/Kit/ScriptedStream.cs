namespace Relay.Host.Tests.Files.Kit;

/// <summary>What a sender sends: blocks of given lengths, and how it ends.</summary>
/// <param name="content">What is sent.</param>
/// <param name="block">The most bytes at a time.</param>
/// <param name="failure">What happens after them; null for the end.</param>
/// <param name="before">What is waited for before each block; null for nothing.</param>
internal sealed class ScriptedStream(byte[] content, int block, Exception? failure = null, Func<int, Task>? before = null) : Stream
{
    private int _offset;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (before is not null)
        {
            await before(_offset);
        }

        cancellationToken.ThrowIfCancellationRequested();
        int count = Math.Min(Math.Min(block, buffer.Length), content.Length - _offset);
        if (count == 0 && failure is not null)
        {
            throw failure;
        }

        content.AsMemory(_offset, count).CopyTo(buffer);
        _offset += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
