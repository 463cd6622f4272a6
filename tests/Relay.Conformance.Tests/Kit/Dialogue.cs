using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Relay.Protocol.WebSockets;

namespace Relay.Conformance.Tests.Kit;

/// <summary>
/// The client's end of one connection. It does the opening handshake by hand, sends bytes exactly as it is told, and reads all the while,
/// so that neither side can block the other; what comes must be what the case asks for, in that order and nothing besides. The ends of
/// a case are <see cref="EndAsync"/>, <see cref="CloseAsync"/> and <see cref="FailsAsync"/>: all wait for the end of TCP.
/// </summary>
internal sealed class Dialogue : IAsyncDisposable
{
    private const int AtOnce = 64 * 1024;

    private readonly Socket _socket;
    private readonly Stream _incoming;
    private readonly Channel<ServerFrame> _frames = Channel.CreateUnbounded<ServerFrame>();
    private readonly Queue<ServerFrame> _putBack = new();
    private Task _reading = Task.CompletedTask;
    private volatile bool _serverIsDone;
    private bool _wasReset;

    private Dialogue(Socket socket)
    {
        _socket = socket;
        _incoming = new BufferedStream(new NetworkStream(socket, ownsSocket: true), AtOnce);
    }

    /// <summary>Why the peer's behaviour is allowed and still not what the RFC would have; null if it is.</summary>
    public string? NonStrict { get; private set; }

