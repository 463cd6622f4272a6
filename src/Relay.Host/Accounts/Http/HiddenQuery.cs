using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Relay.Host.Accounts.Http;

/// <summary>
/// Secrets in a request's query, taken out before anything sees it: a URL goes into logs, histories and <c>Referer</c>. A connect ticket is
/// kept here for the endpoint; bearer tokens have no place in a URL at all.
/// </summary>
/// <param name="Ticket">The connect ticket; null if there is none.</param>
/// <param name="HasBearer">Whether there was something that must never be there.</param>
internal sealed record HiddenQuery(string? Ticket, bool HasBearer)
{
    private const string Mask = "***";
    private const string TicketName = "ticket";

    private static readonly string[] BearerNames = ["access_token", "token", "refresh_token", "api_key"];

    /// <summary>Takes secrets out of a request.</summary>
    /// <param name="features">The request, before anybody has looked at it.</param>
    public static void Hide(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { QueryString: { Length: > 1 } query } request)
        {
            return;
        }

        string? ticket = null;
        bool hasBearer = false;
        bool isHidden = false;
        var shown = new StringBuilder(query.Length);
        foreach (string pair in query[1..].Split('&'))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = Decode(equals < 0 ? pair : pair[..equals]);
            string value = Decode(equals < 0 ? "" : pair[(equals + 1)..]);
            bool isTicket = name.Equals(TicketName, StringComparison.OrdinalIgnoreCase) ||
                value.StartsWith(TicketDesk.Prefix, StringComparison.Ordinal);
            bool isBearer = BearerNames.Contains(name, StringComparer.OrdinalIgnoreCase) || LooksLikeBearer(value);
            if (isTicket)
            {
                // Two are none.
                ticket = ticket is null ? value : "";
            }

            isHidden |= isTicket || isBearer;
            hasBearer |= isBearer;
            shown.Append(shown.Length == 0 ? '?' : '&').Append(isTicket || isBearer ? $"{name.ToLowerInvariant()}={Mask}" : pair);
        }

        if (!isHidden)
        {
            return;
        }

        request.QueryString = shown.ToString();
        int mark = request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        request.RawTarget = mark < 0 ? request.RawTarget : request.RawTarget[..mark] + shown;
        features.Set(new HiddenQuery(ticket, hasBearer));
    }

    /// <summary>Whatever it is called: other endpoints' names for credentials, a page's mistake.</summary>
    private static bool LooksLikeBearer(string value) =>
        Jwt.JwtToken.LooksLikeOne(value) || value.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) ||
        value.StartsWith(RefreshToken.Prefix, StringComparison.Ordinal);

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

/// <summary>Makes the contexts of requests. It is called before the first line of a request is logged, so here is where secrets
/// go.</summary>
/// <param name="services">The program's services.</param>
internal sealed class HidingContextFactory(IServiceProvider services) : IHttpContextFactory
{
    private readonly DefaultHttpContextFactory _inner = new(services);

    /// <inheritdoc/>
    public HttpContext Create(IFeatureCollection featureCollection)
    {
        HiddenQuery.Hide(featureCollection);
        return _inner.Create(featureCollection);
    }

    /// <inheritdoc/>
    public void Dispose(HttpContext httpContext) => _inner.Dispose(httpContext);
}
