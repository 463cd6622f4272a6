using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;
using Relay.Host.Api.Problems;

namespace Relay.Host.Api;

/// <summary>What If-Match and If-None-Match of a request want. RFC 9110 §13.1: strong comparison.</summary>
internal sealed class Precondition
{
    private readonly IList<EntityTagHeaderValue> _match;

    private Precondition(IList<EntityTagHeaderValue> match, bool mustNotExist)
    {
        _match = match;
        MustNotExist = mustNotExist;
        MustExist = match.Count > 0;
        IsAny = match.Any(tag => tag.Equals(EntityTagHeaderValue.Any));
    }

    /// <summary>If-None-Match: *.</summary>
    public bool MustNotExist { get; }

    /// <summary>There is an If-Match.</summary>
    public bool MustExist { get; }

    /// <summary>If-Match: *.</summary>
    public bool IsAny { get; }

    /// <summary>Whether If-Match names a version.</summary>
    public bool NamesVersion => MustExist && !IsAny;

    /// <summary>The tag of If-Match, if it is one.</summary>
    public string? Tag => _match is [{ } only] && !IsAny ? only.Tag.ToString().Trim('"') : null;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="ApiProblem">400: they cannot be read, or say what there is no use for.</exception>
    public static Precondition Of(HttpContext context)
    {
        RequestHeaders headers = context.Request.GetTypedHeaders();
        IList<EntityTagHeaderValue> none = headers.IfNoneMatch;
        if ((headers.IfMatch.Count == 0 && context.Request.Headers.IfMatch.Count > 0) ||
            (none.Count == 0 && context.Request.Headers.IfNoneMatch.Count > 0))
        {
            throw ApiProblem.BadRequest("If-Match and If-None-Match take an ETag as it was answered, in quotes, or *.");
        }

        bool mustNotExist = none.Any(tag => tag.Equals(EntityTagHeaderValue.Any));
        return !mustNotExist && none.Count > 0
            ? throw ApiProblem.BadRequest("Of If-None-Match only * is understood here.")
            : new Precondition(headers.IfMatch, mustNotExist);
    }

    /// <summary>Whether something with a tag is what If-Match names; yes if there is no If-Match.</summary>
    /// <param name="tag">The tag, without quotes.</param>
    public bool Matches(string tag) =>
        !MustExist || IsAny || _match.Any(wanted => !wanted.IsWeak && wanted.Tag.AsSpan().Trim('"').SequenceEqual(tag));

    /// <summary>Says the tag of what is answered.</summary>
    public static void SetTag(HttpContext context, string tag) => context.Response.Headers.ETag = $"\"{tag}\"";
}
