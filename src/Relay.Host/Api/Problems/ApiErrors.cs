using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Relay.Core.Hosting;
using Relay.Host.Accounts;
using Relay.Host.Accounts.Http;
using Relay.Host.Http;
using Relay.Host.Storage;

namespace Relay.Host.Api.Problems;

/// <summary>Makes problem details of whatever goes wrong below <c>/api</c>, and sets the headers that all answers there have.</summary>
internal sealed class ApiErrors(RequestDelegate next, ILogger<ApiErrors> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        if (context.Features.Get<FailedBearer>() is not null)
        {
            // Who shows a bearer that is not good is not taken for somebody who shows none.
            await context.ChallengeAsync(RelayClaims.Scheme).ConfigureAwait(false);
            return;
        }

        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null } response)
            {
                ProblemType type = ProblemType.Of(response.StatusCode);
                await WriteAsync(context, new ApiProblem(type, type.Title + ".")).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!context.Response.HasStarted && Translate(context, e) is { } problem)
        {
            await WriteAsync(context, problem).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a problem.</summary>
    public static Task WriteAsync(HttpContext context, ApiProblem problem)
    {
        context.Response.StatusCode = problem.Body.Status;
        if (problem.Body.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"relay\"";
        }

        if (problem.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Problem.Seconds(wait);
        }

        return context.Response.WriteAsJsonAsync(
            problem.Body, ProblemJson.Default.ProblemBody, "application/problem+json", context.RequestAborted);
    }

    private ApiProblem? Translate(HttpContext context, Exception e)
    {
        switch (e)
        {
            case ApiProblem problem:
                return problem;
            case RoomRefusedException refused:
                return ApiProblem.Of(refused);
            case StoreUnavailableException:
                // What the database says is for the log; it may name hosts.
                log.StoreFailed(e.Message);
                return new ApiProblem(
                    ProblemType.Unavailable, "The database cannot be reached; it is not known whether anything was changed.")
                {
                    RetryAfter = TimeSpan.FromSeconds(2),
                };
            case BadHttpRequestException bad:
                return new ApiProblem(ProblemType.Of(bad.StatusCode), bad.Message);
            case JsonException:
                return ApiProblem.BadRequest(e.Message);
            case TimeoutException or OperationCanceledException when !context.RequestAborted.IsCancellationRequested:
                return new ApiProblem(ProblemType.Unavailable, "The room did not answer in time.") { RetryAfter = TimeSpan.FromSeconds(1) };
            case OperationCanceledException:
                // Nobody is there any more to be told.
                return new ApiProblem(ProblemType.Unavailable, "The request was given up.");
            default:
                log.Failed(e, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "");
                return new ApiProblem(ProblemType.Internal, "The server failed.");
        }
    }
}
