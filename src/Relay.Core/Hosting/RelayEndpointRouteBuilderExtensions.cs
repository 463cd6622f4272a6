using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Relay.Core.Hosting;

/// <summary>Puts the relay among an application's endpoints.</summary>
public static class RelayEndpointRouteBuilderExtensions
{
    /// <summary>Speaks WebSocket at this path (protocol-spec.md §2.2), over HTTP/1.1 and, where the client asks for it, HTTP/2 (RFC
    /// 8441).</summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pattern">The path; usually <c>/relay</c>.</param>
    /// <returns>The endpoint, for <c>RequireAuthorization</c>, <c>RequireRateLimiting</c> and the like.</returns>
    public static IEndpointConventionBuilder MapRelay(this IEndpointRouteBuilder endpoints, string pattern = "/relay")
    {
        var server = endpoints.ServiceProvider.GetRequiredService<RelayServer>();
        var endpoint = new WebSocketEndpoint(server, endpoints.ServiceProvider.GetRequiredService<IOptions<RelayOptions>>().Value);
        server.Direct?.FirstBytes.AddPath(pattern);
        return endpoints.MapMethods(pattern, ["GET", "CONNECT"], endpoint.HandleAsync).WithDisplayName("Relay");
    }
}
