using Relay.Host.Accounts.SigningIn.Mail;
using Relay.Host.Accounts.SigningIn.Wallet;

namespace Relay.Host.Accounts.SigningIn;

/// <summary>Who is an operator by the options. Kept as keyed hashes, so that nothing that shows this process' memory or state by accident
/// tells mail addresses.</summary>
internal sealed class AdminList(SignInOptions options, InstallationSecret secret)
{
    private const string Purpose = "admins";

    private readonly HashSet<string> _hashes = [.. options.Admins.Select(entry => secret.Hash(Purpose, Normal(entry, secret)))];

    /// <summary>Whether an entry can be one.</summary>
    public static bool IsEntry(string entry) => entry.Split(':', 2) switch
    {
        ["mail", string address] => MailAddresses.Normalise(address) is not null,
        ["wallet", string address] => EthereumAddress.TryParse(address, out _),
        ["oidc", string rest] => rest.IndexOf('#', StringComparison.Ordinal) is > 0 and var at && at < rest.Length - 1,
        _ => false,
    };

    /// <summary>Whether somebody is on the list.</summary>
    public bool Has(ExternalIdentity identity) =>
        _hashes.Count > 0 && _hashes.Contains(secret.Hash(Purpose, $"{identity.Provider}#{identity.Subject}"));

    /// <summary>An entry as provider and subject, as identities have them.</summary>
    private static string Normal(string entry, InstallationSecret secret)
    {
        string[] parts = entry.Split(':', 2);
        return parts[0] switch
        {
            "mail" => "mail#" + MailAddresses.SubjectOf(MailAddresses.Normalise(parts[1])!, secret),
            "wallet" => EthereumAddress.TryParse(parts[1], out EthereumAddress address) ? "wallet#" + address.ToCanonical() : "",
            _ => entry,
        };
    }
}
