namespace Relay.Host.Api;

/// <summary>What the REST interface tells the log. Never a secret, a value or a query.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(3000, LogLevel.Warning, "REST: the database cannot be reached: {Problem}")]
    public static partial void StoreFailed(this ILogger log, string problem);

    [LoggerMessage(3001, LogLevel.Error, "REST: {Method} {Endpoint} failed")]
    public static partial void Failed(this ILogger log, Exception exception, string method, string endpoint);

    [LoggerMessage(
        3002, LogLevel.Warning,
        "The settings that are stored of room {Room} are not valid any more, so it opens with the default ones: {Problem}")]
    public static partial void BadSettings(this ILogger log, string room, string problem);
}
