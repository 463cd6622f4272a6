using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Host.Tests.Accounts;

/// <summary>A connection to the relay that says who it is and tells what it is answered.</summary>
internal sealed class RelaySocket : IDisposable
{
    private readonly Socket? _tcp;
    private readonly ClientWebSocket? _web;
    private readonly byte[] _chunk = new byte[16 * 1024];
    private byte[] _received = [];
    private ulong _sequence;

    private RelaySocket(Socket? tcp, ClientWebSocket? web) => (_tcp, _web) = (tcp, web);

    private delegate void Writing(ref FrameWriter writer);

    public byte[] ResumeToken { get; private set; } = [];

    public Guid Session { get; private set; }

    public string Name { get; private set; } = "";

    public static async Task<RelaySocket> TcpAsync(AccountsServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(server.Tcp));
        await socket.SendAsync(ConnectionPreface.Bytes.ToArray());
        return new RelaySocket(socket, null);
    }

    public static async Task<RelaySocket> WebAsync(AccountsServer server, string query = "", string? bearer = null)
    {
        var web = new ClientWebSocket();
        web.Options.AddSubProtocol(ProtocolVersion.WebSocketSubprotocol);
        if (bearer is not null)
        {
            web.Options.SetRequestHeader("Authorization", "Bearer " + bearer);
        }

        await web.ConnectAsync(new Uri($"ws://{server.Http}/relay{query}"), default).WaitAsync(ChildProcess.Patience, TimeProvider.System);
        return new RelaySocket(null, web);
    }

    /// <summary>Connects over TCP with credentials, and is let in.</summary>
    public static async Task<RelaySocket> InAsync(AccountsServer server, string credentials)
    {
        RelaySocket socket = await TcpAsync(server);
        Assert.Equal(CloseCode.None, await socket.HelloAsync(credentials));
        return socket;
    }

    /// <summary>Says Hello.</summary>
    /// <returns>None when it is welcome; else what the connection is closed with.</returns>
    public async Task<CloseCode> HelloAsync(string credentials, byte[]? resumeToken = null)
    {
        await SendAsync((ref FrameWriter writer) => new Hello
        {
            VersionOldest = 1,
            VersionNewest = 1,
            Credentials = Encoding.UTF8.GetBytes(credentials),
            ResumeToken = resumeToken,
        }.Write(ref writer));
        (FrameType type, byte[] body) = await NextAsync(FrameType.Welcome, FrameType.Close);
        if (type == FrameType.Close)
        {
            return CodeOf(body);
        }

        Assert.Equal(ReadStatus.Ok, Welcome.TryRead(body, out Welcome welcome));
        ResumeToken = welcome.ResumeToken.ToArray();
        Name = Encoding.UTF8.GetString(welcome.NameUtf8);
        Session = ResumeToken.Length > 0 ? new Guid(ResumeToken.AsSpan(0, 16), bigEndian: true) : default;
        return CloseCode.None;
    }

    /// <summary>Asks to enter a room.</summary>
    /// <returns>None when it is in; else what it was refused with.</returns>
    public async Task<CloseCode> JoinAsync(string room, string ticket = "")
    {
        await SendAsync((ref FrameWriter writer) => new Join
        {
            Sequence = ++_sequence,
            RoomUtf8 = Encoding.UTF8.GetBytes(room),
            Ticket = Encoding.UTF8.GetBytes(ticket),
        }.Write(ref writer));
        (FrameType type, byte[] body) = await NextAsync(FrameType.Joined, FrameType.Error);
        if (type == FrameType.Joined)
        {
            return CloseCode.None;
        }

        Assert.Equal(ReadStatus.Ok, ErrorFrame.TryRead(body, out ErrorFrame error));
        return error.Code;
    }

    /// <summary>Shows fresh credentials.</summary>
    /// <returns>None when they are taken; else what they were refused with.</returns>
    public async Task<CloseCode> RenewAsync(string credentials)
    {
        await SendAsync((ref FrameWriter writer) => new Renew { Sequence = ++_sequence, Credentials = Encoding.UTF8.GetBytes(credentials) }.Write(ref writer));
        (FrameType type, byte[] body) = await NextAsync(FrameType.Done, FrameType.Error);
        if (type == FrameType.Done)
        {
            return CloseCode.None;
        }

        Assert.Equal(ReadStatus.Ok, ErrorFrame.TryRead(body, out ErrorFrame error));
        return error.Code;
    }

    /// <summary>Sends bytes as they are, also such as no client of ours would.</summary>
    public async Task SendBytesAsync(byte[] bytes)
    {
        if (_web is not null)
        {
            await _web.SendAsync(bytes, WebSocketMessageType.Binary, true, default);
        }
        else
        {
            await _tcp!.SendAsync(bytes);
        }
    }

    /// <summary>Waits to be refused something.</summary>
    public async Task<CloseCode> RefusedAsync()
    {
        Assert.Equal(ReadStatus.Ok, ErrorFrame.TryRead((await NextAsync(FrameType.Error)).Body, out ErrorFrame error));
        return error.Code;
    }

    /// <summary>Waits to be closed.</summary>
    public async Task<CloseCode> ClosedAsync() => CodeOf((await NextAsync(FrameType.Close)).Body);

    public static CloseCode CodeOf(byte[] body)
    {
        Assert.Equal(ReadStatus.Ok, CloseFrame.TryRead(body, out CloseFrame close));
        return close.Code;
    }

    /// <summary>Reads up to the next frame of one of some types.</summary>
    public async Task<(FrameType Type, byte[] Body)> NextAsync(params FrameType[] types)
    {
        while (true)
        {
            while (FrameDecoder.Find(_received, FrameHeader.MaxBodyLength, out _) != FrameStatus.Complete)
            {
                int read = await ReadAsync().WaitAsync(ChildProcess.Patience, TimeProvider.System);
                Assert.True(read > 0, "The connection ended without saying why.");
                _received = [.. _received, .. _chunk.AsSpan(0, read)];
            }

            FrameHeader header = FrameHeader.Read(_received);
            int size = FrameHeader.Size + header.BodyLength;
            byte[] body = _received[FrameHeader.Size..size];
            _received = _received[size..];
            if (types.Contains(header.Type))
            {
                return (header.Type, body);
            }
        }
    }

    /// <summary>Breaks the connection without a word.</summary>
    public void Break()
    {
        if (_tcp is not null)
        {
            _tcp.LingerState = new LingerOption(true, 0);
        }

        Dispose();
    }

    public void Dispose()
    {
        _tcp?.Dispose();
        _web?.Dispose();
    }

    private Task SendAsync(Writing write) => SendBytesAsync(Build(write));

    private static byte[] Build(Writing write)
    {
        var writer = new FrameWriter(new byte[12 * 1024]);
        write(ref writer);
        return writer.WrittenSpan.ToArray();
    }

    private async Task<int> ReadAsync() => _web is not null
        ? (await _web.ReceiveAsync(_chunk.AsMemory(), default)).Count
        : await _tcp!.ReceiveAsync(_chunk);
}
