namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary>Signing in with a wallet, section <c>Relay:Accounts:Wallet</c>. Read once, at start.</summary>
internal sealed class WalletOptions
{
    /// <summary>Whether it is possible. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Hosts (with the port, if it is not the scheme's own) of other pages that sign people in here; what a wallet shows must be
    /// one of these or this server's own. Default none. A page of any other host gets nowhere with a signature that it was given.</summary>
    public List<string> Domains { get; set; } = [];

    /// <summary>How long a challenge is good for. Default 5 minutes. Range 10 s to 1 hour.</summary>
    public TimeSpan ChallengeLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (string domain in Domains
            .Where(domain => domain.Length == 0 || domain.Any(c => "/?#@ *".Contains(c, StringComparison.Ordinal))))
        {
            yield return $"Relay:Accounts:Wallet:Domains holds HOST or HOST:PORT; one is \"{domain}\".";
        }

        if (ChallengeLifetime < TimeSpan.FromSeconds(10) || ChallengeLifetime > TimeSpan.FromHours(1))
        {
            yield return $"Relay:Accounts:Wallet:ChallengeLifetime must be 00:00:10 to 01:00:00; it is {ChallengeLifetime}.";
        }
    }
}
