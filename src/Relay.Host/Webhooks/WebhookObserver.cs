using System.Globalization;
using Relay.Core.Hosting;
using Relay.Protocol;

namespace Relay.Host.Webhooks;

/// <summary>
/// Tells webhooks of rooms that open and close and of members who come and go. A room's webhooks hear of its instances, too.
/// </summary>
internal sealed class WebhookObserver(WebhookQueue webhooks) : IRoomObserver
{
    public ValueTask RoomOpenedAsync(RoomNews room, CancellationToken cancellationToken) => Tell(WebhookEvent.RoomOpened, room);

    public ValueTask RoomClosedAsync(RoomNews room, CancellationToken cancellationToken) => Tell(WebhookEvent.RoomClosed, room);

    public ValueTask MemberJoinedAsync(MemberNews member, CancellationToken cancellationToken) =>
        Tell(WebhookEvent.MemberJoined, member.Room, AboutOf(member));

    public ValueTask MemberLeftAsync(MemberNews member, CloseCode reason, CancellationToken cancellationToken) =>
        Tell(WebhookEvent.MemberLeft, member.Room, [.. AboutOf(member), ("reason", CloseCodes.Name(reason))]);

    private static (string Name, string? Value)[] AboutOf(MemberNews member) =>
    [
        ("member", member.Member.ToString(CultureInfo.InvariantCulture)), ("user", member.UserId),
        ("name", member.Name), ("role", member.Role),
    ];

    private ValueTask Tell(string kind, RoomNews room, params (string Name, string? Value)[] about)
    {
        // The epoch as text: it has more bits than a number of JSON.
        webhooks.Happened(
            kind, room.Room, room.At,
            [("instance", room.Instance), ("epoch", room.Epoch.ToString(CultureInfo.InvariantCulture)), .. about]);
        return default;
    }
}
