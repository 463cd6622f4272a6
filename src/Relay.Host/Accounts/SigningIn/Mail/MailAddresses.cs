namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>Mail addresses: which are taken, and what is kept of them.</summary>
internal static class MailAddresses
{
    private const int MaxLength = 254;
    private const int MaxLocal = 64;
    private const int MaxLabel = 63;
    private const string LocalMarks = "!#$%&'*+-/=?^_`{|}~.";

    /// <summary>
    /// An address in the one form in which it is compared: small letters (a mail server may tell cases apart, none does). Only the plain
    /// form of RFC 5321 §4.1.2 in ASCII is taken: no quoted names, comments, lists or address literals, so that nothing in it can mean
    /// anything to a mail server's protocol or a header.
    /// </summary>
    /// <param name="address">What was given.</param>
    /// <returns>Null if it is none.</returns>
    public static string? Normalise(string? address)
    {
        string text = address?.Trim(' ') ?? "";
        int at = text.LastIndexOf('@');
        if (text.Length > MaxLength || at is < 1 or > MaxLocal)
        {
            return null;
        }

        string local = text[..at], domain = text[(at + 1)..];
        bool isLocal = local.All(c => char.IsAsciiLetterOrDigit(c) || LocalMarks.Contains(c, StringComparison.Ordinal)) &&
            !local.StartsWith('.') && !local.EndsWith('.') && !local.Contains("..", StringComparison.Ordinal);
        bool isDomain = domain.Split('.').All(label => label.Length is > 0 and <= MaxLabel && label[0] != '-' && label[^1] != '-' &&
            label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        return isLocal && isDomain ? text.ToLowerInvariant() : null;
    }

    /// <summary>What is kept of an address: a keyed hash. Without the installation's secret nobody can try addresses against it.</summary>
    /// <param name="normalised">The address.</param>
    /// <param name="secret">The installation's secret.</param>
    public static string SubjectOf(string normalised, InstallationSecret secret) => secret.Hash("mail", normalised);
}
