using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Load.RoomState;

/// <summary>What members must put up with who want the same things at the same time.</summary>
internal static class Refusals
{
    /// <summary>Whether a refusal is none of the server's faults.</summary>
    public static bool AreExpected(FrameType type, CloseCode code) => code switch
    {
        CloseCode.Forbidden or CloseCode.NotFound or CloseCode.NameTaken or CloseCode.Conflict or CloseCode.Locked or CloseCode.TooDeep or
            CloseCode.Cycle or CloseCode.QuotaExceeded => true,
        CloseCode.RateLimited => type == FrameType.SendEvent,

        // Near to whom? The first place may still be under way.
        CloseCode.BadValue => type == FrameType.SendEvent,
        _ => false,
    };
}
