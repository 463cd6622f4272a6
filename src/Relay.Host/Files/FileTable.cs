using Dapper;
using Relay.Host.Files.Store;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>What is known of files: the contents, and whose they are.</summary>
internal sealed class FileTable(Database database, TimeProvider time)
{
    private const string Columns =
        "f.file AS File, f.hash AS Hash, f.length AS Length, f.type AS Type, f.width AS Width, f.height AS Height, " +
        "h.account AS Account, h.name AS Name, h.visibility AS Visibility, h.room AS Room, h.created AS Created, h.expires AS Expires";

    /// <summary>The most holdings of one content that are looked at: rooms beyond them show nothing to who is in none of the first.</summary>
    private const int MostSeen = 20;

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

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();
}
