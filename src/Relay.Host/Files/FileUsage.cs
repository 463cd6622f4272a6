using System.Data.Common;
using Dapper;
using Relay.Host.Api.Problems;
using Relay.Host.Http;

namespace Relay.Host.Files;

/// <summary>
/// How much space is used, by each account and by all. It is counted in the transaction of whatever changes it, whose row is locked by
/// that: so however many come at once, no quota is passed by a byte.
/// </summary>
internal static class FileUsage
{
    /// <summary>The name of what all use together: no account's.</summary>
    public const string Everybody = "";

    /// <summary>Takes space.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="account">Whose, or <see cref="Everybody"/>.</param>
    /// <param name="bytes">How much; less than 0 gives back.</param>
    /// <returns>What is used then.</returns>
    public static Task<long> AddAsync(DbConnection connection, DbTransaction transaction, string account, long bytes) =>
        connection.ExecuteScalarAsync<long>(
            "INSERT INTO file_usage (account, bytes) VALUES (@account, @bytes) " +
            "ON CONFLICT (account) DO UPDATE SET bytes = file_usage.bytes + excluded.bytes RETURNING bytes",
            new { account, bytes },
            transaction);

    /// <summary>Takes space, within a limit.</summary>
    /// <inheritdoc cref="AddAsync"/>
    /// <exception cref="ApiProblem">413: it is more than there is.</exception>
    public static async Task TakeAsync(DbConnection connection, DbTransaction transaction, string account, long bytes, long limit)
    {
        long used = await AddAsync(connection, transaction, account, bytes).ConfigureAwait(false);
        if (bytes > 0 && used > limit)
        {
            string whose = account.Length == 0 ? "The server" : "This account";
            throw TooLarge($"{whose} has no room for it: with what is there and on its way it would be {used} bytes, and may be {limit}.", limit, used);
        }
    }

    /// <summary>Gives space back.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public static Task GiveBackAsync(DbConnection connection, DbTransaction transaction, string account, long bytes) =>
        bytes == 0 ? Task.CompletedTask : AddAsync(connection, transaction, account, -bytes);

    /// <summary>What is said of something too large.</summary>
    public static ApiProblem TooLarge(string detail, long limit, long value) =>
        new(ProblemBody.Of(ProblemType.TooLarge, detail) with { Limit = limit, Value = value });

    /// <summary>What an account uses, or all.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="account">Whose, or <see cref="Everybody"/>.</param>
    public static Task<long> ReadAsync(DbConnection connection, string account) => connection.ExecuteScalarAsync<long>(
        "SELECT COALESCE((SELECT bytes FROM file_usage WHERE account = @account), 0)", new { account });
}
