using Relay.Host.Accounts.SigningIn.Mail;
using Relay.Host.Accounts.SigningIn.Oidc;
using Relay.Host.Accounts.SigningIn.Wallet;

namespace Relay.Host.Accounts.SigningIn;

/// <summary>The ways to sign in, section <c>Relay:Accounts</c>. Read once, at start.</summary>
internal sealed class SignInOptions
{
    private const int MostProviders = 16;

    /// <summary>
    /// Where people reach this server, without a path: <c>https://rooms.example</c>. Links in mails and what providers send people back to
    /// begin with it, and wallets are told its host. Default null: in development mode the address that a request names, if it is this
    /// machine; otherwise those ways are off. A request's Host is never believed beyond that: whoever asks could name any.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>Who may do what operators do once they have signed in: <c>mail:ADDRESS</c>, <c>wallet:0x…</c> or
    /// <c>oidc:ISSUER#SUBJECT</c>. Default none.</summary>
    public List<string> Admins { get; set; } = [];

    /// <summary>Providers of identities.</summary>
    public List<OidcOptions> Oidc { get; set; } = [];

    /// <summary>Signing in with a wallet.</summary>
    public WalletOptions Wallet { get; set; } = new();

    /// <summary>Signing in with a link in a mail.</summary>
    public MailOptions Mail { get; set; } = new();

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    /// <param name="isDevelopment">Whether the server is in development mode.</param>
    public IEnumerable<string> Validate(bool isDevelopment)
    {
        if (PublicUrl is not null && (!Uri.TryCreate(PublicUrl, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") ||
            url.GetLeftPart(UriPartial.Authority) != PublicUrl.TrimEnd('/') || url.UserInfo.Length > 0))
        {
            yield return $"Relay:Accounts:PublicUrl must be http(s)://HOST or http(s)://HOST:PORT; it is \"{PublicUrl}\".";
        }

        bool needsUrl = Oidc.Any(provider => provider.ClientId is not null) || Mail.Host is not null;
        if (PublicUrl is null && !isDevelopment && needsUrl)
        {
            yield return "Relay:Accounts:PublicUrl must be set: " +
                "where people are sent back to by Oidc providers, and what links in mails begin with.";
        }

        if (Oidc.Count > MostProviders)
        {
            yield return $"Relay:Accounts:Oidc may have {MostProviders} providers; it has {Oidc.Count}.";
        }

        foreach (string problem in Oidc.SelectMany((provider, i) => provider.Validate($"Relay:Accounts:Oidc:{i}"))
            .Concat(Mail.Validate()).Concat(Wallet.Validate()))
        {
            yield return problem;
        }

        if (Oidc.GroupBy(provider => provider.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            yield return $"Relay:Accounts:Oidc has two providers of the Name \"{twice.Key}\".";
        }

        if (Oidc.Count(provider => provider.Introspection) > 1)
        {
            yield return "Relay:Accounts:Oidc may have one provider with Introspection: of an opaque token nobody knows whose it is.";
        }

        foreach (string admin in Admins.Where(admin => !AdminList.IsEntry(admin)))
        {
            yield return "Relay:Accounts:Admins holds mail:ADDRESS, wallet:0x… or oidc:ISSUER#SUBJECT; " +
                $"one is \"{(admin.Length > 8 ? admin[..8] + "…" : admin)}\".";
        }
    }
}
