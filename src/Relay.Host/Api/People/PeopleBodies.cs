namespace Relay.Host.Api.People;

/// <summary>A member of an open room.</summary>
/// <param name="Member">Its id there.</param>
/// <param name="Room">The room, with the number of an instance.</param>
/// <param name="Account">The account; null for one whom nobody knows.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="Role">Its role.</param>
/// <param name="Muted">Whether it is muted.</param>
/// <param name="InLobby">Whether it waits in the lobby.</param>
/// <param name="Away">Whether its connection broke and it may come back.</param>
internal sealed record MemberAnswer(
    uint Member, string Room, string? Account, string Name, string Role, bool Muted, bool InLobby, bool Away);

/// <summary>A role that is stored.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Role">The role's name.</param>
internal sealed record RoleAnswer(string Account, string Role);

/// <summary>The role that somebody is to have.</summary>
internal sealed record RoleBody
{
    /// <summary>The role's name.</summary>
    public required string Role { get; init; }
}

/// <summary>A ban.</summary>
/// <param name="Subject">Whose.</param>
/// <param name="Until">Until when; null for good.</param>
/// <param name="Reason">Why.</param>
/// <param name="Created">Since when.</param>
internal sealed record BanAnswer(string Subject, DateTimeOffset? Until, string Reason, DateTimeOffset Created);

/// <summary>A ban that is to be.</summary>
internal sealed record BanBody
{
    /// <summary>Until when; null for good.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Why, at most 500 characters.</summary>
    public string Reason { get; set; } = "";
}

/// <summary>An invite that is to be.</summary>
internal sealed record InviteBody
{
    /// <summary>The role that it gives to those who have none; null for the room's default one.</summary>
    public string? Role { get; init; }

    /// <summary>How many seconds it is good for, 60 to 31,536,000. Default 604,800: a week.</summary>
    public int? ExpiresIn { get; init; }

    /// <summary>How many may come in by it, 1 to 1,000,000; null for any number.</summary>
    public int? MaxUses { get; init; }
}

/// <summary>An invite.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Room">The one room that it opens.</param>
/// <param name="Role">The role that it gives.</param>
/// <param name="Creator">Who made it.</param>
/// <param name="Created">When.</param>
/// <param name="Expires">Until when it is good.</param>
/// <param name="UsesLeft">How many may still come in by it; null for any number.</param>
/// <param name="Token">The secret, to be given as the ticket of a Join. Told once, when it is made.</param>
internal sealed record InviteAnswer(
    string Id, string Room, string? Role, string Creator,
    DateTimeOffset Created, DateTimeOffset Expires, long? UsesLeft, string? Token = null);

/// <summary>Somebody, as all may see them.</summary>
/// <param name="Id">The account's id.</param>
/// <param name="Name">The name that others see.</param>
internal sealed record UserAnswer(string Id, string Name);

/// <summary>Somebody who is connected.</summary>
/// <param name="Account">The account; null for one whom nobody knows.</param>
/// <param name="Name">The name that others see.</param>
/// <param name="Room">Where; null outside rooms, or where you may not look.</param>
/// <param name="Away">Whether the connection broke and they may come back.</param>
internal sealed record OnlineAnswer(string? Account, string Name, string? Room, bool Away);
