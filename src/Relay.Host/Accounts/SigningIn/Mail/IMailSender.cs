namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>Sends a mail, or writes down what it would have said.</summary>
internal interface IMailSender
{
    /// <summary>Sends. Throws when it cannot; then it is tried again.</summary>
    Task SendAsync(SignInMail mail, CancellationToken cancellationToken);
}

/// <summary>A mail with a link. Lives in memory until it is sent, and nowhere else.</summary>
/// <param name="To">The receiver, a normalised address.</param>
/// <param name="Link">The link, its token included.</param>
/// <param name="Mark">The digits that the page where it began shows too.</param>
/// <param name="Lifetime">How long the link is good for.</param>
internal sealed record SignInMail(string To, string Link, string Mark, TimeSpan Lifetime)
{
    /// <summary>No address and no token, so that no log gets one.</summary>
    public override string ToString() => "a mail";
}
