using System.Net;
using System.Net.Mail;
using System.Text;

namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>Sends by a mail server (SMTP, RFC 5321).</summary>
/// <remarks>
/// On a thread of its own, without awaiting: the client says goodbye to the server in <see cref="SmtpClient.Dispose()"/>, and waits for the
/// answer. After an await that would be on the thread that sees sockets become ready (they complete inline), where nobody is left to see
/// the answer come; half of all sockets would stand still with it.
/// </remarks>
internal sealed class SmtpMailSender(MailOptions options) : IMailSender
{
    /// <summary>How long a server may take for one mail; longer than any that is well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public Task SendAsync(SignInMail mail, CancellationToken cancellationToken) => Task.Factory
        .StartNew(() => Send(mail), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        .WaitAsync(cancellationToken);

    private void Send(SignInMail mail)
    {
        using var client = new SmtpClient(options.Host, options.Port) { EnableSsl = options.StartTls };
        client.Timeout = (int)Patience.TotalMilliseconds;
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
        client.Send(message);
    }
}
