using System.Text.Json;

namespace Relay.Host.Api.Rooms;

/// <summary>Who may enter a room.</summary>
internal enum RoomEntry
{
    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Its owner, who has a role there, an invite or a room token.</summary>
    Invite,

    /// <summary>Those alone whose role has the permission closeRoom.</summary>
    Closed,
}

/// <summary>A room as it is answered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Description">More for people.</param>
/// <param name="Owner">The account that owns it; null for nobody.</param>
/// <param name="Entry">Who may enter.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Revision">Rises with each change.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Updated">When it was last changed.</param>
/// <param name="YourRole">The asker's role there.</param>
/// <param name="Applied">After a change: the settings that were different and hold now in the open room.</param>
/// <param name="Waiting">After a change: those that wait until the room is opened the next time.</param>
internal sealed record RoomAnswer(
    string Name,
    string Title,
    string Description,
    string? Owner,
    RoomEntry Entry,
    RoomSettings Settings,
    long Revision,
    DateTimeOffset Created,
    DateTimeOffset Updated,
    string? YourRole = null,
    IReadOnlyList<string>? Applied = null,
    IReadOnlyList<string>? Waiting = null);

/// <summary>A room that is to be.</summary>
internal sealed record NewRoom
{
    /// <summary>Its name: letters and digits of any script and <c>- _ . : / ~ @ +</c>. Null for a made-up one.</summary>
    public string? Name { get; init; }

    /// <summary>What people call it, at most 200 characters.</summary>
    public string? Title { get; init; }

    /// <summary>More for people, at most 4,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>Who may enter. Default open.</summary>
    public RoomEntry? Entry { get; init; }

    /// <summary>Its settings.</summary>
    public RoomSettings? Settings { get; init; }

    /// <summary>What it is to be like.</summary>
    public RoomTemplate? Template { get; init; }
}

/// <summary>What a new room is made after: one of both. Its objects and attributes that are persistent come along, people do not.</summary>
internal sealed record RoomTemplate
{
    /// <summary>The name of a room that the asker may see.</summary>
    public string? Room { get; init; }

    /// <summary>What <c>relay admin room export</c> has written.</summary>
    public JsonElement? File { get; init; }
}

/// <summary>What is to be otherwise with a room: RFC 7396, so null takes a setting back to the server's default.</summary>
internal sealed record RoomPatch
{
    /// <summary>What people call it, at most 200 characters.</summary>
    public string? Title { get; init; }

    /// <summary>More for people, at most 4,000 characters.</summary>
    public string? Description { get; init; }

    /// <summary>Who may enter.</summary>
    public RoomEntry? Entry { get; init; }

    /// <summary>The settings that are to be otherwise.</summary>
    public JsonElement? Settings { get; init; }
}
