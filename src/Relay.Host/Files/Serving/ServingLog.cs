using Relay.Host.Files.Store;

namespace Relay.Host.Files.Serving;

/// <summary>What serving files logs. Never a key, a token, a query or a part of a content. Next free id: 3232.</summary>
internal static partial class ServingLog
{
    [LoggerMessage(3230, LogLevel.Error, "Files: {Name} was asked for and cannot be read ({Status}): {Reason}")]
    public static partial void NotServed(this ILogger log, FileName name, StoreStatus status, string reason);

    [LoggerMessage(3231, LogLevel.Warning, "Files: the database cannot be reached, so no files are served: {Problem}")]
    public static partial void DatabaseFailed(this ILogger log, string problem);
}
