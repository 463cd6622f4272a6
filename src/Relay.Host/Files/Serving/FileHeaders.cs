using System.Globalization;

namespace Relay.Host.Files.Serving;

/// <summary>Headers of answers about files.</summary>
internal static class FileHeaders
{
    /// <summary>Headers that pages of other origins may send.</summary>
    private const string Asked = "Authorization, File-Token, If-Match, If-None-Match, If-Range, Range";

    /// <summary>Headers that they may read.</summary>
    private const string Exposed = "Accept-Ranges, Content-Disposition, Content-Range, ETag, Retry-After";

    /// <summary>
    /// What a browser may do with a file that somebody opens by its address: show it in the page that the browser itself makes for it. That
    /// page has its style in it, and gets sound and video once more from the same address; pictures are in it already. A file that is taken
    /// for a page after all runs nothing, asks for nothing, and is of no origin.
    /// </summary>
    private const string Policy = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

    private const long Year = 31_536_000;

    /// <summary>
    /// Sets what all answers have. Any page may read them: nothing that a browser adds by itself opens a file (there are no cookies), so a
    /// page gets no more by somebody's browser than by its own server.
    /// </summary>
    /// <param name="response">The answer.</param>
    public static void SetAlways(HttpResponse response)
    {
        IHeaderDictionary headers = response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-site";
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlExposeHeaders = Exposed;
    }

    /// <summary>Answers what a browser asks before it sends a page's request to another origin.</summary>
    /// <param name="response">The answer.</param>
    public static void SetPreflight(HttpResponse response)
    {
        SetAlways(response);
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.AccessControlAllowMethods = "GET, HEAD";
        response.Headers.AccessControlAllowHeaders = Asked;
        response.Headers.AccessControlMaxAge = "86400";
    }

    /// <summary>Sets what says how long a content may be kept, by whom: all that RFC 9110 §15.4.5 wants of a 304, too.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="content">The content.</param>
    /// <param name="now">What the time is.</param>
    public static void SetKeeping(HttpResponse response, ServedContent content, DateTimeOffset now)
    {
        IHeaderDictionary headers = response.Headers;
        bool isForAll = content is { IsPublic: true, Token: null };
        headers.ETag = content.Tag;
        if (isForAll || content.Until is not null)
        {
            headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        }

        if (!isForAll)
        {
            headers.Vary = $"Authorization, {FileToken.Header}";
        }

        long seconds = content.Until is { } until && !isForAll ? Math.Clamp((long)(until - now).TotalSeconds, 0, Year) : Year;
        headers.CacheControl = string.Create(
            CultureInfo.InvariantCulture, $"{(isForAll ? "public" : "private")}, max-age={seconds}, immutable");
    }

    /// <summary>Sets what says what a content is.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="content">The content.</param>
    /// <param name="isSaved">Whether it is to be saved and not shown, whatever it is.</param>
    public static void SetContent(HttpResponse response, ServedContent content, bool isSaved)
    {
        IHeaderDictionary headers = response.Headers;
        headers.ContentType = content.MediaType;
        headers.ContentDisposition = Disposition.Of(!isSaved && Disposition.IsInline(content.MediaType), content.Name);
        headers.AcceptRanges = "bytes";
    }
}
