namespace Relay.Host.Storage.Rooms;

/// <summary>A room's own row: what it is, not what is in it.</summary>
internal sealed record RoomRow
{
    /// <summary>Its name; never changes.</summary>
    public required string Name { get; init; }

    /// <summary>For people; may be empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>For people; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>The account that owns it; null for none.</summary>
    public string? Owner { get; init; }

    /// <summary>One of <see cref="RoomEntry"/>.</summary>
    public string Entry { get; init; } = RoomEntry.Open;

    /// <summary>All other settings, a JSON object.</summary>
    public string Settings { get; init; } = "{}";

    /// <summary>When its row was made, in Unix milliseconds.</summary>
    public long Created { get; init; }

    /// <summary>When anything here last changed, in Unix milliseconds.</summary>
    public long Updated { get; init; }

    /// <summary>Rises by one with each such change; begins with 1.</summary>
    public long Revision { get; init; }
}

/// <summary>Who may enter a room, as it is stored.</summary>
internal static class RoomEntry
{
    /// <summary>Everybody who may come in at all.</summary>
    public const string Open = "open";

    /// <summary>Who was invited.</summary>
    public const string Invite = "invite";

    /// <summary>Nobody.</summary>
    public const string Closed = "closed";
}
