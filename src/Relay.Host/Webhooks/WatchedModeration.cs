using Relay.Core.Rooms.Stores;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Webhooks;

/// <summary>
/// The store of bans and roles; what is stored there is told to webhooks, wherever it was asked for: in a room, over REST.
/// </summary>
internal sealed class WatchedModeration(SqlModerationStore store, WebhookQueue webhooks) : IModerationStore
{
    public ValueTask<RoomStanding> CheckAsync(string room, string subject, CancellationToken cancellationToken) =>
        store.CheckAsync(room, subject, cancellationToken);

    public async ValueTask BanAsync(string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken)
    {
        await store.BanAsync(room, subject, until, reason, cancellationToken).ConfigureAwait(false);
        webhooks.Happened(
            WebhookEvent.MemberBanned, room, ("subject", subject),
            ("until", until?.ToString("O", System.Globalization.CultureInfo.InvariantCulture)), ("reason", reason));
    }

    public ValueTask<bool> UnbanAsync(string room, string subject, CancellationToken cancellationToken) =>
        store.UnbanAsync(room, subject, cancellationToken);

    public async ValueTask SetRoleAsync(string room, string subject, string role, CancellationToken cancellationToken)
    {
        await store.SetRoleAsync(room, subject, role, cancellationToken).ConfigureAwait(false);
        webhooks.Happened(WebhookEvent.RoleChanged, room, ("subject", subject), ("role", role));
    }

    public ValueTask SetClosedAsync(string room, bool closed, CancellationToken cancellationToken) =>
        store.SetClosedAsync(room, closed, cancellationToken);
}
