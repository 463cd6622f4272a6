using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Relay.Host;

/// <summary>A file of the built pages, in memory, as it is and compressed.</summary>
internal sealed class WebAsset
{
    // Scripts, styles, workers and connections of this server only; no frames around it. WebSockets are named because not every
    // browser takes 'self' to mean them; blob: and data: reach no server: what is inside a model comes by them.
    private const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; " +
        "manifest-src 'self'; connect-src 'self' ws: wss: blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    private readonly string _contentType;
    private readonly bool _isPage;
    private readonly bool _isHashed;
    private readonly Variant _plain;
    private readonly Variant? _gzip;
    private readonly Variant? _brotli;

    private WebAsset(string path, bool isHashed)
    {
        string type = ContentTypes.TryGetContentType(path, out string? known) ? known : "application/octet-stream";
        _isPage = type == "text/html";
        _isHashed = isHashed;
        bool isText = type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "image/svg+xml";
        _contentType = isText ? type + "; charset=utf-8" : type;
        byte[] plain = File.ReadAllBytes(path);
        string hash = Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12));
        _plain = new Variant(plain, null, $"\"{hash}\"");
        _gzip = Compressed(".gz", "gzip");
        _brotli = Compressed(".br", "br");

        Variant? Compressed(string suffix, string encoding) =>
            File.Exists(path + suffix) ? new Variant(File.ReadAllBytes(path + suffix), encoding, $"\"{hash}-{encoding}\"") : null;
    }

    /// <summary>Reads a file and its compressed siblings (<c>.br</c>, <c>.gz</c>).</summary>
    /// <param name="path">The file.</param>
    /// <param name="isHashed">Whether its name changes with its content, so that browsers may keep it for ever.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static WebAsset Load(string path, bool isHashed) => new(path, isHashed);

    /// <summary>Answers GET and HEAD.</summary>
    public Task ServeAsync(HttpContext context)
    {
        Variant variant = Choose(context.Request);
        HttpResponse response = context.Response;
        response.Headers.ETag = variant.Tag;
        response.Headers.CacheControl = _isHashed ? "public, max-age=31536000, immutable" : "no-cache";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        response.Headers.XContentTypeOptions = "nosniff";
        if (_isPage)
        {
            response.Headers.ContentSecurityPolicy = PagePolicy;
            response.Headers["Referrer-Policy"] = "no-referrer";
        }

        if (IsKnown(context.Request, variant.Tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = _contentType;
        response.ContentLength = variant.Bytes.Length;
        response.Headers.ContentEncoding = variant.Encoding;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(variant.Bytes, context.RequestAborted).AsTask();
    }

    /// <summary>The smallest variant that the browser takes.</summary>
    private Variant Choose(HttpRequest request)
    {
        if (_gzip is null && _brotli is null)
        {
            return _plain;
        }

        IList<StringWithQualityHeaderValue> accepted = request.GetTypedHeaders().AcceptEncoding;
        return _brotli is not null && Takes(accepted, "br") ? _brotli : _gzip is not null && Takes(accepted, "gzip") ? _gzip : _plain;
    }

    private static bool Takes(IList<StringWithQualityHeaderValue> accepted, string encoding)
    {
        // A coding that is named decides; "*" stands for those that are not.
        bool byStar = false;
        foreach (StringWithQualityHeaderValue value in accepted)
        {
            if (value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
            {
                return value.Quality is not 0;
            }

            byStar |= value.Value.Equals("*", StringComparison.Ordinal) && value.Quality is not 0;
        }

        return byStar;
    }

    private static bool IsKnown(HttpRequest request, string tag)
    {
        foreach (EntityTagHeaderValue known in request.GetTypedHeaders().IfNoneMatch)
        {
            if (known.Tag.Equals("*", StringComparison.Ordinal) || known.Tag.Equals(tag, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private sealed record Variant(byte[] Bytes, string? Encoding, string Tag);
}
