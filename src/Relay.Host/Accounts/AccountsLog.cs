using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts;

/// <summary>What happens to accounts. Never a token, a ticket, a key, or a part of one.</summary>
internal static partial class AccountsLog
{
    [LoggerMessage(301, LogLevel.Information, "Accounts: a token was refused: {Verdict}.")]
    public static partial void TokenRefused(this ILogger logger, JwtVerdict verdict);

    [LoggerMessage(
        302, LogLevel.Warning,
        "Accounts: a refresh token of session {Session} was used twice; somebody has a copy. The session has been ended.")]
    public static partial void RefreshReused(this ILogger logger, string session);

    [LoggerMessage(303, LogLevel.Information, "Accounts: {Count} sessions of account {Account} were ended by {Actor}.")]
    public static partial void SessionsEnded(this ILogger logger, int count, string account, string actor);

    [LoggerMessage(304, LogLevel.Information, "Accounts: {Closed} connections were closed, since what they came in by was revoked.")]
    public static partial void ConnectionsClosed(this ILogger logger, int closed);

    [LoggerMessage(305, LogLevel.Error, "Accounts: connections by something that was revoked could not be closed.")]
    public static partial void CloseFailed(this ILogger logger, Exception exception);

    [LoggerMessage(306, LogLevel.Warning, "Accounts: upkeep waits for the database: {Reason}")]
    public static partial void UpkeepFailed(this ILogger logger, string reason);

    [LoggerMessage(
        307, LogLevel.Information,
        "Accounts: removed {Guests} guests, {Sessions} sessions, {Secrets} one-time secrets, {Lines} audit lines.")]
    public static partial void Purged(this ILogger logger, int guests, int sessions, int secrets, int lines);

    [LoggerMessage(308, LogLevel.Warning, "Accounts: account {Account} was {What} by {Actor}.")]
    public static partial void AccountChanged(this ILogger logger, string account, string what, string actor);
}
