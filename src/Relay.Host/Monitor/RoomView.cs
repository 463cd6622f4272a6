using Relay.Core.Hosting;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Host.Monitor;

/// <summary>A look into a room, for the page.</summary>
/// <param name="Figures">Its figures; without rates, which the samples have.</param>
/// <param name="Members">Who is there, in the order in which they came.</param>
/// <param name="Attributes">The room's attributes.</param>
/// <param name="Objects">What is there, in the order in which it was made.</param>
/// <param name="ObjectsUntold">Objects beyond those that are told.</param>
internal sealed record RoomView(
    RoomFigures Figures,
    IReadOnlyList<MemberView> Members,
    IReadOnlyList<AttributeView> Attributes,
    IReadOnlyList<ObjectView> Objects,
    int ObjectsUntold)
{
    public static RoomView Of(RoomInspection room) => new(
        RoomFigures.Of(room.Figures, null, 0),
        [.. room.Members.OrderBy(member => member.Id).Select(MemberView.Of)],
        [.. room.Attributes.Select(AttributeView.Of)],
        [.. room.Objects.OrderBy(made => made.Image.Id).Select(ObjectView.Of)],
        room.Figures.Objects - room.Objects.Count);
}

/// <summary>A member.</summary>
internal sealed record MemberView(
    uint Id,
    string Name,
    string Role,
    bool Muted,
    bool Lobby,
    string? UserId,
    string Session,
    string Transport,
    string Road,
    string Remote,
    bool Away,
    bool Slow,
    double SlowSeconds,
    double ConnectedSeconds,
    double SilentSeconds,
    bool NeedsSnapshot,
    ulong VersionsBehind,
    ulong MessagesBehind,
    long HeldBytes,
    int Owned,
    double[]? Place,
    IReadOnlyList<AttributeView> Attributes)
{
    public static MemberView Of(InspectedMember member) => new(
        member.Id,
        member.Name,
        member.Role,
        (member.Standing & MemberStanding.Muted) != 0,
        (member.Standing & MemberStanding.Lobby) != 0,
        member.UserId,
        member.Session.ToString(),
        member.Transport,
        member.Road,
        member.Remote,
        member.IsAway,
        member.IsSlow,
        member.SlowFor.TotalSeconds,
        member.Connected.TotalSeconds,
        member.Silent.TotalSeconds,
        member.NeedsSnapshot,
        member.VersionsBehind,
        member.MessagesBehind,
        member.HeldBytes,
        member.Owned,
        Places.Of(member.Place),
        [.. member.Attributes.Select(AttributeView.Of)]);
}

/// <summary>An object.</summary>
internal sealed record ObjectView(
    uint Id,
    string Type,
    string Name,
    uint Parent,
    uint Owner,
    uint Creator,
    uint LockHolder,
    bool Persistent,
    bool Fixed,
    double[]? Place,
    IReadOnlyList<AttributeView> Attributes,
    IReadOnlyList<MemberAttributes> MemberAttributes)
{
    public static ObjectView Of(InspectedObject made) => new(
        made.Image.Id,
        made.Image.Type,
        made.Image.Name,
        made.Image.Parent,
        made.Image.Owner,
        made.Creator,
        made.Image.LockHolder,
        (made.Image.Flags & ObjectFlags.Persistent) != 0,
        (made.Image.Flags & ObjectFlags.Fixed) != 0,
        Places.Of(made.Image.Place),
        [.. made.Attributes.Select(AttributeView.Of)],
        [.. made.MemberAttributes.Select(entry => new MemberAttributes(entry.Key, [.. entry.Value.Select(AttributeView.Of)]))]);
}

/// <summary>The attributes of a member with regard to an object.</summary>
internal sealed record MemberAttributes(uint Member, IReadOnlyList<AttributeView> Attributes);

/// <summary>An attribute, its value as text: of a long one the beginning.</summary>
internal sealed record AttributeView(
    string Key, string Value, int Bytes, ulong Version, uint Author, string Readers, string Writers, bool Ephemeral)
{
    private const int MostCharacters = 1_000;

    public static AttributeView Of(InspectedAttribute attribute) => new(
        attribute.Key,
        attribute.Text(MostCharacters),
        attribute.Value.Length,
        attribute.Version,
        attribute.Author,
        attribute.Who(attribute.Terms.Readers),
        attribute.Who(attribute.Terms.Writers),
        (attribute.Terms.Flags & AttributeFlags.Ephemeral) != 0);
}

/// <summary>Positions as the page shows them.</summary>
internal static class Places
{
    /// <summary>Metres, to the millimetre.</summary>
    public static double[]? Of(Transform? place) =>
        place is { } at ? [Math.Round(at.X, 3), Math.Round(at.Y, 3), Math.Round(at.Z, 3)] : null;
}
