namespace Relay.Host.Accounts;

/// <summary>Who comes in and for how long, section <c>Relay:Accounts</c>. Read once, at start.</summary>
internal sealed class AccountsOptions
{
    /// <summary>Shorter secrets could be guessed.</summary>
    private const int MinSecret = 32;

    /// <summary>The <c>iss</c> of tokens that this server signs, at most 255 characters. Default <c>relay</c>; give each installation its
    /// own (its URL is customary) if other services verify tokens of several. RFC 7519 §4.1.1.</summary>
    public string Issuer { get; set; } = "relay";

    /// <summary>The <c>aud</c> of tokens that this server signs, at most 255 characters. Default <c>relay</c>.</summary>
    public string Audience { get; set; } = "relay";

    /// <summary>The key to sign with: a P-256 private key in PEM, or the path of a file with one. Default null: made at the first start, in
    /// <c>keys</c> of the storage directory. Several instances of one installation need the same.</summary>
    public string? SigningKey { get; set; }

    /// <summary>The secret for keyed hashes, at least 32 characters. Default null: made at the first start, in <c>keys</c> of the storage
    /// directory.</summary>
    public string? InstallationSecret { get; set; }

    /// <summary>A bearer that may do all that operators do, at least 32 characters: for the first API key, and for programs that run beside
    /// the server. Default null: there is none.</summary>
    public string? AdminKey { get; set; }

    /// <summary>How long an access token is good for. Default 10 minutes: it is not looked up, so short. Range 1 minute to 1
    /// hour.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How far clocks may differ. Default 60 s. Range 0 to 5 minutes.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a session lasts without being refreshed. Default 30 days. Range 1 hour to 365 days.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a session lasts in any case. Default 90 days. Range <see cref="SessionIdle"/> to 3,650 days.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The most sessions of an account; a new one ends the one that was used least lately. Default 50. Range 1 to 1,000.</summary>
    public int MaxSessions { get; set; } = 50;

    /// <summary>The most identities of an account. Default 10. Range 1 to 100.</summary>
    public int MaxIdentities { get; set; } = 10;

    /// <summary>Whether anybody may have a guest account. Default true.</summary>
    public bool Guests { get; set; } = true;

    /// <summary>How long a guest account is kept after it was last used. Default 24 hours. Range 10 minutes to 365 days.</summary>
    public TimeSpan GuestLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>New guests from one address (one /64 network of IPv6) a minute in the long run, and at once. Default 20. Range 1 to
    /// 100,000.</summary>
    public int GuestsPerMinute { get; set; } = 20;

    /// <summary>Failed sign-ins from one address (one /64 network of IPv6) a minute in the long run, and at once, before it is not listened
    /// to: 429 over HTTP, 4429 on the socket. Default 30. Range 1 to 100,000.</summary>
    public int FailuresPerMinute { get; set; } = 30;

    /// <summary>Signatures that are checked or made at once. Default 0: half of the processors, at least 1. Range 0 to 256.</summary>
    public int CryptoConcurrency { get; set; }

    /// <summary>How long a connect ticket is good for. Default 30 s. Range 5 s to 5 minutes.</summary>
    public TimeSpan TicketLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most connect tickets that wait to be used, about 300 bytes each. Default 100,000. Range 100 to 10,000,000.</summary>
    public int MaxTickets { get; set; } = 100_000;

    /// <summary>The longest that a room permission token is good for. Default 5 minutes. Range 10 s to 1 hour.</summary>
    public TimeSpan RoomTokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The most secrets of one purpose that wait to be used (magic links, challenges). Default 100,000. Range 100 to
    /// 10,000,000.</summary>
    public int MaxOneTimeSecrets { get; set; } = 100_000;

    /// <summary>The longest profile, in bytes of JSON. Default 4,096. Range 64 to 65,536.</summary>
    public int MaxProfileBytes { get; set; } = 4096;

    /// <summary>The most API keys. All are kept in memory, about 500 bytes each. Default 1,000. Range 1 to 100,000.</summary>
    public int MaxApiKeys { get; set; } = 1000;

    /// <summary>How long the audit log goes back. Default 90 days. Range 1 day to 3,650 days.</summary>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The most lines of the audit log; the oldest go first. Default 1,000,000. Range 1,000 to 100,000,000.</summary>
    public int MaxAuditEntries { get; set; } = 1_000_000;

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        foreach ((string name, string value) in new[] { (nameof(Issuer), Issuer), (nameof(Audience), Audience) })
        {
            if (value.Length is 0 or > 255)
            {
                yield return $"Relay:Accounts:{name} must have 1 to 255 characters; it has {value.Length}.";
            }
        }

        foreach ((string name, string? value) in new[] { (nameof(InstallationSecret), InstallationSecret), (nameof(AdminKey), AdminKey) })
        {
            if (value is { Length: < MinSecret })
            {
                yield return $"Relay:Accounts:{name} must have at least {MinSecret} characters; it has {value.Length}.";
            }
        }

        foreach ((string name, TimeSpan value, TimeSpan least, TimeSpan most) in new[]
        {
            (nameof(AccessTokenLifetime), AccessTokenLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)),
            (nameof(ClockSkew), ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(5)),
            (nameof(SessionIdle), SessionIdle, TimeSpan.FromHours(1), TimeSpan.FromDays(365)),
            (nameof(SessionLifetime), SessionLifetime, SessionIdle, TimeSpan.FromDays(3650)),
            (nameof(GuestLifetime), GuestLifetime, TimeSpan.FromMinutes(10), TimeSpan.FromDays(365)),
            (nameof(TicketLifetime), TicketLifetime, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)),
            (nameof(RoomTokenLifetime), RoomTokenLifetime, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1)),
            (nameof(AuditRetention), AuditRetention, TimeSpan.FromDays(1), TimeSpan.FromDays(3650)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Accounts:{name} must be {least} to {most}; it is {value}.";
            }
        }

        foreach ((string name, int value, int least, int most) in new[]
        {
            (nameof(MaxSessions), MaxSessions, 1, 1000),
            (nameof(MaxIdentities), MaxIdentities, 1, 100),
            (nameof(GuestsPerMinute), GuestsPerMinute, 1, 100_000),
            (nameof(FailuresPerMinute), FailuresPerMinute, 1, 100_000),
            (nameof(CryptoConcurrency), CryptoConcurrency, 0, 256),
            (nameof(MaxTickets), MaxTickets, 100, 10_000_000),
            (nameof(MaxOneTimeSecrets), MaxOneTimeSecrets, 100, 10_000_000),
            (nameof(MaxProfileBytes), MaxProfileBytes, 64, 65_536),
            (nameof(MaxApiKeys), MaxApiKeys, 1, 100_000),
            (nameof(MaxAuditEntries), MaxAuditEntries, 1000, 100_000_000),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Accounts:{name} must be {least} to {most}; it is {value}.";
            }
        }
    }
}
