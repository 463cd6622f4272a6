using System.Net;
using System.Net.Mail;
using System.Text;

namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>Sends by a mail server (SMTP, RFC 5321).</summary>
internal sealed class SmtpMailSender(MailOptions options) : IMailSender
{
    /// <inheritdoc/>
    public async Task SendAsync(SignInMail mail, CancellationToken cancellationToken)
    {
        using var client = new SmtpClient(options.Host, options.Port) { EnableSsl = options.StartTls };
        client.Credentials = options.User is null ? null : new NetworkCredential(options.User, options.Password);
        using var message = new MailMessage(options.From!, mail.To)
        {
            Subject = "Sign in to Relay",
            SubjectEncoding = Encoding.ASCII,
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = System.Net.Mime.TransferEncoding.QuotedPrintable,
            Body = $"""
                Somebody, hopefully you, wants to sign in with this address. The page where that began shows {mail.Mark}.

                If yours does, open this within {mail.Lifetime.TotalMinutes:0} minutes and confirm:

                {mail.Link}

                If it was not you, do nothing.
                """,
        };
        message.Headers.Add("Auto-Submitted", "auto-generated");
        await client.SendMailAsync(message, cancellationToken).ConfigureAwait(false);
    }
}
