using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Host.Tests.NafUws;

/// <summary>What a page with <c>adapter: uws</c> is to the server.</summary>
internal sealed class UwsPage : IAsyncDisposable
{
    private readonly ClientWebSocket _web = new();

    private UwsPage()
    {
    }

    /// <summary>Its id, once it has joined.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Connects.</summary>
    /// <param name="program">To which server.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="origin">What a browser says of where the page comes from.</param>
    /// <param name="receiveBuffer">Bytes that the kernel keeps for it; 0 for the system's default.</param>
    public static async Task<UwsPage> ConnectAsync(RelayProgram program, string path = "/", string? origin = null, int receiveBuffer = 0)
    {
        var page = new UwsPage();
        if (origin is not null)
        {
            page._web.Options.SetRequestHeader("Origin", origin);
        }

        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (receiveBuffer > 0)
                {
                    socket.ReceiveBufferSize = receiveBuffer;
                }

                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        page._web.Options.CollectHttpResponseDetails = true;
        await page._web.ConnectAsync(new Uri($"ws://{program.Http}{path}"), invoker, default).WaitAsync(ChildProcess.Patience, TimeProvider.System);
        return page;
    }

    /// <summary>Connects, and is in a room.</summary>
    public static async Task<UwsPage> JoinAsync(RelayProgram program, string room, int receiveBuffer = 0)
    {
        UwsPage page = await ConnectAsync(program, receiveBuffer: receiveBuffer);
        await page.JoinAsync(room);
        return page;
    }

    /// <summary>The HTTP status that a request gets that is not to be served.</summary>
    public static async Task<HttpStatusCode> RefusalAsync(RelayProgram program, string path = "/", string? origin = null)
    {
        using var client = program.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", Convert.ToBase64String(new byte[16]));
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    public async Task JoinAsync(string room)
    {
        await SendAsync("joinRoom", new JsonObject { ["room"] = room });
        Id = (await UntilAsync("connectSuccess"))["socketId"]!.GetValue<string>();
    }

    public Task SendAsync(string name, JsonNode data) => TextAsync(new JsonObject { ["event"] = name, ["data"] = data }.ToJsonString());

    public Task BroadcastAsync(string type, JsonNode data) => SendAsync("broadcast", new JsonObject { ["from"] = Id, ["type"] = type, ["data"] = data });

    public Task TextAsync(string text) => BytesAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task BytesAsync(byte[] bytes, WebSocketMessageType type) =>
        await _web.SendAsync(bytes.AsMemory(), type, true, default).AsTask().WaitAsync(ChildProcess.Patience, TimeProvider.System);

    /// <summary>Reads up to the next message of an event.</summary>
    /// <returns>Its data.</returns>
    public async Task<JsonNode> UntilAsync(string name)
    {
        while (true)
        {
            JsonNode message = await ReadAsync() ?? throw new InvalidOperationException($"The connection ended before {name}: {_web.CloseStatus} {_web.CloseStatusDescription}");
            if (message["event"]!.GetValue<string>() == name)
            {
                return message["data"]!;
            }
        }
    }

    /// <summary>Reads until just these are in the room.</summary>
    public async Task UntilOccupantsAsync(params UwsPage[] pages)
    {
        while (true)
        {
            JsonNode data = await UntilAsync("occupantsChanged");
            if (data["occupants"]!.AsObject().Select(entry => entry.Key).ToHashSet().SetEquals(pages.Select(page => page.Id)))
            {
                return;
            }
        }
    }

    /// <summary>Reads to the end.</summary>
    /// <returns>The close code; null if the connection was cut.</returns>
    public async Task<int?> EndAsync()
    {
        try
        {
            while (await ReadAsync() is not null)
            {
            }
        }
        catch (WebSocketException)
        {
            return null;
        }

        return (int?)_web.CloseStatus;
    }

    /// <summary>What the server said when it closed.</summary>
    public string? CloseText => _web.CloseStatusDescription;

    public async Task LeaveAsync() => await _web.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);

    public ValueTask DisposeAsync()
    {
        _web.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonNode?> ReadAsync()
    {
        using var message = new MemoryStream();
        byte[] chunk = new byte[16 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult result = await _web.ReceiveAsync(chunk.AsMemory(), default).AsTask().WaitAsync(ChildProcess.Patience, TimeProvider.System);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            Assert.Equal(WebSocketMessageType.Text, result.MessageType);
            message.Write(chunk, 0, result.Count);
            if (result.EndOfMessage)
            {
                return JsonNode.Parse(message.ToArray(), documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            }
        }
    }
}
