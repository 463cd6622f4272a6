using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Relay.Host.Api.Problems;
using Relay.Host.Http;

namespace Relay.Host.Api.Json;

/// <summary>Reads the body of a request: bounded, and strictly; a member that is not known or comes twice is refused.</summary>
internal static class JsonBody
{
    /// <summary>Reads a body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">What it is.</param>
    /// <exception cref="ApiProblem">400, 413, 415.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        ReadOnlyMemory<byte> bytes = await BytesAsync(context).ConfigureAwait(false);
        return Parse(bytes.Span, type, "The body");
    }

    /// <summary>Reads the bytes of a body.</summary>
    public static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiProblem(ProblemType.UnsupportedMediaType, "The body must be JSON, with Content-Type: application/json.");
        }

        int limit = context.RequestServices.GetRequiredService<ApiOptions>().MaxBodyBytes;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limit;
        }

        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(context.Request.ContentLength ?? 1024, limit) + 1);
        while (true)
        {
            int read = await context.Request.Body.ReadAsync(buffer.GetMemory(1024), context.RequestAborted).ConfigureAwait(false);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            buffer.Advance(read);
            if (buffer.WrittenCount > limit)
            {
                throw new ApiProblem(ProblemType.TooLarge, $"The body takes at most {limit} bytes.");
            }
        }
    }

    /// <summary>Reads JSON.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="type">What it is.</param>
    /// <param name="what">What it is called in the problem.</param>
    /// <exception cref="ApiProblem">400.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> utf8, JsonTypeInfo<T> type, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type) ?? throw ApiProblem.BadRequest($"{what} must be an object; it is null.");
        }
        catch (JsonException e)
        {
            // The message says what and where, but names types of this program.
            string where = e.Path is { Length: > 1 } path ? $" at {path}" : "";
            string line = e.LineNumber is { } number ? $" (line {number + 1}, byte {e.BytePositionInLine})" : "";
            throw ApiProblem.BadRequest($"{what} is not as it must be{where}{line}: {Plain(e)}");
        }
        catch (InvalidOperationException)
        {
            throw ApiProblem.BadRequest($"{what} has text that is not of whole characters.");
        }
    }

    private static string Plain(JsonException e)
    {
        string text = e.Message;
        int end = text.IndexOf(" Path: ", StringComparison.Ordinal);
        text = end > 0 ? text[..end] : text;
        return text switch
        {
            _ when text.Contains("could not be mapped", StringComparison.Ordinal) =>
                text[..(text.IndexOf(" could not", StringComparison.Ordinal))] + " is not known here.",
            _ when text.Contains("uplicate", StringComparison.Ordinal) => "a member comes twice.",
            _ when text.Contains("missing required", StringComparison.Ordinal) =>
                text[(text.LastIndexOf(':') + 1)..].Trim() + " must be there.",
            _ when text.Contains("could not be converted", StringComparison.Ordinal) => "the value is of another type than it must be.",
            _ => text,
        };
    }
}
