using System.Buffers.Binary;
using System.Text.Unicode;
using Relay.Core.Rooms;
using Relay.Protocol;

namespace Relay.Core.Transport.WebSockets;

/// <summary>Judges the payload of a WebSocket close frame, RFC 6455 §5.5.1 and §7.4.</summary>
internal static class WebSocketCloseCode
{
    /// <summary>How to answer a peer's close: in kind when it is well formed, with 1002 or 1007 when it is not.</summary>
    /// <param name="payload">The unmasked payload: nothing, or a code and a reason.</param>
    public static CloseReason Answer(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return new CloseReason(CloseCode.Normal, "The client closed.");
        }

        if (payload.Length == 1)
        {
            return new CloseReason(CloseCode.ProtocolError, "A close payload of one byte holds no code.");
        }

        ushort code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!MayBeSent(code))
        {
            return new CloseReason(CloseCode.ProtocolError, "This close code may not be sent.", Value: code);
        }

        return Utf8.IsValid(payload[2..])
            ? new CloseReason(CloseCode.Normal, "The client closed.", (CloseCode)(code == 1000 ? 0 : code))
            : new CloseReason(CloseCode.InvalidPayload, "The reason of a close is not UTF-8.");
    }

    /// <summary>The code for our close frame: a peer's own close is answered with its own code (RFC 6455 §5.5.1).</summary>
    public static CloseCode EchoOf(CloseReason reason) =>
        reason.Code == CloseCode.Normal && MayBeSent((ushort)reason.Cause) ? reason.Cause : reason.Code;

    /// <summary>Whether an endpoint may put a code into a close frame: the defined ones below 3000, the registered and private ones below
    /// 5000.</summary>
    public static bool MayBeSent(ushort code) => code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
}
