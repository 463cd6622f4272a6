namespace Relay.Host.Accounts.Http;

/// <summary>Takes connect tickets on their way to a socket, and remembers bearers that were refused there: the relay is told of the user
/// and nothing else of a request. After authentication.</summary>
internal sealed class SocketGuard(RequestDelegate next, TicketDoor tickets)
{
    /// <summary>Serves a request.</summary>
    /// <param name="context">The request.</param>
    public async Task InvokeAsync(HttpContext context)
    {
        if (IsUpgrade(context.Request))
        {
            if (context.Features.Get<HiddenQuery>()?.Ticket is { } ticket)
            {
                context.User = new SocketPrincipal(
                    await tickets.RedeemAsync(ticket, context.Connection.RemoteIpAddress, context.RequestAborted).ConfigureAwait(false));
            }
            else if (context.Features.Get<FailedBearer>() is { } failed)
            {
                context.User = new SocketPrincipal(new SocketCredentials(null, failed.Status));
            }
        }

        await next(context).ConfigureAwait(false);
    }

    private static bool IsUpgrade(HttpRequest request) => request.Headers.Upgrade.Count > 0 || HttpMethods.IsConnect(request.Method);
}
