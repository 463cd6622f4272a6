using Relay.Host.Accounts.Jwt;

namespace Relay.Host.Accounts.SigningIn;

/// <summary>How signing in goes. Never a token, a code, a mail address or anything that was shown.</summary>
internal static partial class SignInLog
{
    [LoggerMessage(321, LogLevel.Information, "Oidc {Provider}: its keys were fetched.")]
    public static partial void KeysFetched(this ILogger logger, string provider);

    [LoggerMessage(322, LogLevel.Warning, "Oidc {Provider} cannot be asked: {Reason}.")]
    public static partial void ProviderUnavailable(this ILogger logger, string provider, string reason);

    [LoggerMessage(323, LogLevel.Debug, "Oidc {Provider}: a token was refused: {Verdict}.")]
    public static partial void TokenRefused(this ILogger logger, string provider, JwtVerdict verdict);

    [LoggerMessage(324, LogLevel.Warning, "Oidc {Provider}: exchanging a code was answered with {Status}.")]
    public static partial void CodeRefused(this ILogger logger, string provider, int status);

    [LoggerMessage(331, LogLevel.Warning, "Mail: a message could not be sent, attempt {Attempt} of {Attempts}: {Reason}.")]
    public static partial void MailFailed(this ILogger logger, int attempt, int attempts, string reason);

    [LoggerMessage(332, LogLevel.Warning, "Mail: {Limit} messages wait to be sent already; one was dropped.")]
    public static partial void MailDropped(this ILogger logger, int limit);
}
