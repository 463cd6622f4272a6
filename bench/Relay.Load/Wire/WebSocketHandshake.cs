using System.Security.Cryptography;
using System.Text;
using Relay.Protocol.Frames;

namespace Relay.Load.Wire;

/// <summary>The client's side of the opening handshake, RFC 6455 §4.1.</summary>
internal static class WebSocketHandshake
{
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>A fixed nonce does: it guards against caches between, and there are none on the way to a server under test.</summary>
    private const string Key = "cmVsYXkgbG9hZCB0ZXN0cg==";

    public static byte[] Request(string host, string path) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {Key}\r\n" +
        $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {ProtocolVersion.WebSocketSubprotocol}\r\n\r\n");

    /// <summary>Looks for the server's answer.</summary>
    /// <param name="input">What has arrived.</param>
    /// <param name="length">Bytes of the answer, or 0 while it is not whole.</param>
    /// <returns><c>null</c> if all is well so far, or what is wrong.</returns>
    public static string? Check(ReadOnlySpan<byte> input, out int length)
    {
        int end = input.IndexOf("\r\n\r\n"u8);
        length = end < 0 ? 0 : end + 4;
        if (length == 0)
        {
            return input.Length > 8192 ? "the WebSocket answer is longer than 8192 bytes" : null;
        }

        string answer = Encoding.ASCII.GetString(input[..length]);
        if (!answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            return "the server refused the WebSocket: " + answer[..answer.IndexOf('\r', StringComparison.Ordinal)];
        }

#pragma warning disable CA5350 // RFC 6455 §4.2.2 asks for SHA-1; it protects nothing
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Key + Guid)));
#pragma warning restore CA5350
        return answer.Contains(accept, StringComparison.Ordinal) ? null : "the server's Sec-WebSocket-Accept is wrong";
    }
}
