using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Host.Accounts;
using Relay.Host.Api.Invites;
using Relay.Host.Api.Problems;
using Relay.Host.Http;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Protocol;

namespace Relay.Host.Api.Rooms;

/// <summary>
/// Knows the rooms' settings, and decides by them about joins. What it has read of a room it believes for
/// <see cref="ApiOptions.DirectoryAge"/>, so that a crowd at the door costs one query; and for longer while the database is away, so that
/// rooms that were known stay open. Where the database is not required (<see cref="StorageOptions.Require"/>), everybody is let in while it
/// does not answer.
/// </summary>
internal sealed class RoomDirectory(
    Database database, InviteTable invites, StorageOptions storage, IOptions<RelayOptions> relay, ApiOptions options, TimeProvider time,
    ILogger<RoomDirectory> log) : IRoomDirectory
{
    /// <summary>About a kilobyte each.</summary>
    private const int MostKnown = 10_000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private int _changes;

    /// <summary>Finds a room.</summary>
    /// <param name="room">Its name; not an instance's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is no row of it.</returns>
    /// <exception cref="StoreUnavailableException">The database is away, and nothing is known of the room.</exception>
    public async ValueTask<KnownRoom?> FindAsync(string room, CancellationToken cancellationToken)
    {
        long now = time.GetTimestamp();
        if (_known.TryGetValue(room, out Known? known) && time.GetElapsedTime(known.Since, now) < options.DirectoryAge)
        {
            return known.Room;
        }

        int changes = Volatile.Read(ref _changes);
        RoomRow? row;
        try
        {
            row = await database.ReadAsync(connection => RoomRows.FindAsync(connection, room), cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException) when (known is not null)
        {
            return known.Room;
        }

        KnownRoom? found = row is null ? null : new KnownRoom(row, OptionsOf(row));
        if (changes == Volatile.Read(ref _changes))
        {
            if (_known.Count >= MostKnown)
            {
                _known.Clear();
            }

            _known[room] = new Known(found, now);
        }

        return found;
    }

    /// <summary>A room has been changed: what is known of it is not to be believed any more.</summary>
    /// <param name="room">Its name.</param>
    public void Forget(string room)
    {
        Interlocked.Increment(ref _changes);
        _known.TryRemove(room, out _);
    }

    /// <inheritdoc/>
    public async ValueTask<JoinDecision> DecideAsync(
        JoinAttempt attempt, string? accountId, RoomGrant? grant, CancellationToken cancellationToken)
    {
        string name = RoomNames.RoomOf(attempt.Room);
        if (grant is not null && grant.Room != name && grant.Room != attempt.Room)
        {
            return JoinDecision.Refuse("The room token is for another room.");
        }

        KnownRoom? room;
        try
        {
            room = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException) when (!storage.Require)
        {
            // Nothing is known of it. As without a database: everybody comes in, and finds nothing of what is stored.
            return JoinDecision.Allow(role: grant?.Role);
        }
        catch (StoreUnavailableException)
        {
            return Unknown();
        }

        try
        {
            return await DecideAsync(room, name, attempt, accountId, grant, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // The room is known, the guest is not: who was invited stays a matter of invites.
            return Unknown();
        }

        static JoinDecision Unknown() =>
            JoinDecision.Refuse("The server cannot say now who may enter the room.", CloseCode.StoreUnavailable);
    }

    private async ValueTask<JoinDecision> DecideAsync(
        KnownRoom? room, string name, JoinAttempt attempt, string? accountId, RoomGrant? grant, CancellationToken cancellationToken)
    {
        bool hasTicket = !attempt.Ticket.IsEmpty && grant is null;
        if (hasTicket &&
            !await invites.AcceptAsync(
                name, Encoding.UTF8.GetString(attempt.Ticket.Span), accountId, cancellationToken).ConfigureAwait(false))
        {
            return JoinDecision.Refuse("The invite is not good (any more), or for another room.");
        }

        if (room is null)
        {
            return options.RoomsMustExist
                ? JoinDecision.Refuse("There is no such room.", CloseCode.NotFound)
                : JoinDecision.Allow(role: grant?.Role);
        }

        bool isOwner = accountId is not null && room.Row.Owner == accountId;
        bool isInvited = isOwner || grant is not null || hasTicket || room.Row.Entry != "invite" ||
            (accountId is not null && await invites.IsKnownAsync(name, accountId, cancellationToken).ConfigureAwait(false));
        return isInvited
            ? JoinDecision.Allow(room.Options, isOwner ? room.Highest.Name : grant?.Role)
            : JoinDecision.Refuse("The room takes an invite.");
    }

    /// <summary>What a room is like by its row. Settings that are not valid any more, for the server's limits may have changed, are left
    /// out.</summary>
    public RoomOptions OptionsOf(RoomRow row)
    {
        string problem;
        try
        {
            RoomOptions made = RoomSettingsReader.ToOptions(
                RoomSettingsReader.Parse(row.Settings), row.Title, relay.Value.Room, out IReadOnlyList<FieldProblem> problems);
            if (problems.Count == 0)
            {
                return made;
            }

            problem = $"{problems[0].Field} {problems[0].Message}";
        }
        catch (ApiProblem e)
        {
            problem = e.Message;
        }

        log.BadSettings(row.Name, problem);
        return relay.Value.Room;
    }

    private sealed record Known(KnownRoom? Room, long Since);
}

/// <summary>What is known of a room.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Options">What it is like.</param>
internal sealed record KnownRoom(RoomRow Row, RoomOptions Options)
{
    /// <summary>The highest role: the owner's.</summary>
    public RoomRole Highest => Options.EffectiveRoles[^1];
}
