using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Tests;
using Relay.Protocol.Transforms;

namespace Relay.Fuzz;

/// <summary>One body, read by the library and by the oracle, then written by the library and read by both once more.</summary>
internal static class MessageCheck
{
    public static void Run(FrameType type, ReadOnlySpan<byte> body, RoomSpace space)
    {
        DecodedMessage? message = DecodedMessage.Read(type, body, space);
        DisagreementException.ThrowUnlessEqual(message is not null, NaiveDecoder.Knows((byte)type), "Type known");
        if (message is null)
        {
            return;
        }

        var naiveSpace = new NaiveSpace(space.StepsX, space.StepsY, space.StepsZ);
        IReadOnlyList<string>? fields = message.Status == ReadStatus.Ok ? message.Fields : null;
        DisagreementException.ThrowUnlessSameFields(fields, NaiveDecoder.Read((byte)type, body.ToArray(), naiveSpace), type.ToString());
        if (message.Status == ReadStatus.Ok)
        {
            CheckWrittenAgain(type, message.Encoded, space, naiveSpace);
        }
    }

    private static void CheckWrittenAgain(FrameType type, byte[] frame, RoomSpace space, NaiveSpace naiveSpace)
    {
        FrameStatus status = FrameDecoder.Find(frame, FrameHeader.MaxBodyLength, out FrameHeader header);
        DisagreementException.ThrowUnlessEqual(
            (status, header.Type, FrameHeader.Size + header.BodyLength), (FrameStatus.Complete, type, frame.Length), "Frame written again");

        // What is written may be a shorter way to say it (no bracket, no empty extension), so it is held against itself.
        byte[] body = frame[FrameHeader.Size..];
        DecodedMessage again = DecodedMessage.Read(type, body, space)!;
        DisagreementException.ThrowUnlessEqual(again.Status, ReadStatus.Ok, "Status of the frame written again");
        DisagreementException.ThrowUnlessSameFields(again.Fields, NaiveDecoder.Read((byte)type, body, naiveSpace), type + " written again");
        DisagreementException.ThrowUnlessEqual(Convert.ToHexString(again.Encoded), Convert.ToHexString(frame), "Frame written a third time");
    }
}
