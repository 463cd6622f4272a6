using System.Reflection;
using System.Text;

namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>The page behind the link in a mail. Opening it does nothing, since mail scanners open links too; its button confirms. The token
/// stands behind the # of the address, which browsers send to nobody.</summary>
internal static class MailPage
{
    private static readonly string Template = Read();

    /// <summary>Serves it.</summary>
    public static IResult Show(HttpContext context)
    {
        string nonce = Secrets.NewId();
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; " +
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return Results.Content(Template.Replace("{{nonce}}", nonce, StringComparison.Ordinal), "text/html", Encoding.UTF8);
    }

    private static string Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Relay.Host.MailPage.html")
            ?? throw new InvalidOperationException("The page for links in mails is missing from the program.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