    /// <summary>Connects and upgrades.</summary>
    public static async Task<Dialogue> OpenAsync(IPEndPoint server, string path)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server).WaitAsync(Patience.Long, TimeProvider.System);
        var dialogue = new Dialogue(socket);
        string key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await dialogue.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"));
        string answer = await dialogue.ReadHeadAsync().WaitAsync(Patience.Long, TimeProvider.System);
        CheckHandshake(answer, key);
        dialogue._reading = dialogue.ReadFramesAsync();
        return dialogue;
    }

    /// <summary>Sends frames back to back, as one piece as far as TCP lets it be one.</summary>
    public Task SendAsync(params byte[][] frames) => SendAsync(Pieces.One, frames);

    /// <summary>Sends frames in some pieces.</summary>
    public async Task SendAsync(Pieces pieces, params byte[][] frames)
    {
        byte[][] runs = pieces == Pieces.Frames ? frames : [Join(frames)];
        foreach (byte[] run in runs)
        {
            await SendBytesAsync(run, pieces == Pieces.Bytes ? 1 : AtOnce);
        }
    }

    /// <summary>Sends frames in pieces of some bytes, wherever these cut.</summary>
    public Task SendChoppedAsync(int pieceBytes, params byte[][] frames) => SendBytesAsync(Join(frames), pieceBytes);

    /// <summary>The next frame must be this.</summary>
    public async Task ExpectAsync(WebSocketOpcode opcode, byte[] payload)
    {
        ServerFrame? frame = await NextAsync(Patience.Long);
        if (frame is null || frame.Opcode != opcode)
        {
            throw new FailedException($"Instead of {opcode} of {payload.Length} bytes came {Tell(frame)}.");
        }

        if (!frame.Payload.AsSpan().SequenceEqual(payload))
        {
            throw new FailedException($"The payload of {opcode} differs: {frame.Payload.Length} bytes for {payload.Length}, or others.");
        }
    }

    /// <summary>The next frame should be this; a peer that has failed the connection already, for what was sent behind, is not
    /// strict.</summary>
    public async Task ExpectUnlessFailedAsync(WebSocketOpcode opcode, byte[] payload)
    {
        ServerFrame? frame = await NextAsync(Patience.Long);
        if (frame is not null)
        {
            _putBack.Enqueue(frame);
        }

        if (frame is null or { Opcode: WebSocketOpcode.Close })
        {
            NonStrict ??= "The connection was failed before what had come in order was answered.";
            return;
        }

        await ExpectAsync(opcode, payload);
    }

    /// <summary>The peer should fail the connection now; one that does so only after the rest is not strict.</summary>
    public async Task ExpectFailFastAsync()
    {
        try
        {
            if (await NextAsync(Patience.Short) is { } frame)
            {
                _putBack.Enqueue(frame);
            }
        }
        catch (TimeoutException)
        {
            NonStrict ??= "The connection was failed only when the rest had come.";
        }
    }

    /// <summary>Nothing more may come; the client closes with 1000, and the server answers in kind and ends TCP.</summary>
    public Task EndAsync() => CloseAsync([Wire.Close(1000)], 1000);

    /// <summary>The client closes; the server answers with one of some codes and ends TCP first.</summary>
    /// <param name="closing">The close frame, and what a peer sends behind it that it should not.</param>
    /// <param name="codes">What the answer may be.</param>
    public async Task CloseAsync(byte[][] closing, params int[] codes)
    {
        await SendAsync(closing);
        await ClosesAsync(mayReset: closing.Length > 1, codes);
    }

    /// <summary>The server answers the client's close, which has been sent, with one of some codes and ends TCP first.</summary>
    /// <param name="mayReset">Whether bytes that nobody reads were sent behind the close, so that TCP may end with a reset.</param>
    /// <param name="codes">What the answer may be.</param>
    public async Task ClosesAsync(bool mayReset, params int[] codes)
    {
        await ReadCloseAsync(codes);
        await ReadEndAsync();
        if (_wasReset && !mayReset)
        {
            throw new FailedException("TCP was reset after a closing handshake in good order.");
        }
    }

    /// <summary>The server fails the connection with one of some codes; the client answers, hangs up, and TCP ends.</summary>
    public async Task FailsAsync(params int[] codes)
    {
        int code = await ReadCloseAsync(codes);
        try
        {
            await _socket.SendAsync(Wire.Close(code));
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has ended TCP already, as it may.
        }

        await ReadEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading.WaitAsync(Patience.Long, TimeProvider.System);
        await _incoming.DisposeAsync();
    }

    private async Task<int> ReadCloseAsync(int[] codes)
    {
        ServerFrame? frame = await NextAsync(Patience.Long);
        if (frame is not { Opcode: WebSocketOpcode.Close })
        {
            throw new FailedException($"Instead of a close with {string.Join(" or ", codes)} came {Tell(frame)}.");
        }

        if (!codes.Contains(frame.CloseCode))
        {
            throw new FailedException($"The close has {frame.CloseCode} instead of {string.Join(" or ", codes)}.");
        }

        return frame.CloseCode;
    }

    private async Task ReadEndAsync()
    {
        if (await NextAsync(Patience.Long) is { } frame)
        {
            throw new FailedException($"After its close the server sent {frame}.");
        }
    }

    /// <summary>The next frame from the server; null at the end of TCP.</summary>
    private async Task<ServerFrame?> NextAsync(TimeSpan patience)
    {
        if (_putBack.TryDequeue(out ServerFrame? frame))
        {
            return frame;
        }

        return await _frames.Reader.WaitToReadAsync().AsTask().WaitAsync(patience, TimeProvider.System)
            ? await _frames.Reader.ReadAsync()
            : null;
    }

    /// <summary>Sends, until it is done or the server has said that it will read no more.</summary>
    private async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, int pieceBytes)
    {
        try
        {
            while (!bytes.IsEmpty && !_serverIsDone)
            {
                int sent = await _socket.SendAsync(bytes[..Math.Min(pieceBytes, bytes.Length)]).AsTask()
                    .WaitAsync(Patience.Long, TimeProvider.System);
                bytes = bytes[sent..];
            }
        }
        catch (SocketException)
        {
            // The server hung up; what it said before is still to be read.
        }
    }

    private async Task ReadFramesAsync()
    {
        Exception? failure = null;
        try
        {
            while (await ServerFrame.ReadAsync(_incoming) is { } frame)
            {
                _serverIsDone |= frame.Opcode == WebSocketOpcode.Close;
                _frames.Writer.TryWrite(frame);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            _wasReset = true;
        }
        catch (FailedException e)
        {
            failure = e;
        }

        _serverIsDone = true;
        _frames.Writer.TryComplete(failure);
    }

    private async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await _incoming.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static void CheckHandshake(string answer, string key)
    {
#pragma warning disable CA5350 // RFC 6455 §4.2.2 prescribes SHA-1 here; it protects nothing.
        byte[] accept = SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
#pragma warning restore CA5350
        if (!answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal) ||
            !answer.Contains($"Sec-WebSocket-Accept: {Convert.ToBase64String(accept)}\r\n", StringComparison.OrdinalIgnoreCase))
        {
            throw new FailedException("The opening handshake was not answered as it must be: " + answer);
        }
    }

    private static byte[] Join(byte[][] frames)
    {
        if (frames.Length == 1)
        {
            return frames[0];
        }

        var joined = new MemoryStream(frames.Sum(frame => frame.Length));
        foreach (byte[] frame in frames)
        {
            joined.Write(frame);
        }

        return joined.ToArray();
    }

    private static string Tell(ServerFrame? frame) => frame?.ToString() ?? "the end";
}
