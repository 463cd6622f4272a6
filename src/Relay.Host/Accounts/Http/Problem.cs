using System.Globalization;
using System.Text.Json;
using Relay.Host.Http;

namespace Relay.Host.Accounts.Http;

/// <summary>Refusals as problem details (RFC 9457).</summary>
internal static class Problem
{
    /// <summary>What every refused credential is told, whatever is wrong with it.</summary>
    public const string Unauthorized = "The credentials are not good.";

    /// <summary>A refusal.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">One line for a person.</param>
    public static IResult Of(int status, string detail) => Results.Json(
        ProblemBody.Of(ProblemType.Of(status), detail), ProblemJson.Default.ProblemBody, "application/problem+json", status);

    /// <summary>401, always the same.</summary>
    public static IResult Refused() => Of(StatusCodes.Status401Unauthorized, Unauthorized);

    /// <summary>429 with the time to wait.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wait">How long.</param>
    /// <param name="detail">One line for a person.</param>
    public static IResult TooMany(HttpContext context, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = Seconds(wait);
        return Of(StatusCodes.Status429TooManyRequests, detail);
    }

    /// <summary>Writes a refusal without an endpoint's help.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="detail">One line for a person.</param>
    public static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return Of(status, detail).ExecuteAsync(context);
    }

    /// <summary>A time as <c>Retry-After</c> has it: whole seconds, at least one.</summary>
    /// <param name="wait">The time.</param>
    public static string Seconds(TimeSpan wait) => Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}

/// <summary>Bodies of requests.</summary>
internal static class JsonBody
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
        MaxDepth = 16,
    };

    /// <summary>Reads a body. An empty one is an empty object.</summary>
    /// <typeparam name="T">What it should be.</typeparam>
    /// <param name="context">The request.</param>
    /// <returns>What it is, or what is wrong with it.</returns>
    public static async Task<(T? Value, IResult? Problem)> ReadAsync<T>(HttpContext context)
        where T : class, new()
    {
        if (context.Request.ContentLength is 0 or null && context.Request.Headers.TransferEncoding.Count == 0)
        {
            return (new T(), null);
        }

        try
        {
            T? value = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Strict, context.RequestAborted).ConfigureAwait(false);
            return value is null
                ? (null, Problem.Of(StatusCodes.Status400BadRequest, "The body must be a JSON object; it is null."))
                : (value, null);
        }
        catch (JsonException e)
        {
            return (null, Problem.Of(
                StatusCodes.Status400BadRequest,
                $"The body is not the JSON object that is wanted; see {e.Path ?? "$"} in line {e.LineNumber ?? 0}."));
        }
        catch (BadHttpRequestException e)
        {
            return (null, Problem.Of(e.StatusCode, "The body could not be read: it is too long, or came too slowly."));
        }
    }
}
