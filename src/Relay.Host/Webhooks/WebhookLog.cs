namespace Relay.Host.Webhooks;

/// <summary>What webhooks tell the log. Never a URL, which may hold a secret, nor a body.</summary>
internal static partial class WebhookLog
{
    [LoggerMessage(3100, LogLevel.Warning, "Webhooks wait, since the database cannot be reached: {Problem}")]
    public static partial void CannotDeliver(this ILogger log, string problem);

    [LoggerMessage(
        3101, LogLevel.Warning,
        "Events for webhooks were dropped: more waited than may (Relay:Webhooks:MaxWaiting), or the database was away. " +
        "The counter goes on")]
    public static partial void Dropped(this ILogger log);
}
