using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Relay.Host.Accounts.Http;
using Relay.Host.Storage;

namespace Relay.Host.Accounts.SigningIn;

/// <summary>How the ways to sign in are asked and answer: JSON in, JSON or RFC 9457 problem details out.</summary>
internal static class SignInAnswers
{
    private const int MostBodyBytes = 16 * 1024;

    /// <summary>Not proven: one answer for every reason.</summary>
    public static IResult Refused => Problem.Of(StatusCodes.Status401Unauthorized, "The sign-in was refused.");

    /// <summary>Ask later.</summary>
    public static IResult Busy => Problem.Of(StatusCodes.Status503ServiceUnavailable, "That cannot be done now. Try again in a moment.");

    /// <summary>Nobody is signed in, and that is needed.</summary>
    public static IResult NotSignedIn =>
        Problem.Of(StatusCodes.Status401Unauthorized, "Sign in to the account first: the request needs its access token.");

    /// <summary>The server does not know its own address.</summary>
    public static IResult NoAddress =>
        Problem.Of(
            StatusCodes.Status503ServiceUnavailable, "Relay:Accounts:PublicUrl is not set, and this is not development on this machine.");

    /// <summary>Reads a body.</summary>
    /// <returns>Null if it is none of that type.</returns>
    public static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MostBodyBytes;
        }

        try
        {
            return await context.Request.ReadFromJsonAsync(type, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Before everything: nothing here is to be kept by anybody on the way, whoever has failed too often waits, and a database
    /// that does not answer is said to be so.</summary>
    public static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        HttpContext context = invocation.HttpContext;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        AddressLimit failures = context.RequestServices.GetRequiredService<SignInLimits>().Failures;
        TimeSpan wait = failures.WaitOf(context.Connection.RemoteIpAddress);
        if (wait > TimeSpan.Zero)
        {
            return TooMany(context, wait);
        }

        try
        {
            return await next(invocation).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            return Busy;
        }
    }

    /// <summary>Around what can fail to prove who somebody is: no more can fail than may.</summary>
    public static async ValueTask<object?> CountAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        HttpContext context = invocation.HttpContext;
        AddressLimit failures = context.RequestServices.GetRequiredService<SignInLimits>().Failures;
        using AddressLimit.Attempt? attempt = await failures.BeginAsync(context.Connection.RemoteIpAddress, context.RequestAborted)
            .ConfigureAwait(false);
        if (attempt is null)
        {
            return TooMany(context, failures.WaitOf(context.Connection.RemoteIpAddress));
        }

        context.Features.Set(attempt);
        return await next(invocation).ConfigureAwait(false);
    }

    /// <summary>Has the attempt count as a failure.</summary>
    public static void CountFailure(HttpContext context) => context.Features.GetRequiredFeature<AddressLimit.Attempt>().Fail();

    /// <summary>Counts a failure and says so.</summary>
    public static IResult Fail(HttpContext context)
    {
        CountFailure(context);
        return Refused;
    }

    /// <summary>Too often from there.</summary>
    public static IResult TooMany(HttpContext context, TimeSpan wait) =>
        Problem.TooMany(context, wait, "Too many attempts from your network. Try again later.");
}
