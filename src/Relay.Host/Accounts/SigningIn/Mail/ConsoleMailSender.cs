namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>Writes the link to the console: for development mode without a mail server. Whoever can read it is at the machine, and may come
/// in there anyway.</summary>
internal sealed class ConsoleMailSender : IMailSender
{
    /// <inheritdoc/>
    public async Task SendAsync(SignInMail mail, CancellationToken cancellationToken) =>
        await Console.Out.WriteLineAsync($"relay: development, no mail server: sign in ({mail.Mark}) with {mail.Link}")
            .ConfigureAwait(false);
}
