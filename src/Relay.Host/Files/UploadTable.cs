using Dapper;
using Relay.Host.Api.Problems;
using Relay.Host.Files.Store;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>What is on its way, and the space that is set aside for it.</summary>
internal sealed class UploadTable(Database database, FilesOptions options)
{
    private const string Columns =
        "id AS Id, account AS Account, name AS Name, visibility AS Visibility, room AS Room, length AS Length, reserved AS Reserved, " +
        "created AS Created, expires AS Expires, file AS File, is_done AS IsDone, " +
        "(SELECT f.hash FROM files f WHERE f.file = file_uploads.file) AS Hash";

    /// <summary>Notes an upload and sets its space aside.</summary>
    /// <param name="row">The upload.</param>
    /// <param name="quota">What its account may have.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiProblem">409: too many are under way; 413: there is no space for it.</exception>
    public Task BeginAsync(UploadRow row, long quota, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            bool isNew = await connection.ExecuteAsync(
                "INSERT INTO file_uploads (id, account, name, visibility, room, length, reserved, created, expires) " +
                "VALUES (@Id, @Account, @Name, @Visibility, @Room, @Length, @Reserved, @Created, @Expires) ON CONFLICT (id) DO NOTHING",
                row,
                transaction).ConfigureAwait(false) == 1;
            if (!isNew)
            {
                // An attempt of before has stored it, and was not told so.
                return;
            }

            await FileUsage.TakeAsync(connection, transaction, row.Account, row.Reserved, quota).ConfigureAwait(false);
            long count = await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM file_uploads WHERE account = @Account AND is_done = 0", row, transaction).ConfigureAwait(false);
            if (count > options.MaxUploads)
            {
                throw ApiProblem.Full("The account has as many uploads under way as it may.", options.MaxUploads, count);
            }

            await FileUsage.TakeAsync(connection, transaction, FileUsage.Everybody, row.Reserved, options.TotalQuota).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Notes what the server itself is about to put into the store.</summary>
    public Task NoteAsync(UploadRow row, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            "INSERT INTO file_uploads (id, account, name, visibility, reserved, created, expires, file) " +
            "VALUES (@Id, @Account, @Name, @Visibility, 0, @Created, @Expires, @File) ON CONFLICT (id) DO NOTHING",
            row,
            transaction),
        cancellationToken);

    /// <summary>Finds an account's upload.</summary>
    /// <returns>Null if there is none.</returns>
    public Task<UploadRow?> FindAsync(string id, string account, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<UploadRow?>(
            $"SELECT {Columns} FROM file_uploads WHERE id = @id AND account = @account", new { id, account }),
        cancellationToken);

    /// <summary>Bytes that an account may still send.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="quota">What it may have.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<long> RoomForAsync(string account, long quota, CancellationToken cancellationToken) => database.ReadAsync(
        async connection => Math.Max(0, Math.Min(
            quota - await FileUsage.ReadAsync(connection, account).ConfigureAwait(false),
            options.TotalQuota - await FileUsage.ReadAsync(connection, FileUsage.Everybody).ConfigureAwait(false))),
        cancellationToken);

    /// <summary>Something of it has come: it is kept longer.</summary>
    public Task ProlongAsync(string id, long expires, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            "UPDATE file_uploads SET expires = @expires WHERE id = @id", new { id, expires }, transaction),
        cancellationToken);

    /// <summary>Notes what it is called in the store, before it is there.</summary>
    public Task NoteAsync(string id, FileName name, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            "UPDATE file_uploads SET file = @file WHERE id = @id", new { id, file = name.Hex }, transaction),
        cancellationToken);

    /// <summary>The store has it: from now on it is its owner's file.</summary>
    /// <param name="row">The upload.</param>
    /// <param name="content">What the content is.</param>
    /// <param name="expires">When it goes unless it is claimed, in Unix milliseconds.</param>
    /// <param name="quota">What its account may have.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The file, and whether its owner did not have it.</returns>
    /// <exception cref="ApiProblem">413: there is no space for it; 404: the upload has gone meanwhile.</exception>
    public Task<(FileRow File, bool IsNew)> FinishAsync(
        UploadRow row, FileRow content, long expires, long quota, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            if (await connection.ExecuteAsync(
                "UPDATE file_uploads SET is_done = 1, reserved = 0, file = @File WHERE id = @Id AND is_done = 0",
                new { row.Id, content.File },
                transaction).ConfigureAwait(false) == 0)
            {
                // It has gone, or an attempt of before has stored it, and was not told so.
                string? stored = await connection.ExecuteScalarAsync<string?>(
                    "SELECT file FROM file_uploads WHERE id = @Id AND is_done = 1", row, transaction).ConfigureAwait(false);
                return stored == content.File
                    ? (await FileTable.FindHeldAsync(connection, transaction, content.File, row.Account).ConfigureAwait(false), false)
                    : throw ApiProblem.NotFound("There is no such upload any more.");
            }

            bool isNewContent = await FileTable.PutAsync(connection, transaction, content).ConfigureAwait(false);
            var holding = new { content.File, row.Account, row.Name, row.Visibility, row.Room, content.Created, expires };
            bool isNew = await connection.ExecuteAsync(
                "INSERT INTO file_holdings (file, account, name, visibility, room, created, expires) " +
                "VALUES (@File, @Account, @Name, @Visibility, @Room, @Created, @expires) ON CONFLICT (file, account) DO NOTHING",
                holding,
                transaction).ConfigureAwait(false) == 1;
            if (!isNew)
            {
                await connection.ExecuteAsync(
                    "UPDATE file_holdings SET name = @Name, visibility = @Visibility, room = @Room, " +
                    "expires = CASE WHEN expires IS NULL THEN NULL ELSE @expires END WHERE file = @File AND account = @Account",
                    holding,
                    transaction).ConfigureAwait(false);
            }

            await FileUsage.TakeAsync(connection, transaction, row.Account, (isNew ? content.Length : 0) - row.Reserved, quota)
                .ConfigureAwait(false);
            await FileUsage.TakeAsync(
                connection, transaction, FileUsage.Everybody, (isNewContent ? content.Length : 0) - row.Reserved, options.TotalQuota)
                .ConfigureAwait(false);
            return (await FileTable.FindHeldAsync(connection, transaction, content.File, row.Account).ConfigureAwait(false), isNew);
        },
        cancellationToken);

    /// <summary>Forgets an upload, and gives back what was set aside for it.</summary>
    public Task EndAsync(string id, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            (string Account, long Reserved) gone = await connection.QuerySingleOrDefaultAsync<(string, long)>(
                "DELETE FROM file_uploads WHERE id = @id RETURNING account, reserved", new { id }, transaction).ConfigureAwait(false);
            if (gone.Reserved > 0)
            {
                await FileUsage.GiveBackAsync(connection, transaction, gone.Account, gone.Reserved).ConfigureAwait(false);
                await FileUsage.GiveBackAsync(connection, transaction, FileUsage.Everybody, gone.Reserved).ConfigureAwait(false);
            }
        },
        cancellationToken);

    /// <summary>All uploads, also those that are done and only told of: a few for each account that has sent something of late.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<UploadRow>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<UploadRow>>(
        async connection => [.. await connection.QueryAsync<UploadRow>($"SELECT {Columns} FROM file_uploads").ConfigureAwait(false)],
        cancellationToken);
}
