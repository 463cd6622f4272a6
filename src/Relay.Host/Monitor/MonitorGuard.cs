using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Host.Monitor;

/// <summary>
/// Stands before everything under <c>/monitor</c>. With a key: HTTP Basic, user <c>operator</c>. Without one, in development mode: this
/// machine only. Otherwise the monitor is off. What changes anything is taken from the monitor's own page alone.
/// </summary>
internal sealed class MonitorGuard
{
    /// <summary>The user name of the operator.</summary>
    public const string User = "operator";

    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'";

    private const string NotOwnPage =
        "The monitor takes orders from its own page only: Sec-Fetch-Site or Origin says that this is another one, or neither is there.";

    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "[::1]"];

    private readonly byte[]? _expected;
    private readonly bool _isDevelopment;
    private readonly FailureLimit _failures;
    private readonly ILogger _log;

    public MonitorGuard(HostOptions options, TimeProvider time, ILogger<MonitorGuard> log)
    {
        _expected = options.MonitorKey is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes($"{User}:{key}")) : null;
        _isDevelopment = options.Development;
        _failures = new FailureLimit(time);
        _log = log;
        if (_expected is not null && !options.Tls && !IPAddress.IsLoopback(IPAddress.Parse(options.Address)))
        {
            log.KeyInTheClear(options.Address);
        }
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // Whatever else the page's file is served with, this holds.
        context.Response.OnStarting(SetHeadersAsync, context.Response.Headers);
        (int status, string line) = _expected is not null ? CheckKey(context) : CheckMachine(context);
        string method = context.Request.Method;
        if (status == 0 && !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !IsFromOwnPage(context.Request))
        {
            (status, line) = (StatusCodes.Status403Forbidden, NotOwnPage);
        }

        if (status == 0)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(line + "\n", context.RequestAborted).ConfigureAwait(false);
    }

    private static Task SetHeadersAsync(object state)
    {
        var headers = (IHeaderDictionary)state;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = PagePolicy;
        return Task.CompletedTask;
    }

    private (int Status, string Line) CheckKey(HttpContext context)
    {
        IPAddress? remote = context.Connection.RemoteIpAddress;
        TimeSpan wait = _failures.WaitOf(remote);
        if (wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return (
                StatusCodes.Status429TooManyRequests,
                $"Too many wrong keys from this address: {FailureLimit.Most} in a minute. " +
                $"Try again in {Math.Ceiling(wait.TotalSeconds)} s.");
        }

        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Relay monitor\", charset=\"UTF-8\"";
        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out AuthenticationHeaderValue? given) ||
            !string.Equals(given.Scheme, "Basic", StringComparison.OrdinalIgnoreCase))
        {
            return (
                StatusCodes.Status401Unauthorized,
                $"The monitor needs HTTP Basic: user {User}, and Relay:Host:MonitorKey as the password.");
        }

        if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(Decode(given.Parameter)), _expected))
        {
            context.Response.Headers.Remove("WWW-Authenticate");
            return default;
        }

        _log.WrongKey(remote);
        if (_failures.Add(remote))
        {
            _log.TooManyFailures(remote, FailureLimit.Most);
        }

        return (StatusCodes.Status401Unauthorized, $"Wrong user or key: the user is {User}, the password Relay:Host:MonitorKey.");
    }

    private (int Status, string Line) CheckMachine(HttpContext context)
    {
        const string Remedy = "Set Relay:Host:MonitorKey (at least 16 characters) to open it to whoever has the key.";
        if (!_isDevelopment)
        {
            return (StatusCodes.Status404NotFound, "The monitor is off. " + Remedy);
        }

        // A name that resolves to this machine is not enough: another page's could be made to (DNS rebinding).
        return context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote) &&
            LoopbackNames.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase)
            ? default
            : (StatusCodes.Status403Forbidden, "Without a key the monitor is for this machine only, as localhost or 127.0.0.1. " + Remedy);
    }

    /// <summary>Whether no other page can have made the browser send it. What the browser says decides, since behind a proxy the origin may
    /// not be what the program knows itself by; it says so only on secure connections and to this machine, so otherwise the origin
    /// does.</summary>
    private static bool IsFromOwnPage(HttpRequest request)
    {
        string? site = request.Headers["Sec-Fetch-Site"];
        return site is not null
            ? site == "same-origin"
            : string.Equals(request.Headers.Origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    private static byte[] Decode(string? parameter)
    {
        try
        {
            return Convert.FromBase64String(parameter ?? "");
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
