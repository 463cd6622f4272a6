using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.WebSockets;

namespace Relay.Core.Tests.Kit;

/// <summary>How a connection ended, as its client saw it.</summary>
/// <param name="Close">The body of the Close frame, if one came.</param>
/// <param name="WebSocketCode">The code of the WebSocket close frame, if one came.</param>
/// <param name="WasReset">Whether the stream broke instead of ending.</param>
internal sealed record Ending(CloseFacts? Close, int? WebSocketCode, bool WasReset);

/// <summary>
/// A client on a socket of its own that sends whatever bytes it is told to, in whatever pieces, and reads frames. It does nothing by
/// itself, except that it answers a WebSocket close.
/// </summary>
internal abstract class RawClient : IAsyncDisposable
{
    private readonly byte[] _chunk = new byte[64 * 1024];
    private readonly Stream _stream;
    private byte[] _received = [];
    private CloseFacts? _close;

    protected RawClient(Socket socket, Stream stream)
    {
        Socket = socket;
        _stream = stream;
    }

    public Socket Socket { get; }

    /// <summary>Bytes that have arrived, as they were on the wire (inside TLS).</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Whether the stream broke instead of ending.</summary>
    protected bool WasReset { get; private set; }

    /// <summary>The code of the WebSocket close frame that came.</summary>
    protected virtual int? WebSocketCode => null;

    /// <summary>What has arrived and is not read.</summary>
    protected ReadOnlySpan<byte> Received => _received;

    /// <summary>Connects, up to where frames can be sent.</summary>
    public static async Task<RawClient> ConnectAsync(RelayTestServer server, Wire wire) => wire.IsWebSocket()
        ? await RawWebSocketClient.ConnectAsync(server, wire)
        : await RawTcpClient.ConnectAsync(server, wire);

    /// <summary>Connects and sends bytes in one piece with what comes before frames: the preface or the upgrade request.</summary>
    /// <param name="server">To whom.</param>
    /// <param name="wire">Over what.</param>
    /// <param name="behind">The bytes.</param>
    /// <param name="segment">In pieces of how many bytes to send all this; 0 for one piece.</param>
    public static async Task<RawClient> ConnectAsync(RelayTestServer server, Wire wire, byte[] behind, int segment = 0) =>
        wire.IsWebSocket()
        ? await RawWebSocketClient.ConnectAsync(server, wire, behind: behind, segment: segment)
        : await RawTcpClient.ConnectAsync(server, wire, behind, segment);

    /// <summary>What comes before frames: the preface or the upgrade request.</summary>
    public static byte[] Opening(RelayTestServer server, Wire wire) =>
        wire.IsWebSocket() ? RawWebSocketClient.Request(server, wire) : ConnectionPreface.Bytes.ToArray();

    /// <summary>Puts frames into what a transport carries them in: nothing, or one WebSocket message.</summary>
    public static byte[] Wrap(Wire wire, params ReadOnlySpan<byte[]> frames) =>
        wire.IsWebSocket() ? RawWebSocketClient.Message(WebSocketOpcode.Binary, Frames.Concat(frames)) : Frames.Concat(frames);

    /// <summary>Puts frames into what the transport carries them in: nothing, or one WebSocket message.</summary>
    public abstract byte[] Wrap(byte[] frames);

    /// <summary>Sends whole frames, on WebSocket in one message.</summary>
    public Task SendAsync(params ReadOnlySpan<byte[]> frames) => SendBytesAsync(Wrap(Frames.Concat(frames)));

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes).AsTask().InTimeAsync("room to send");
        await _stream.FlushAsync();
    }

    /// <summary>Sends bytes in pieces, each a segment of its own as far as the kernel plays along.</summary>
    public async Task SendBytesAsync(byte[] bytes, int segment)
    {
        int step = segment > 0 ? segment : bytes.Length;
        for (int i = 0; i < bytes.Length; i += step)
        {
            await SendBytesAsync(bytes.AsMemory(i, Math.Min(step, bytes.Length - i)));
        }
    }

    /// <summary>Sends bytes, and does not mind if the server has hung up before it has taken them all.</summary>
    public async Task TrySendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendBytesAsync(bytes);
        }
        catch (IOException)
        {
            // What the server said before it hung up is still to be read.
        }
    }

    /// <summary>Reads the next frame.</summary>
    /// <returns>Null at the end of the stream.</returns>
    public async Task<Frame?> ReadFrameAsync()
    {
        while (true)
        {
            if (TryTakeFrame() is { } frame)
            {
                _close = frame.Type == FrameType.Close ? CloseFacts.Read(frame.Body) : _close;
                return frame;
            }

            if (await AnswerAsync() || !await FillAsync())
            {
                return null;
            }
        }
    }

    /// <summary>Reads to the end, over whatever comes before it. After a Close it hangs up, as it should.</summary>
    public async Task<Ending> ReadToEndAsync()
    {
        long start = TimeProvider.System.GetTimestamp();
        while (await ReadFrameAsync() is { } frame)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Waiting.Patience, "Much came, but not the end.");
            if (frame.Type == FrameType.Close && this is RawTcpClient)
            {
                HangUp();
            }
        }

        return new Ending(_close, WebSocketCode, WasReset);
    }

    /// <summary>Reads text.</summary>
    /// <param name="until">Where to stop; null for the end of the stream.</param>
    public async Task<string> ReadTextAsync(string? until = null)
    {
        while ((until is null || !Encoding.Latin1.GetString(_received).Contains(until, StringComparison.Ordinal)) && await FillAsync())
        {
        }

        string text = Encoding.Latin1.GetString(_received);
        _received = [];
        return text;
    }

    /// <summary>Ends this side of the stream after a Close, so that the server need not wait for it.</summary>
    protected void HangUp()
    {
        try
        {
            ShutdownSend();
        }
        catch (SocketException)
        {
            // The server was faster.
        }
    }

    /// <summary>Ends this side of the stream.</summary>
    public void ShutdownSend() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection off with a reset.</summary>
    public void Reset() => Socket.Close(timeout: 0);

    public virtual async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        Socket.Dispose();
    }

    protected static async Task<(Socket Socket, Stream Stream)> DialAsync(RelayTestServer server, Wire wire, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(server.Endpoint(wire)).InTimeAsync("a connection");
        Stream stream = new NetworkStream(socket, ownsSocket: false);
        if (wire.IsTls())
        {
            var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => TestCertificate.Instance.Equals(certificate),
            }).InTimeAsync("the TLS handshake");
            stream = tls;
        }

        return (socket, stream);
    }

    /// <summary>Takes one whole frame out of what has arrived.</summary>
    protected abstract Frame? TryTakeFrame();

    /// <summary>Answers what the transport must answer.</summary>
    /// <returns>Whether the transport has told that nothing more comes.</returns>
    protected virtual Task<bool> AnswerAsync() => Task.FromResult(false);

    /// <summary>Forgets what has been read.</summary>
    protected void Skip(int count) => _received = _received[count..];

    /// <summary>Waits for more bytes.</summary>
    /// <returns>False at the end of the stream.</returns>
    protected async Task<bool> FillAsync()
    {
        int read;
        try
        {
            read = await _stream.ReadAsync(_chunk).AsTask().InTimeAsync("bytes from the server");
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            WasReset = true;
            return false;
        }

        _received = [.. _received, .. _chunk.AsSpan(0, read)];
        BytesReceived += read;
        return read > 0;
    }
}
