using System.Globalization;
using System.Reflection;
using System.Text;
using Relay.Core.Hosting;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Host;

/// <summary>The page at <c>/hello</c>: what is running, and a Hello in hex that a person can send with any WebSocket tool, or from the
/// page itself. It needs no build, so it is also the page at <c>/</c> where the playground is not built.</summary>
internal static class FirstPage
{
    private static readonly string Template = ReadTemplate();

    public static void MapFirstPage(this WebApplication app, HostOptions host, bool atRoot)
    {
        var server = app.Services.GetRequiredService<RelayServer>();
        app.MapGet("/hello", Show);
        if (atRoot)
        {
            app.MapGet("/", Show);
        }

        IResult Show(HttpContext context)
        {
            (string http, string tcp, bool isTls) = RelayHost.Endpoints(app);
            string page = Template
                .Replace("{{ws}}", isTls ? "wss" : "ws", StringComparison.Ordinal)
                .Replace("{{http}}", http, StringComparison.Ordinal)
                .Replace("{{tcp}}", tcp, StringComparison.Ordinal)
                .Replace("{{tcp_device}}", "/dev/tcp/" + tcp.Replace(':', '/'), StringComparison.Ordinal)
                .Replace("{{all_escaped}}", Escape([.. ConnectionPreface.Bytes, .. HelloFrame(), .. JoinFrame()]), StringComparison.Ordinal)
                .Replace("{{hello}}", Hex(HelloFrame()), StringComparison.Ordinal)
                .Replace("{{join}}", Hex(JoinFrame()), StringComparison.Ordinal)
                .Replace("{{connections}}", server.ConnectionCount.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("{{rooms}}", server.RoomCount.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("{{members}}", server.MemberCount.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("{{development}}", host.Development ? "" : "hidden", StringComparison.Ordinal)
                .Replace("{{unbuilt}}", atRoot ? "" : "hidden", StringComparison.Ordinal);
            context.Response.Headers.ContentSecurityPolicy =
                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; " +
                "base-uri 'none'; form-action 'none'";
            context.Response.Headers.CacheControl = "no-store";
            return Results.Content(page, "text/html", Encoding.UTF8);
        }
    }

    /// <summary>A Hello of a client called "you".</summary>
    internal static byte[] HelloFrame()
    {
        Span<byte> bytes = stackalloc byte[128];
        var writer = new FrameWriter(bytes);
        new Hello
        {
            VersionOldest = ProtocolVersion.Oldest,
            VersionNewest = ProtocolVersion.Newest,
            Credentials = "you"u8,
            AgentUtf8 = "hand"u8,
        }.Write(ref writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Its first numbered message: into the room "plaza".</summary>
    internal static byte[] JoinFrame()
    {
        Span<byte> bytes = stackalloc byte[64];
        var writer = new FrameWriter(bytes);
        new Join { Sequence = 1, RoomUtf8 = "plaza"u8 }.Write(ref writer);
        return writer.WrittenSpan.ToArray();
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes).ToLowerInvariant();

    private static string Escape(byte[] bytes) => string.Concat(bytes.Select(b => $"\\x{b:x2}"));

    private static string ReadTemplate()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Relay.Host.FirstPage.html")
            ?? throw new InvalidOperationException("The first page is missing from the program.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
