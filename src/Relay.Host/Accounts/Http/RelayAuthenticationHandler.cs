using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Relay.Host.Accounts.Http;

/// <summary>The authentication scheme <see cref="RelayClaims.Scheme"/>: <c>Authorization: Bearer</c> with an access token, an API key, or
/// an external token. RFC 6750 §2.1; the other ways of that document are not spoken.</summary>
internal sealed class RelayAuthenticationHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder,
    BearerDesk bearers, SignInLimits limits)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Scheme_ = "Bearer ";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (BearerOf(Request) is not { } bearer)
        {
            return AuthenticateResult.NoResult();
        }

        BearerAnswer answer = await bearers.IdentifyAsync(bearer, Context.Connection.RemoteIpAddress, Context.RequestAborted)
            .ConfigureAwait(false);
        if (answer is { Status: BearerStatus.Accepted, Principal: ClaimsPrincipal who })
        {
            return AuthenticateResult.Success(new AuthenticationTicket(who, Scheme.Name));
        }

        Context.Features.Set(new FailedBearer(answer.Status));
        return AuthenticateResult.Fail(Problem.Unauthorized);
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        switch (Context.Features.Get<FailedBearer>()?.Status)
        {
            case BearerStatus.TooMany:
                Response.Headers.RetryAfter = Problem.Seconds(limits.Failures.WaitOf(Context.Connection.RemoteIpAddress));
                return Problem.WriteAsync(
                    Context, StatusCodes.Status429TooManyRequests,
                    "Too many failed sign-ins from this address, or too much to do. Try again later.");
            case BearerStatus.Unavailable:
                Response.Headers.RetryAfter = "5";
                return Problem.WriteAsync(
                    Context, StatusCodes.Status503ServiceUnavailable, "Who you are cannot be checked now. Try again later.");
            case null:
                Response.Headers.WWWAuthenticate = "Bearer";
                return Problem.WriteAsync(Context, StatusCodes.Status401Unauthorized, Problem.Unauthorized);
            default:
                Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                return Problem.WriteAsync(Context, StatusCodes.Status401Unauthorized, Problem.Unauthorized);
        }
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problem.WriteAsync(Context, StatusCodes.Status403Forbidden, "You may not do this.");

    private static string? BearerOf(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme_, StringComparison.OrdinalIgnoreCase) ? header[Scheme_.Length..].Trim() : null;
    }
}

/// <summary>A request showed a bearer that was not believed.</summary>
/// <param name="Status">What was said of it.</param>
internal sealed record FailedBearer(BearerStatus Status);
