using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Protocol;

namespace Relay.Host.Bridges.NafUws;

/// <summary>
/// Pages whose networked-aframe has <c>adapter: uws</c> meet here: the JSON over WebSocket of that adapter, with what its own server lacks.
/// The server says who a message is from, a message reaches its sender's room only, nobody can flood, and nobody waits for a slow reader.
/// </summary>
internal sealed class NafUwsHub
{
    private readonly ConcurrentDictionary<string, NafUwsConnection> _connections = new(StringComparer.Ordinal);
    private readonly RelayOptions _relay;
    private readonly RelayServer _server;
    private readonly IRelayAuthorizer _authorizer;
    private readonly ILogger<NafUwsHub> _log;
    private int _open;

    public NafUwsHub(
        NafUwsOptions options, IOptions<RelayOptions> relay, RelayServer server, IRelayAuthorizer authorizer, TimeProvider time,
        IHostApplicationLifetime lifetime, ILogger<NafUwsHub> log)
    {
        Options = options;
        Time = time;
        Rooms = new NafUwsRooms(options.Occupancy, time);
        _relay = relay.Value;
        _server = server;
        _authorizer = authorizer;
        _log = log;
        lifetime.ApplicationStopping.Register(Drain);
    }

    public NafUwsOptions Options { get; }

    public TimeProvider Time { get; }

    public NafUwsRooms Rooms { get; }

    /// <summary>Within this time a page must have joined a room.</summary>
    public TimeSpan JoinTimeout => _relay.Limits.HelloTimeout;

    /// <summary>Serves a WebSocket request until the connection has ended.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            int open = Interlocked.Increment(ref _open);
            (ConnectDecision? who, int status, string text) = await AdmitAsync(context, open).ConfigureAwait(false);
            if (who is null)
            {
                context.Response.StatusCode = status;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync(text + "\n", context.RequestAborted).ConfigureAwait(false);
                return;
            }

            await ServeAsync(context, who).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    /// <summary>Asks whether somebody may enter a room.</summary>
    /// <returns>Why not; null if so.</returns>
    public async ValueTask<string?> RefusalAsync(ConnectDecision who, string room, CancellationToken aborted)
    {
        var attempt = new JoinAttempt(room, default, who.Name!, who.Identity);
        JoinDecision decision = await InTimeAsync(
            token => _authorizer.AuthorizeJoinAsync(attempt, token), JoinDecision.Refuse, aborted).ConfigureAwait(false);
        return decision.Refusal;
    }

    private async ValueTask<(ConnectDecision? Who, int Status, string Text)> AdmitAsync(HttpContext context, int open)
    {
        if (!_relay.AllowsOrigin(context.Request))
        {
            return (null, StatusCodes.Status403Forbidden, "This origin may not connect; see Relay:AllowedOrigins.");
        }

        if (_server.IsDraining || open > Options.MaxConnections)
        {
            return (
                null,
                StatusCodes.Status503ServiceUnavailable,
                _server.IsDraining
                    ? "The server is draining."
                    : $"The server has as many connections as it may: {Options.MaxConnections}.");
        }

        // The adapter sends nothing that could be credentials, but it dials the page's server URL as it is.
        byte[] credentials = Encoding.UTF8.GetBytes(context.Request.Query["credentials"].ToString());
        var remote = new IPEndPoint(context.Connection.RemoteIpAddress ?? IPAddress.None, context.Connection.RemotePort);
        var attempt = new ConnectAttempt(credentials, "naf-uws", context.User, remote, IsWebSocket: true, context.Request.IsHttps);
        ConnectDecision decision = await InTimeAsync(
            token => _authorizer.AuthorizeConnectionAsync(attempt, token),
            ConnectDecision.Refuse,
            context.RequestAborted).ConfigureAwait(false);
        return decision.Name is null ? (null, StatusCodes.Status401Unauthorized, decision.Refusal ?? "Refused.") : (decision, 0, "");
    }

    private async Task ServeAsync(HttpContext context, ConnectDecision who)
    {
        // A small buffer in the kernel, so that a page that does not read is noticed before megabytes have piled up there.
        if (_relay.Limits.KernelSendBufferBytes > 0 && context.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            Tune(socket, _relay.Limits.KernelSendBufferBytes);
        }

        TimeSpan half = Options.IdleTimeout / 2;
        using WebSocket web = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = half, KeepAliveTimeout = half }).ConfigureAwait(false);
        var page = new NafUwsConnection(web, this, who, context.RequestAborted);
        _connections[page.Id] = page;
        if (_server.IsDraining)
        {
            page.Close(CloseCode.GoingAway, "The server is draining.");
        }

        await page.RunAsync().ConfigureAwait(false);
        _connections.TryRemove(page.Id, out _);
        _log.Closed(page.Id, who.Name!, (int)page.End.Code, page.End.Text);
    }

    private static void Tune(Socket socket, int bytes)
    {
        try
        {
            socket.SendBufferSize = bytes;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer has gone; reading will tell.
        }
    }

    /// <summary>Closes pages.</summary>
    /// <param name="which">Whose, by what they were let in as.</param>
    /// <param name="code">What they are told.</param>
    /// <param name="text">One line for a person.</param>
    public void Disconnect(Func<ConnectDecision, bool> which, CloseCode code, string text)
    {
        foreach (NafUwsConnection page in _connections.Values.Where(page => which(page.Who)))
        {
            page.Close(code, text);
        }
    }

    /// <summary>The host stops: every page is told, and comes back by itself.</summary>
    private void Drain()
    {
        foreach (NafUwsConnection page in _connections.Values)
        {
            page.Close(CloseCode.GoingAway, "The server is going away.");
        }
    }

    /// <summary>The embedder's word, within its time. Whatever goes wrong is a refusal.</summary>
    private async ValueTask<T> InTimeAsync<T>(Func<CancellationToken, ValueTask<T>> ask, Func<string, T> refuse, CancellationToken aborted)
    {
        TimeSpan limit = _relay.Limits.AuthorizeTimeout;
        using var timeout = new CancellationTokenSource(limit, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, aborted);
        try
        {
            return await ask(either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return refuse("The server could not decide in time.");
        }
#pragma warning disable CA1031 // Whatever the embedder's authorizer throws concerns this caller alone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _log.AuthorizerFailed(e);
            return refuse("The server could not decide.");
        }
    }
}

/// <summary>What the endpoint logs.</summary>
internal static partial class NafUwsLog
{
    [LoggerMessage(1, LogLevel.Debug, "Page {Id} as {Name} closed: {Code} {Text}")]
    public static partial void Closed(this ILogger logger, string id, string name, int code, string text);

    [LoggerMessage(2, LogLevel.Error, "Authorizer failed: refused.")]
    public static partial void AuthorizerFailed(this ILogger logger, Exception exception);
}
