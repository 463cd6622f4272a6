using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using Relay.Core.Hosting;
using Relay.Core.Rooms;
using Relay.Host.Api.Json;
using Relay.Host.Api.Problems;
using Relay.Host.Http;
using Relay.Host.Storage;
using Relay.Host.Storage.Rooms;
using Relay.Host.Webhooks;

namespace Relay.Host.Api.Rooms;

/// <summary>Makes, changes and deletes rooms: stored first, then in the open room.</summary>
internal sealed class RoomDesk(
    Database database, RoomDirectory directory, RelayServer server, RoomFiles files, WebhookQueue webhooks,
    IOptions<RelayOptions> relay, ApiOptions options, TimeProvider time)
{
    private const int MaxTitle = 200, MaxDescription = 4000, Gates = 64;

    /// <summary>How long a room that is deleted may take to empty.</summary>
    private static readonly TimeSpan EmptyIn = TimeSpan.FromSeconds(10);

    // One change of a room at a time in this process, so that settings reach the open room in the order of their revisions.
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Makes a room; who makes it becomes its owner.</summary>
    /// <param name="made">What it is to be like.</param>
    /// <param name="name">Its name.</param>
    /// <param name="caller">Who makes it.</param>
    /// <param name="template">What is copied into it; null for nothing.</param>
    /// <param name="isRepeated">Whether it may have been done already: then the caller's room of that name is the one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiProblem">409, 422.</exception>
    public async Task<RoomRow> CreateAsync(
        NewRoom made, string name, Caller caller, RoomFile? template, bool isRepeated, CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        RoomSettings settings = made.Settings ?? template?.Settings ?? new RoomSettings();
        var row = new RoomRow
        {
            Name = name,
            Title = made.Title ?? template?.Title ?? "",
            Description = made.Description ?? template?.Description ?? "",
            Owner = caller.Account,
            Entry = WordOf(made.Entry ?? RoomEntry.Open),
            Settings = JsonSerializer.Serialize(settings, ApiJson.Default.RoomSettings),
            Created = now,
            Updated = now,
            Revision = 1,
        };
        RoomOptions checkedOptions = Check(row, settings);
        if (RoomNames.RoomOf(name) != name)
        {
            throw ApiProblem.Invalid("name", "must not end in ~ and a number: that is how a room's instances are called.");
        }

        if (!caller.IsAdmin && await server.Inspector.ReadRoomAsync(name, cancellationToken).ConfigureAwait(false) is { Members: > 0 })
        {
            throw new ApiProblem(ProblemType.Exists, $"There are people in room \"{name}\", which is nobody's.");
        }

        // The entry that is asked for holds from the beginning; a template's things are there before anybody can come in.
        SemaphoreSlim gate = GateOf(name);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RoomRow stored = await database.WriteAsync(
                async (connection, transaction) =>
                {
                    if (!await RoomRows.InsertAsync(connection, transaction, row).ConfigureAwait(false))
                    {
                        RoomRow? there = await RoomRows.FindAsync(connection, name, transaction).ConfigureAwait(false);
                        return isRepeated && there?.Owner == caller.Account
                            ? there
                            : throw new ApiProblem(ProblemType.Exists, $"There is a room \"{name}\" already.");
                    }

                    long count = caller.IsAdmin
                        ? 0
                        : await RoomRows.CountAsync(connection, caller.Account, transaction).ConfigureAwait(false);
                    if (count > options.MaxRoomsPerOwner)
                    {
                        throw ApiProblem.Full("You own as many rooms as you may.", options.MaxRoomsPerOwner, count);
                    }

                    await connection.ExecuteAsync(
                        "INSERT INTO room_roles (room, subject, role) VALUES (@name, @subject, @role) " +
                        "ON CONFLICT (room, subject) DO UPDATE SET role = @role",
                        new { name, subject = "user:" + caller.Account, role = checkedOptions.EffectiveRoles[^1].Name },
                        transaction).ConfigureAwait(false);
                    return row;
                },
                cancellationToken).ConfigureAwait(false);
            if (template is not null)
            {
                await files.FillAsync(name, template, cancellationToken).ConfigureAwait(false);
            }

            directory.Forget(name);
            await server.Rooms.ApplyAsync(name, checkedOptions, cancellationToken).ConfigureAwait(false);
            webhooks.Happened(WebhookEvent.RoomCreated, name, ("by", caller.Account));
            return stored;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Changes a room.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="patch">What is to be otherwise.</param>
    /// <param name="condition">What the request wants of the revision.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The room as it is now, and what became of its settings.</returns>
    /// <exception cref="ApiProblem">404, 412, 422.</exception>
    public async Task<(RoomRow Row, SettingsChange Change)> ChangeAsync(
        string name, RoomPatch patch, Precondition condition, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = GateOf(name);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RoomRow before = await ReadAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw ApiProblem.NotFound($"Room \"{name}\" was never made.");
            if (!condition.Matches(TagOf(before)))
            {
                throw await StaleAsync(name, condition.Tag, cancellationToken).ConfigureAwait(false);
            }

            RoomSettings settings = patch.Settings is { ValueKind: not JsonValueKind.Undefined } wanted
                ? Merged(before.Settings, wanted)
                : RoomSettingsReader.Parse(before.Settings);
            RoomRow after = before with
            {
                Title = patch.Title ?? before.Title,
                Description = patch.Description ?? before.Description,
                Entry = patch.Entry is { } entry ? WordOf(entry) : before.Entry,
                Settings = JsonSerializer.Serialize(settings, ApiJson.Default.RoomSettings),
                Updated = time.GetUtcNow().ToUnixTimeMilliseconds(),
                Revision = before.Revision + 1,
            };
            RoomOptions checkedOptions = Check(after, settings);
            if (!await StoreAsync(before, after, cancellationToken).ConfigureAwait(false))
            {
                throw await StaleAsync(name, condition.Tag, cancellationToken).ConfigureAwait(false);
            }

            directory.Forget(name);
            webhooks.Happened(
                WebhookEvent.RoomUpdated, name, ("revision", TagOf(after)), ("fields", string.Join(' ', ChangedFields(before, after))));
            if ((before.Entry == "closed") != (after.Entry == "closed"))
            {
                await server.Rooms.SetClosedAsync(name, after.Entry == "closed", cancellationToken).ConfigureAwait(false);
                directory.Forget(name);
            }

            SettingsChange change = await server.Rooms.ApplyAsync(name, checkedOptions, cancellationToken).ConfigureAwait(false);
            return (await ReadAsync(name, cancellationToken).ConfigureAwait(false) ?? after, change);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Deletes a room: closes it, takes everybody out, and removes all that is stored of it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="condition">What the request wants of the revision.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiProblem">404, 412, 503.</exception>
    public async Task DeleteAsync(string name, Precondition condition, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = GateOf(name);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RoomRow before = await ReadAsync(name, cancellationToken).ConfigureAwait(false)
                ?? throw ApiProblem.NotFound($"Room \"{name}\" was never made.");
            if (!condition.Matches(TagOf(before)))
            {
                throw await StaleAsync(name, condition.Tag, cancellationToken).ConfigureAwait(false);
            }

            await server.Rooms.SetClosedAsync(name, closed: true, cancellationToken).ConfigureAwait(false);
            directory.Forget(name);
            await EmptyAsync(name, cancellationToken).ConfigureAwait(false);
            await database.WriteAsync(
                (connection, transaction) => RoomRows.DeleteAsync(connection, transaction, name), cancellationToken).ConfigureAwait(false);
            directory.Forget(name);
            webhooks.Happened(WebhookEvent.RoomDeleted, name);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Reads a room, past what the directory believes.</summary>
    public Task<RoomRow?> ReadAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => RoomRows.FindAsync(connection, name), cancellationToken);

    /// <summary>Reads rooms.</summary>
    public Task<IReadOnlyList<RoomRow>> ListAsync(RoomSearch search, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => RoomRows.ListAsync(connection, search), cancellationToken);

    /// <summary>A room's ETag, without quotes.</summary>
    public static string TagOf(RoomRow row) => row.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string WordOf(RoomEntry entry) => entry switch
    {
        RoomEntry.Invite => "invite",
        RoomEntry.Closed => "closed",
        _ => "open",
    };

    private SemaphoreSlim GateOf(string name) => _gates[(uint)name.GetHashCode(StringComparison.Ordinal) % Gates];

    private RoomOptions Check(RoomRow row, RoomSettings settings)
    {
        var problems = new List<FieldProblem>();
        CheckText("title", row.Title, MaxTitle, mayHaveLines: false, problems);
        CheckText("description", row.Description, MaxDescription, mayHaveLines: true, problems);
        RoomOptions made = RoomSettingsReader.ToOptions(settings, row.Title, relay.Value.Room, out IReadOnlyList<FieldProblem> wrong);
        problems.AddRange(wrong);
        return problems.Count == 0 ? made : throw ApiProblem.Invalid(problems);
    }

    private static void CheckText(string field, string text, int most, bool mayHaveLines, List<FieldProblem> problems)
    {
        if (text.Length > most)
        {
            problems.Add(new FieldProblem(field, $"takes at most {most} characters; it has {text.Length}."));
        }
        else if (text.Any(unit => char.IsControl(unit) && !(mayHaveLines && unit is '\n' or '\t')))
        {
            problems.Add(new FieldProblem(
                field,
                mayHaveLines
                    ? "must be without control characters other than line feeds and tabs."
                    : "must be without control characters."));
        }
    }

    /// <summary>RFC 7396.</summary>
    private static RoomSettings Merged(string stored, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            throw ApiProblem.Invalid("settings", "must be an object.");
        }

        using JsonDocument before = JsonDocument.Parse(stored);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            MergeInto(json, before.RootElement, patch);
        }

        return JsonBody.Parse(buffer.WrittenSpan, ApiJson.Default.RoomSettings, "settings");
    }

    private static void MergeInto(Utf8JsonWriter json, JsonElement before, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            patch.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        bool hasBefore = before.ValueKind == JsonValueKind.Object;
        foreach (JsonProperty kept in hasBefore ? before.EnumerateObject() : default)
        {
            if (!patch.TryGetProperty(kept.Name, out _))
            {
                kept.WriteTo(json);
            }
        }

        foreach (JsonProperty changed in patch.EnumerateObject())
        {
            if (changed.Value.ValueKind != JsonValueKind.Null)
            {
                json.WritePropertyName(changed.Name);
                MergeInto(json, hasBefore && before.TryGetProperty(changed.Name, out JsonElement old) ? old : default, changed.Value);
            }
        }

        json.WriteEndObject();
    }

    private Task<bool> StoreAsync(RoomRow before, RoomRow after, CancellationToken cancellationToken)
    {
        string[] fields = [.. ChangedFields(before, after)];
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                if (!await RoomRows.UpdateAsync(connection, transaction, after).ConfigureAwait(false))
                {
                    return false;
                }

                foreach (string field in fields)
                {
                    await connection.ExecuteAsync(
                        "INSERT INTO room_fields (room, field, revision) VALUES (@Name, @field, @Revision) " +
                        "ON CONFLICT (room, field) DO UPDATE SET revision = @Revision",
                        new { after.Name, field, after.Revision },
                        transaction).ConfigureAwait(false);
                }

                return true;
            },
            cancellationToken);
    }

    private static IEnumerable<string> ChangedFields(RoomRow before, RoomRow after)
    {
        (string Name, bool Differs)[] own =
        [
            ("title", before.Title != after.Title),
            ("description", before.Description != after.Description),
            ("entry", before.Entry != after.Entry),
        ];
        using JsonDocument was = JsonDocument.Parse(before.Settings), now = JsonDocument.Parse(after.Settings);
        Dictionary<string, string> old = was.RootElement.EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value.GetRawText(), StringComparer.Ordinal);
        Dictionary<string, string> fresh = now.RootElement.EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value.GetRawText(), StringComparer.Ordinal);
        return [.. own.Where(field => field.Differs).Select(field => field.Name),
            .. old.Keys.Union(fresh.Keys, StringComparer.Ordinal)
                .Where(key => old.GetValueOrDefault(key) != fresh.GetValueOrDefault(key)).Select(key => "settings." + key)];
    }

    /// <summary>Which fields have changed since the revision that the asker has.</summary>
    private async Task<ApiProblem> StaleAsync(string name, string? tag, CancellationToken cancellationToken)
    {
        if (!long.TryParse(tag, out long revision))
        {
            return ApiProblem.Stale("The room has another revision.");
        }

        string[] fields = await database.ReadAsync(
            async connection => (await connection.QueryAsync<string>(
                "SELECT field FROM room_fields WHERE room = @name AND revision > @revision ORDER BY field",
                new { name, revision }).ConfigureAwait(false)).ToArray(),
            cancellationToken).ConfigureAwait(false);
        return ApiProblem.Stale("The room has been changed since.", fields);
    }

    private async Task EmptyAsync(string name, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            OnlineClient[] inside =
            [
                .. (await server.Inspector.OnlineAsync(most: int.MaxValue, cancellationToken: cancellationToken).ConfigureAwait(false))
                    .Where(client => client.Room is { } room && RoomNames.RoomOf(room) == name),
            ];
            foreach (OnlineClient client in inside)
            {
                await server.Rooms.KickAsync(client.Room!, client.Member, cancellationToken).ConfigureAwait(false);
            }

            if (inside.Length == 0 && await server.Inspector.ReadRoomAsync(name, cancellationToken).ConfigureAwait(false) is null)
            {
                return;
            }

            if (time.GetElapsedTime(start) > EmptyIn)
            {
                throw new ApiProblem(
                    ProblemType.Unavailable, "The room is closed, but not empty yet: something holds it open. Try again.")
                {
                    RetryAfter = TimeSpan.FromSeconds(2),
                };
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken).ConfigureAwait(false);
        }
    }
}
