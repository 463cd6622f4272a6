using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Core.Rooms.Stores;
using Relay.Host.Accounts;
using Relay.Host.Api.Json;
using Relay.Host.Api.Rooms;
using Relay.Host.Http;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;

namespace Relay.Host.Admin;

/// <summary>Does it on the database. A server that runs has rooms open and much in memory: what must hold there at once goes over
/// REST.</summary>
internal sealed class LocalDesk : IOperatorDesk
{
    private const string Actor = "operator";

    private readonly ServiceProvider _services;
    private readonly Database _database;

    private LocalDesk(ServiceProvider services) => (_services, _database) = (services, services.GetRequiredService<Database>());

    /// <summary>Opens the database that the settings name.</summary>
    /// <param name="configuration">The program's settings.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<LocalDesk> OpenAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        IConfigurationSection section = configuration.GetSection("Relay");
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(configuration);
        services.AddOptions<RelayOptions>().Bind(section);
        services.AddRelayStorage(section.GetSection("Storage"));
        services.AddRelayAccounts(section.GetSection("Accounts"));
        services.AddSingleton<RoomFiles>();
        var desk = new LocalDesk(services.BuildServiceProvider());
        await desk._database.OpenAsync(Migration.For(desk._database.Kind), cancellationToken).ConfigureAwait(false);
        return desk;
    }

    public async Task CreateRoomAsync(string name, string? title, RoomFile? content, CancellationToken cancellationToken)
    {
        RoomOptions defaults = Get<IOptions<RelayOptions>>().Value.Room;
        int limit = Get<IOptions<RelayOptions>>().Value.Limits.MaxRoomNameBytes;
        if (!RoomNames.IsValid(name, limit) || RoomNames.RoomOf(name) != name)
        {
            throw new AdminException(
                $"A room's name takes 1 to {limit} bytes of letters, digits and - _ . : / ~ @ +, " +
                $"and does not end in ~ and a number; this one is \"{name}\".");
        }

        RoomSettings settings = content?.Settings ?? new RoomSettings();
        RoomSettingsReader.ToOptions(settings, title ?? content?.Title ?? "", defaults, out IReadOnlyList<FieldProblem> problems);
        if (problems.Count > 0)
        {
            throw new AdminException($"{problems[0].Field} {problems[0].Message}");
        }

        long now = Get<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        var row = new RoomRow
        {
            Name = name,
            Title = title ?? content?.Title ?? "",
            Description = content?.Description ?? "",
            Settings = JsonSerializer.Serialize(settings, ApiJson.Default.RoomSettings),
            Created = now,
            Updated = now,
            Revision = 1,
        };
        if (!await _database.WriteAsync(
            (connection, transaction) => RoomRows.InsertAsync(connection, transaction, row), cancellationToken).ConfigureAwait(false))
        {
            throw new AdminException($"There is a room \"{name}\" already.");
        }

        if (content is not null)
        {
            await Get<RoomFiles>().FillAsync(name, content, cancellationToken).ConfigureAwait(false);
        }
    }

    public async IAsyncEnumerable<(string Name, string Title)> RoomsAsync(
        string search, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string after = "";
        while (true)
        {
            var next = new RoomSearch(search, Viewer: null, after, Limit: 100);
            IReadOnlyList<RoomRow> page = await _database.ReadAsync(
                connection => RoomRows.ListAsync(connection, next), cancellationToken).ConfigureAwait(false);
            foreach (RoomRow row in page)
            {
                yield return (row.Name, row.Title);
            }

            if (page.Count < 100)
            {
                yield break;
            }

            after = page[^1].Name;
        }
    }

    public async Task DeleteRoomAsync(string name, CancellationToken cancellationToken)
    {
        // An attempt whose answer was lost may have deleted it.
        bool wasThere = false;
        await _database.WriteAsync(
            async (connection, transaction) => wasThere |= await RoomRows.DeleteAsync(connection, transaction, name).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        if (!wasThere)
        {
            throw NoSuchRoom(name);
        }
    }

    public async Task SetRoleAsync(string room, string account, string? role, CancellationToken cancellationToken)
    {
        RoomRow row = await _database.ReadAsync(connection => RoomRows.FindAsync(connection, room), cancellationToken).ConfigureAwait(false)
            ?? throw NoSuchRoom(room);
        if (role is null)
        {
            var people = new Api.People.PeopleTable(_database, Get<TimeProvider>());
            if (!await people.RemoveRoleAsync(room, account, cancellationToken).ConfigureAwait(false))
            {
                throw new AdminException($"The account {account} has no role of its own in room \"{room}\".");
            }

            return;
        }

        RoomOptions options = RoomSettingsReader.ToOptions(
            RoomSettingsReader.Parse(row.Settings), row.Title, Get<IOptions<RelayOptions>>().Value.Room, out _);
        if (!options.EffectiveRoles.Any(known => known.Name == role))
        {
            throw new AdminException(
                $"The room has no role \"{role}\"; it has {string.Join(", ", options.EffectiveRoles.Select(known => known.Name))}.");
        }

        await Get<IModerationStore>().SetRoleAsync(room, "user:" + account, role, cancellationToken).ConfigureAwait(false);
    }

    public Task BanAsync(string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken) =>
        Get<IModerationStore>().BanAsync(room, subject, until, reason, cancellationToken).AsTask();

    public async Task RevokeAsync(string account, CancellationToken cancellationToken)
    {
        await RequireAccountAsync(account, cancellationToken).ConfigureAwait(false);
        await Get<SessionDesk>().EndAsync(Actor, account, null, null, cancellationToken).ConfigureAwait(false);
    }

    public async Task SetDisabledAsync(string account, bool isDisabled, CancellationToken cancellationToken)
    {
        AccountDesk desk = Get<AccountDesk>();
        bool isKnown = await (isDisabled
            ? desk.DisableAsync(Actor, account, null, cancellationToken)
            : desk.EnableAsync(Actor, account, null, cancellationToken)).ConfigureAwait(false);
        if (!isKnown)
        {
            throw new AdminException($"There is no account {account}.");
        }
    }

    public async Task SetAdminAsync(string account, bool isAdmin, CancellationToken cancellationToken)
    {
        if (!await Get<AccountDesk>().SetAdminAsync(Actor, account, isAdmin, null, cancellationToken).ConfigureAwait(false))
        {
            throw new AdminException($"There is no account {account}.");
        }
    }

    public async Task<string> CreateKeyAsync(string name, string[] scopes, CancellationToken cancellationToken)
    {
        if (DisplayName.Check(name) is not { } label ||
            scopes.Any(scope => scope is not (RelayClaims.AdminScope or RelayClaims.RoomsScope)))
        {
            throw new AdminException(
                $"A key's name has 1 to {Account.MaxName} characters; " +
                $"its scopes are of {RelayClaims.AdminScope} and {RelayClaims.RoomsScope}.");
        }

        ApiKeyDesk keys = Get<ApiKeyDesk>();
        await keys.LoadAsync(cancellationToken).ConfigureAwait(false);
        return await keys.CreateAsync(
            Actor, label, string.Join(' ', scopes), null, null, cancellationToken).ConfigureAwait(false) is (_, { } text)
            ? text
            : throw new AdminException("There are as many API keys as may be.");
    }

    public async Task<RoomFile> ExportAsync(string name, CancellationToken cancellationToken) =>
        await Get<RoomFiles>().ExportAsync(name, cancellationToken).ConfigureAwait(false) ?? throw NoSuchRoom(name);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static AdminException NoSuchRoom(string name) => new($"There is no room \"{name}\".");

    private async Task RequireAccountAsync(string account, CancellationToken cancellationToken)
    {
        if (await Get<AccountDesk>().FindAsync(account, cancellationToken).ConfigureAwait(false) is null)
        {
            throw new AdminException($"There is no account {account}.");
        }
    }

    private T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();
}
