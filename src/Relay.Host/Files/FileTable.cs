using System.Data.Common;
using System.Globalization;
using Dapper;
using Relay.Host.Files.Store;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>What is known of files: the contents, and whose they are.</summary>
internal sealed class FileTable(Database database, TimeProvider time)
{
    private const string Columns =
        "f.file AS File, f.hash AS Hash, f.length AS Length, f.type AS Type, f.width AS Width, f.height AS Height, f.frames AS Frames, " +
        "h.account AS Account, h.name AS Name, h.visibility AS Visibility, h.room AS Room, h.created AS Created, h.expires AS Expires";

    /// <summary>The most holdings of one content that are looked at: rooms beyond them show nothing to who is in none of the first.</summary>
    private const int MostSeen = 20;

    /// <summary>What is removed in one transaction: it takes milliseconds, so that others' need not wait.</summary>
    private const int Batch = 200;

    /// <summary>Whether an object in a room shows a content: its attribute <c>relay.file</c> is the hash as MessagePack.</summary>
    private readonly string _isShown =
        "EXISTS (SELECT 1 FROM room_attributes a WHERE a.key = 'relay.file' AND length(a.value) = 66 AND a.value = " +
        (database.Kind == DatabaseKind.PostgreSql ? "decode('d940', 'hex') || convert_to(f.hash, 'UTF8')" : "CAST(x'd940' || f.hash AS BLOB)") +
        " AND a.user_id = '' AND a.object <> 0)";

