using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Relay.Core.Hosting;

/// <summary>Which web pages may connect.</summary>
public static class OriginPolicy
{
    /// <summary>
    /// Whether a WebSocket request comes from where it may: from pages of this host, and from those in
    /// <see cref="RelayOptions.AllowedOrigins"/>. A request without Origin comes from no browser and may pass, unless it carries cookies:
    /// then it may be one that hides where it comes from.
    /// </summary>
    /// <param name="options">The relay's options.</param>
    /// <param name="request">The request.</param>
    public static bool AllowsOrigin(this RelayOptions options, HttpRequest request)
    {
        StringValues origin = request.Headers.Origin;
        if (StringValues.IsNullOrEmpty(origin))
        {
            return StringValues.IsNullOrEmpty(request.Headers.Cookie) || !StringValues.IsNullOrEmpty(request.Headers.Authorization);
        }

        string text = origin.ToString();
        return options.AllowedOrigins.Contains("*") ||
            options.AllowedOrigins.Contains(text, StringComparer.OrdinalIgnoreCase) ||
            (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) &&
             string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
