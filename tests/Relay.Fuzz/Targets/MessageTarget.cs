using Relay.Protocol.Frames;
using Relay.Protocol.Transforms;

namespace Relay.Fuzz;

/// <summary>Input: a frame, as in the document. Every type, in the default room.</summary>
internal sealed class MessageTarget : IFuzzTarget
{
    public string Name => "messages";

    public void Run(ReadOnlySpan<byte> input)
    {
        if (FrameDecoder.Find(input, FrameHeader.MaxBodyLength, out FrameHeader header) == FrameStatus.Complete)
        {
            MessageCheck.Run(header.Type, input.Slice(FrameHeader.Size, header.BodyLength), RoomSpace.Default);
        }
    }

    public void Repair(Span<byte> input)
    {
        if (input.Length >= FrameHeader.Size)
        {
            new FrameHeader((FrameType)input[3], input.Length - FrameHeader.Size).Write(input);
        }
    }
}