    /// <summary>The holdings of a content that an account may see, or may if it may enter their rooms; its own first, then public
    /// ones.</summary>
    /// <param name="name">What it is called in the store.</param>
    /// <param name="account">Who asks; empty for nobody.</param>
    /// <param name="isAll">Whether to return others' as well.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<FileRow>> SeenAsync(FileName name, string account, bool isAll, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FileRow>>(
            async connection => [.. await connection.QueryAsync<FileRow>(
                $"SELECT {Columns} FROM files f JOIN file_holdings h ON h.file = f.file " +
                "WHERE f.file = @file AND f.condemned IS NULL " +
                $"AND (@isAll = 1 OR h.account = @account OR h.visibility <> 'owner') AND (h.expires IS NULL OR h.expires > @now OR {_isShown}) " +
                "ORDER BY CASE WHEN h.account = @account THEN 0 WHEN h.visibility = 'public' THEN 1 ELSE 2 END LIMIT @MostSeen",
                new { file = name.Hex, account, isAll = isAll ? 1 : 0, now = Now, MostSeen }).ConfigureAwait(false)],
            cancellationToken);

    /// <summary>An account's own files, the newest first.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="after">The key (<see cref="KeyOf"/>) of the last that is known; empty for none.</param>
    /// <param name="limit">The most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<FileRow>> ListAsync(string account, string after, int limit, CancellationToken cancellationToken)
    {
        (long created, string file) = ParseKey(after);
        return database.ReadAsync<IReadOnlyList<FileRow>>(
            async connection => [.. await connection.QueryAsync<FileRow>(
                $"SELECT {Columns} FROM file_holdings h JOIN files f ON f.file = h.file WHERE h.account = @account " +
                "AND (h.created < @created OR (h.created = @created AND h.file < @file)) AND f.condemned IS NULL " +
                $"AND (h.expires IS NULL OR h.expires > @now OR {_isShown}) ORDER BY h.created DESC, h.file DESC LIMIT @limit",
                new { account, created, file, now = Now, limit }).ConfigureAwait(false)],
            cancellationToken);
    }

    /// <summary>Where a file stands in the list of its owner's.</summary>
    public static string KeyOf(FileRow row) => string.Create(CultureInfo.InvariantCulture, $"{row.Created}:{row.File}");

    /// <summary>An account's own file.</summary>
    /// <param name="name">What it is called in the store.</param>
    /// <param name="account">Whose.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<FileRow?> FindOwnAsync(FileName name, string account, CancellationToken cancellationToken) =>
        (await SeenAsync(name, account, isAll: false, cancellationToken).ConfigureAwait(false)).FirstOrDefault(row => row.Account == account);

    /// <summary>Changes what an account says of its file.</summary>
    /// <param name="row">As it is to be.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if it has gone.</returns>
    public Task<bool> ChangeAsync(FileRow row, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(
            "UPDATE file_holdings SET name = @Name, visibility = @Visibility, room = @Room, expires = @Expires " +
            "WHERE file = @File AND account = @Account",
            row,
            transaction).ConfigureAwait(false) == 1,
        cancellationToken);

    /// <summary>Takes a file from an account. With the last who holds it its content is condemned.</summary>
    /// <param name="name">What it is called in the store.</param>
    /// <param name="account">Whose.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if it was not the account's.</returns>
    public Task<bool> ReleaseAsync(FileName name, string account, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => ReleaseAsync(connection, transaction, name.Hex, account), cancellationToken);

    /// <summary>Keeps what rooms show: it goes a lifetime after they show it no more.</summary>
    /// <param name="soon">What expires before that is looked at, in Unix milliseconds.</param>
    /// <param name="later">When it expires then.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<int> ProlongShownAsync(long soon, long later, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(
            "UPDATE file_holdings SET expires = @later WHERE expires < @soon " +
            $"AND EXISTS (SELECT 1 FROM files f WHERE f.file = file_holdings.file AND {_isShown})",
            new { soon, later },
            transaction),
        cancellationToken);

    /// <summary>Takes from people what has expired, and no room shows. Nobody gets what has expired: so whoever makes an object that shows
    /// it does so before this comes, if the time is some minutes ago, and it is not missed.</summary>
    /// <param name="before">What has expired before that, in Unix milliseconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many; there may be more.</returns>
    public Task<int> ExpireAsync(long before, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            (string File, string Account)[] expired = [.. await connection.QueryAsync<(string, string)>(
                "SELECT h.file, h.account FROM file_holdings h JOIN files f ON f.file = h.file " +
                $"WHERE h.expires < @before AND NOT {_isShown} LIMIT @Batch",
                new { before, Batch },
                transaction).ConfigureAwait(false)];
            foreach ((string file, string account) in expired)
            {
                await ReleaseAsync(connection, transaction, file, account).ConfigureAwait(false);
            }

            return expired.Length;
        },
        cancellationToken);

    /// <summary>The contents that are to be removed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<IReadOnlyList<FileName>> CondemnedAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<FileName>>(
            async connection => [.. (await connection.QueryAsync<string>(
                "SELECT file FROM files WHERE condemned IS NOT NULL LIMIT @Batch", new { Batch }).ConfigureAwait(false))
                .Select(file => new FileName(file))],
            cancellationToken);

    /// <summary>Whether a content is still condemned: whoever has sent it again meanwhile has saved it.</summary>
    /// <param name="name">What it is called in the store.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<bool> IsCondemnedAsync(FileName name, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ExecuteScalarAsync<bool>(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM files WHERE file = @file AND condemned IS NOT NULL) THEN 1 ELSE 0 END",
            new { file = name.Hex }),
        cancellationToken);

    /// <summary>Whether a content is known, condemned or not.</summary>
    /// <param name="name">What it is called in the store.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<bool> IsKnownAsync(FileName name, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ExecuteScalarAsync<bool>(
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM files WHERE file = @file) THEN 1 ELSE 0 END", new { file = name.Hex }),
        cancellationToken);

    /// <summary>Forgets a content that the store has no more.</summary>
    /// <param name="name">What it was called in the store.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task ForgetAsync(FileName name, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) =>
        {
            long? length = await connection.QuerySingleOrDefaultAsync<long?>(
                "DELETE FROM files WHERE file = @file AND condemned IS NOT NULL RETURNING length", new { file = name.Hex }, transaction)
                .ConfigureAwait(false);
            await FileUsage.GiveBackAsync(connection, transaction, FileUsage.Everybody, length ?? 0).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>The variant of an image, if it was made.</summary>
    /// <param name="name">What the image is called in the store.</param>
    /// <param name="variant">Which: <c>256.webp</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<FileRow?> FindVariantAsync(FileName name, string variant, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<FileRow?>(
            "SELECT c.file AS File, c.hash AS Hash, c.length AS Length, c.type AS Type FROM file_variants v " +
            "JOIN files c ON c.file = v.content JOIN files f ON f.file = v.file " +
            "WHERE v.file = @file AND v.variant = @variant AND c.condemned IS NULL AND f.condemned IS NULL",
            new { file = name.Hex, variant }),
        cancellationToken);

    /// <summary>Notes a variant that was made and is in the store. It counts in the space of all, not in anybody's.</summary>
    /// <param name="name">What the image is called in the store.</param>
    /// <param name="variant">Which.</param>
    /// <param name="content">What it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if the image has gone meanwhile.</returns>
    public Task<bool> AddVariantAsync(FileName name, string variant, FileRow content, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async (connection, transaction) =>
            {
                if (await connection.ExecuteAsync(
                    "UPDATE files SET condemned = NULL WHERE file = @file AND condemned IS NULL", new { file = name.Hex }, transaction)
                    .ConfigureAwait(false) == 0)
                {
                    return false;
                }

                bool isNew = await PutAsync(connection, transaction, content).ConfigureAwait(false);
                await connection.ExecuteAsync(
                    "INSERT INTO file_variants (file, variant, content) VALUES (@file, @variant, @content) " +
                    "ON CONFLICT (file, variant) DO NOTHING",
                    new { file = name.Hex, variant, content = content.File },
                    transaction).ConfigureAwait(false);
                await FileUsage.AddAsync(connection, transaction, FileUsage.Everybody, isNew ? content.Length : 0).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    /// <summary>Stores a content that the store has. One that was condemned is saved.</summary>
    /// <returns>Whether it was not there.</returns>
    internal static async Task<bool> PutAsync(DbConnection connection, DbTransaction transaction, FileRow row)
    {
        bool isNew = await connection.ExecuteAsync(
            "INSERT INTO files (file, hash, length, type, width, height, frames, created) " +
            "VALUES (@File, @Hash, @Length, @Type, @Width, @Height, @Frames, @Created) ON CONFLICT (file) DO NOTHING",
            row,
            transaction).ConfigureAwait(false) == 1;
        if (!isNew)
        {
            await connection.ExecuteAsync("UPDATE files SET condemned = NULL WHERE file = @File", row, transaction).ConfigureAwait(false);
        }

        return isNew;
    }

    /// <summary>A file that an account has.</summary>
    internal static Task<FileRow> FindHeldAsync(DbConnection connection, DbTransaction transaction, string file, string account) =>
        connection.QuerySingleAsync<FileRow>(
            $"SELECT {Columns} FROM files f JOIN file_holdings h ON h.file = f.file WHERE f.file = @file AND h.account = @account",
            new { file, account },
            transaction);

    private async Task<bool> ReleaseAsync(DbConnection connection, DbTransaction transaction, string file, string account)
    {
        // The content's row is locked first: two who let go of it at once see each other.
        await connection.ExecuteAsync("UPDATE files SET length = length WHERE file = @file", new { file }, transaction).ConfigureAwait(false);
        if (await connection.ExecuteAsync(
            "DELETE FROM file_holdings WHERE file = @file AND account = @account", new { file, account }, transaction)
            .ConfigureAwait(false) == 0)
        {
            return false;
        }

        long length = await connection.ExecuteScalarAsync<long>(
            "SELECT length FROM files WHERE file = @file", new { file }, transaction).ConfigureAwait(false);
        await FileUsage.GiveBackAsync(connection, transaction, account, length).ConfigureAwait(false);
        await CondemnAsync(connection, transaction, file).ConfigureAwait(false);
        return true;
    }

    /// <summary>Condemns a content that nobody holds and that is no image's variant, and with it its variants.</summary>
    private async Task CondemnAsync(DbConnection connection, DbTransaction transaction, string file)
    {
        const string IfUnused = "UPDATE files SET condemned = @now WHERE file = @file AND condemned IS NULL " +
            "AND NOT EXISTS (SELECT 1 FROM file_holdings WHERE file = @file) AND NOT EXISTS (SELECT 1 FROM file_variants WHERE content = @file)";
        if (await connection.ExecuteAsync(IfUnused, new { now = Now, file }, transaction).ConfigureAwait(false) == 0)
        {
            return;
        }

        string[] variants = [.. await connection.QueryAsync<string>(
            "DELETE FROM file_variants WHERE file = @file RETURNING content", new { file }, transaction).ConfigureAwait(false)];
        foreach (string variant in variants.Distinct(StringComparer.Ordinal))
        {
            await connection.ExecuteAsync(IfUnused, new { now = Now, file = variant }, transaction).ConfigureAwait(false);
        }
    }

    private static (long Created, string File) ParseKey(string key)
    {
        int colon = key.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && long.TryParse(key.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out long created)
            ? (created, key[(colon + 1)..])
            : (long.MaxValue, "");
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}
