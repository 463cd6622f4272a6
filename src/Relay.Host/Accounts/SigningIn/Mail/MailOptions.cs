namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>Signing in with a link in a mail, section <c>Relay:Accounts:Mail</c>. Read once, at start.</summary>
internal sealed class MailOptions
{
    /// <summary>The mail server that takes what is to be sent. Default null: in development mode links are written to the console instead;
    /// otherwise nobody can sign in this way.</summary>
    public string? Host { get; set; }

    /// <summary>Its port. Default 587, submission (RFC 6409). Range 1 to 65535.</summary>
    public int Port { get; set; } = 587;

    /// <summary>Whom mails are from. Needed with <see cref="Host"/>.</summary>
    public string? From { get; set; }

    /// <summary>The user at the mail server. Default null: none.</summary>
    public string? User { get; set; }

    /// <summary>The user's password.</summary>
    public string? Password { get; set; }

    /// <summary>Whether the connection must be encrypted (STARTTLS, RFC 3207). Default true; without it everybody on the way can sign in as
    /// the receiver.</summary>
    public bool StartTls { get; set; } = true;

    /// <summary>What the link begins with, for a page of one's own that confirms: the token comes behind <c>#</c>. Default null:
    /// <c>/signin/mail</c> of this server.</summary>
    public string? LinkBase { get; set; }

    /// <summary>How long a link is good for. Default 30 minutes. Range 1 minute to 24 hours.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Mails to one address an hour. Beyond it none is sent, and the answer is the same. Default 5. Range 1 to 1,000.</summary>
    public int MailsPerHour { get; set; } = 5;

    /// <summary>Mails asked for from one network address (one /64 network of IPv6) a minute; beyond it: 429. Default 10. Range 1 to
    /// 10,000.</summary>
    public int AsksPerMinute { get; set; } = 10;

    /// <summary>The most mails that wait to be sent; beyond it they are dropped. Default 1,000. Range 1 to 100,000.</summary>
    public int MaxQueue { get; set; } = 1_000;

    /// <summary>How long one attempt to send may take. Default 10 s. Range 1 s to 2 minutes. There are three.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        const string Section = "Relay:Accounts:Mail";
        if (Host is not null && MailAddresses.Normalise(From) is null)
        {
            yield return $"{Section}:From must be a mail address when {Section}:Host is set.";
        }

        if (User is not null != Password is not null)
        {
            yield return $"{Section}:User and {Section}:Password go together; one is missing.";
        }

        if (User is not null && !StartTls && Host is not ("localhost" or "127.0.0.1" or "::1"))
        {
            yield return $"{Section}:Password would go over the network in the clear: set {Section}:StartTls=true.";
        }

        if (LinkBase is not null &&
            (!Uri.TryCreate(LinkBase, UriKind.Absolute, out Uri? link) ||
            link.Scheme is not ("http" or "https") || link.Fragment.Length > 0))
        {
            yield return $"{Section}:LinkBase must be an http(s) URL without #; it is \"{LinkBase}\".";
        }

        foreach ((string name, int value, int least, int most) in new[]
        {
            (nameof(Port), Port, 1, 65_535),
            (nameof(MailsPerHour), MailsPerHour, 1, 1_000),
            (nameof(AsksPerMinute), AsksPerMinute, 1, 10_000),
            (nameof(MaxQueue), MaxQueue, 1, 100_000),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{Section}:{name} must be {least} to {most}; it is {value}.";
            }
        }

        foreach ((string name, TimeSpan value, TimeSpan least, TimeSpan most) in new[]
        {
            (nameof(LinkLifetime), LinkLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24)),
            (nameof(Timeout), Timeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2)),
        })
        {
            if (value < least || value > most)
            {
                yield return $"{Section}:{name} must be {least} to {most}; it is {value}.";
            }
        }
    }
}
