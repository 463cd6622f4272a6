using Relay.Host.Api.Problems;
using Relay.Host.Files.Types;
using Relay.Host.Http;

namespace Relay.Host.Files;

/// <summary>
/// What comes of a file, looked at as it comes: what is no file that is taken, or is larger than its kind may be, ends at once, instead of
/// after it has come whole. It ends as the source would; whoever reads asks for <see cref="Refusal"/> then.
/// </summary>
/// <param name="source">What comes; not disposed.</param>
/// <param name="offset">Bytes of the file that are there already. Only its beginning tells what it is.</param>
/// <param name="length">Bytes of the whole file; null if nobody has said.</param>
/// <param name="options">How large each kind may be.</param>
/// <param name="space">Bytes that there is space for.</param>
internal sealed class IncomingStream(Stream source, long offset, long? length, FilesOptions options, long space) : Stream
{
    private readonly byte[]? _head = offset == 0 ? new byte[FileTypes.HeadLength] : null;
    private int _headLength;
    private bool _isKnown = offset != 0;
    private long _count = offset;
    private long _limit = Math.Min(options.MostOfAll, space);

    /// <summary>Why no more is taken; null if the source has ended by itself.</summary>
    public ApiProblem? Refusal { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Refusal is not null)
        {
            return 0;
        }

        int count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _count += count;
        if (!_isKnown)
        {
            LookAt(buffer.Span[..count], isEnd: count == 0 || _count == length);
        }

        if (Refusal is null && _count > _limit)
        {
            Refusal = TooLarge(Math.Max(_count, length ?? 0));
        }

        return Refusal is null ? count : 0;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>What is said of something that is no file that is taken.</summary>
    public static ApiProblem NotAllowed(string reason) => new(ProblemType.FileNotTaken, $"The file is refused: {reason}.");

    private void LookAt(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        int taken = Math.Min(bytes.Length, _head!.Length - _headLength);
        bytes[..taken].CopyTo(_head.AsSpan(_headLength));
        _headLength += taken;
        Sniffed sniffed = FileTypes.Sniff(_head.AsSpan(0, _headLength), isEnd);
        if (sniffed.Status == SniffStatus.TooShort)
        {
            return;
        }

        _isKnown = true;
        if (sniffed.Type is not { } type)
        {
            Refusal = NotAllowed(sniffed.Reason);
            return;
        }

        _limit = Math.Min(_limit, options.MostOf(type.Kind));
        if (length > _limit)
        {
            Refusal = TooLarge(length.Value);
        }
    }

    private ApiProblem TooLarge(long value) => FileUsage.TooLarge(
        _limit == space ? "There is no space for so much." : $"Of its kind a file may have {_limit} bytes.", _limit, value);
}
