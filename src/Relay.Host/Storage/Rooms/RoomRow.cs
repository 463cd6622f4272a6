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

    /// <summary>The highest id that an object in it ever had. Not written through this record.</summary>
    public long LastObject { get; init; }

    /// <summary>When its row was made, in Unix milliseconds.</summary>
    public long Created { get; init; }

    /// <summary>When anything here but <see cref="LastObject"/> last changed, in Unix milliseconds.</summary>
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

/// <summary>Which rooms are listed, in the order of their names.</summary>
internal sealed record RoomQuery
{
    /// <summary>Only those in whose name, title or description this is, capitals or not; null for all.</summary>
    public string? Search { get; init; }

    /// <summary>Only those of this account; null for all.</summary>
    public string? Owner { get; init; }

    /// <summary>Only those whose name comes after this one: the last of the page before.</summary>
    public string? After { get; init; }

    /// <summary>The most.</summary>
    public int Limit { get; init; } = 50;
}
