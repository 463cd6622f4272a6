using System.Text;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Kit;

/// <summary>What messages carry: something of each size that shows if bytes were lost, doubled or exchanged.</summary>
internal static class Payload
{
    /// <summary>A payload of so many bytes; for text it is UTF-8 with code points of every length.</summary>
    public static byte[] Of(WebSocketOpcode kind, int size)
    {
        byte[] payload = new byte[size];
        if (kind != WebSocketOpcode.Text)
        {
            new Random(size).NextBytes(payload);
            return payload;
        }

        int filled = 0;
        for (int line = 0; filled < size; line++)
        {
            byte[] words = Encoding.UTF8.GetBytes($"{line} ça va → 𝄞; ");
            if (words.Length > size - filled)
            {
                payload.AsSpan(filled).Fill((byte)'.');
                break;
            }

            words.CopyTo(payload, filled);
            filled += words.Length;
        }

        return payload;
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
