using Relay.Protocol.Frames;

namespace Relay.Client.Transport;

/// <summary>
/// Collects received bytes until frames are whole. Used by the receive thread alone. It grows to the longest frame seen and stays there.
/// </summary>
internal sealed class FrameBuffer
{
    private byte[] _bytes = new byte[16 * 1024];
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Free()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_start > 0 && _bytes.Length - _end < _bytes.Length / 2)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        return _bytes.AsMemory(_end);
    }

    public void Added(int count) => _end += count;

    /// <summary>Takes the next whole frame. The body is good until <see cref="Free"/>.</summary>
    public FrameStatus TryTake(int maxBody, out FrameHeader header, out ReadOnlySpan<byte> body)
    {
        body = default;
        FrameStatus status = FrameDecoder.Find(_bytes.AsSpan(_start, _end - _start), maxBody, out header);
        if (status == FrameStatus.Complete)
        {
            body = _bytes.AsSpan(_start + FrameHeader.Size, header.BodyLength);
            _start += FrameHeader.Size + header.BodyLength;
        }

        return status;
    }
}
