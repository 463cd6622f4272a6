namespace Relay.Protocol.Frames;

/// <summary>What <see cref="FrameDecoder"/> found at the start of some bytes.</summary>
public enum FrameStatus
{
    /// <summary>A whole frame is there.</summary>
    Complete,

    /// <summary>The header or the body is not all there yet.</summary>
    NeedMore,

    /// <summary>The header announces more than the limit in force; nothing of the body was looked at. Close code 1009.</summary>
    TooLarge,
}

/// <summary>
/// Finds where a frame ends; says nothing of what it means. It holds no state: callers give it the bytes that have arrived
/// and it answers from the header alone, so an over-long frame is refused before anything of it is buffered. protocol-spec.md §3.
/// </summary>
public static class FrameDecoder
{
    /// <summary>Looks for one frame at the start of <paramref name="input"/>.</summary>
    /// <param name="input">Bytes as they arrived; may be empty, partial, or hold several frames.</param>
    /// <param name="maxBodyLength">The limit in force on a body, in bytes.</param>
    /// <param name="header">The header when the answer is not <see cref="FrameStatus.NeedMore"/>, or when four bytes were there.</param>
    /// <returns>Whether a frame is whole, partial, or refused. A whole frame takes <see cref="FrameHeader.Size"/> +
    /// <see cref="FrameHeader.BodyLength"/> bytes.</returns>
    public static FrameStatus Find(ReadOnlySpan<byte> input, int maxBodyLength, out FrameHeader header)
    {
        if (input.Length < FrameHeader.Size)
        {
            header = default;
            return FrameStatus.NeedMore;
        }

        header = FrameHeader.Read(input);
        if (header.BodyLength > maxBodyLength)
        {
            return FrameStatus.TooLarge;
        }

        return input.Length - FrameHeader.Size < header.BodyLength ? FrameStatus.NeedMore : FrameStatus.Complete;
    }
}
