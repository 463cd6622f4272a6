using System.Data.Common;
using System.Globalization;
using Relay.Load.Cli;

namespace Relay.Load.Durable;

/// <summary>What goes with <c>--durable</c> and <c>--database</c>.</summary>
internal static class DatabaseRules
{
    public const int PostgresPort = 5432;

    /// <summary>A server lets each connection be owed so many answers.</summary>
    private const int MaxWindow = 128;

    private const int MaxDelayMillis = 60_000;

    private const int MaxClients = RoomState.StateServer.MostAttributesPerTarget / DurableMember.Keys;

    /// <summary>Says what is wrong, if anything, in one line. A connection string may hold a password, so it is not shown.</summary>
    public static string? Check(LoadOptions options) => options switch
    {
        { Durable: false, Beside: true } => "--beside says what --durable does to walkers: give both",
        { Durable: true } when options.State || options.StateRate || options.LateJoin.Count > 0 || options.TracksFile is not null ||
            options.FromFile is not null || options.Idle is not null =>
            "--durable is a workload of its own: it cannot be given with --state, --state-rate, --late-join, --tracks, --from or --idle",
        { Durable: true } when options.Churn > 0 || options.Stalled > 0 => "--churn and --stalled go beside walkers: they cannot be given with --durable",
        { Durable: true, Check: true } => "--check takes its workloads from the limits file: --durable cannot be given beside it",
        { Durable: true, Connect: not null } => "--durable needs a server that the tester starts, on a database of its own or that of --database",
        { Beside: true } when options.IsRoadComparison || options.Versus is not null => "--beside is a comparison of its own: it cannot be given with --road both or --versus",
        { Database: not null, Durable: false, Writers: null } => "--database is what --durable measures: give both",
        { Durable: true, Clients: > MaxClients } => string.Create(
            CultureInfo.InvariantCulture,
            $"--clients must be 1 to {MaxClients} with --durable, as each sets {DurableMember.Keys} attributes of the room; it is {options.Clients}"),
        { Window: < 1 or > MaxWindow } => string.Create(CultureInfo.InvariantCulture, $"--window must be 1 to {MaxWindow}; it is {options.Window}"),
        { DatabaseDelayMillis: < 0 or > MaxDelayMillis } => string.Create(
            CultureInfo.InvariantCulture, $"--database-delay must be 0 to {MaxDelayMillis} milliseconds; it is {options.DatabaseDelayMillis}"),
        { DatabaseDelayMillis: > 0 } when !HasHost(options.Database) =>
            "--database-delay goes through a proxy to PostgreSQL: --database must be of the form Host=...;Port=...",
        _ => null,
    };

    /// <summary>Whether a connection string names a host, so that a proxy can stand before it.</summary>
    public static bool HasHost(string? connectionString)
    {
        try
        {
            return connectionString is not null && new DbConnectionStringBuilder { ConnectionString = connectionString }.ContainsKey("Host");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
