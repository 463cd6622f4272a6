namespace Relay.Host.Accounts;

/// <summary>Somebody whom the server knows.</summary>
/// <param name="Id">22 characters, base64url of 128 random bits. Never given to anybody else.</param>
/// <param name="Kind">What kind.</param>
/// <param name="Name">The name that others see: 1 to 64 characters.</param>
/// <param name="Profile">What the user wants kept: a JSON object as text, at most <see cref="AccountsOptions.MaxProfileBytes"/>.</param>
/// <param name="IsAdmin">Whether it may do what operators do.</param>
/// <param name="IsDisabled">Whether it may do nothing at all.</param>
/// <param name="Created">When it was made, in Unix milliseconds.</param>
/// <param name="LastSeen">When a session of it was last begun or refreshed, in Unix milliseconds.</param>
/// <param name="Revision">Rises with each change of name or profile, from 1.</param>
internal sealed record Account(
    string Id, AccountKind Kind, string Name, string Profile, bool IsAdmin, bool IsDisabled, long Created, long LastSeen, long Revision)
{
    /// <summary>The most characters of a name.</summary>
    public const int MaxName = 64;

    /// <summary>What it may do beyond its own, for <see cref="RelayClaims.Scope"/>.</summary>
    public string Scope => IsAdmin ? RelayClaims.AdminScope : "";
}

/// <summary>What kind of account.</summary>
internal enum AccountKind
{
    /// <summary>Whoever asked for it; nobody can sign in to it again once its session is over.</summary>
    Guest,

    /// <summary>Somebody who can sign in: at least one identity belongs to it.</summary>
    User,

    /// <summary>A server, with API keys.</summary>
    Server,
}

/// <summary>The kinds as words, in claims and in the database.</summary>
internal static class AccountKinds
{
    /// <summary>The word for a kind.</summary>
    /// <param name="kind">The kind.</param>
    public static string Word(this AccountKind kind) => kind switch
    {
        AccountKind.Guest => "guest",
        AccountKind.Server => "server",
        _ => "user",
    };

    /// <summary>The kind that a word means.</summary>
    /// <param name="word">The word.</param>
    public static AccountKind Parse(string word) => word switch
    {
        "guest" => AccountKind.Guest,
        "server" => AccountKind.Server,
        _ => AccountKind.User,
    };
}
