using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Relay.Core.Hosting;

/// <summary>Puts the relay on a Kestrel endpoint.</summary>
public static class RelayListenOptionsExtensions
{
    /// <summary>Speaks raw TCP on this endpoint (protocol-spec.md §2.1). With <c>UseHttps</c> before it: the same inside TLS.</summary>
    /// <param name="listen">The endpoint.</param>
    /// <returns>The endpoint.</returns>
    public static ListenOptions UseRelay(this ListenOptions listen)
    {
        listen.UseConnectionHandler<RelayConnectionHandler>();
        return listen;
    }
}
