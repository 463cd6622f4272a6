using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms;

/// <summary>Turns a <see cref="CloseReason"/> into a Close frame.</summary>
internal static class CloseFrames
{
    public static void Write(ref FrameWriter writer, CloseReason reason)
    {
        new CloseFrame
        {
            Code = reason.Code,
            Cause = reason.Cause,
            Limit = reason.Limit,
            Value = reason.Value,
            TextUtf8 = ShortText.Encode(reason.Text),
        }.Write(ref writer);
    }
}
