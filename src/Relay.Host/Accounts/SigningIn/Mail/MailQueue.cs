using System.Net.Mail;
using System.Threading.Channels;

namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>Mails that wait to be sent: in memory, bounded, each tried three times. So whoever asks for a mail is answered at once, and
/// alike whatever the mail server does.</summary>
internal sealed class MailQueue(IMailSender sender, SignInOptions options, TimeProvider time, ILogger<MailQueue> log) : BackgroundService
{
    private const int Senders = 2;

    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    private readonly Channel<SignInMail> _mails = Channel.CreateBounded<SignInMail>(options.Mail.MaxQueue);

    /// <summary>Takes a mail in, or drops it if too many wait.</summary>
    public void Post(SignInMail mail)
    {
        if (!_mails.Writer.TryWrite(mail))
        {
            log.MailDropped(options.Mail.MaxQueue);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => SendAllAsync(stoppingToken)));

    private async Task SendAllAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (SignInMail mail in _mails.Reader.ReadAllAsync(stopping).ConfigureAwait(false))
            {
                for (int attempt = 1;
                    !await TrySendAsync(mail, attempt, stopping).ConfigureAwait(false) && attempt <= Pauses.Length;
                    attempt++)
                {
                    await Task.Delay(Pauses[attempt - 1], time, stopping).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends. Who waits for a mail asks again.
        }
    }

    private async Task<bool> TrySendAsync(SignInMail mail, int attempt, CancellationToken stopping)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        late.CancelAfter(options.Mail.Timeout);
        try
        {
            await sender.SendAsync(mail, late.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            // What a mail server says may hold the address; its number does not.
            string reason = e is SmtpException smtp ? $"status {(int)smtp.StatusCode}" : e.GetType().Name;
            log.MailFailed(attempt, Pauses.Length + 1, reason);
            return false;
        }
    }
}
