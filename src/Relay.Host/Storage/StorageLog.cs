namespace Relay.Host.Storage;

/// <summary>What the storage logs. Never a connection string, a value or SQL with values. Next free id: 306.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(
        301, LogLevel.Information,
        "Storage: {Description}; its tables are at version {Version} ({Applied} migration(s) applied now).")]
    public static partial void Opened(this ILogger logger, string description, int version, int applied);

    [LoggerMessage(302, LogLevel.Error, "Storage: the database fails: {Reason} ({Failures} operation(s) failed in {Seconds:0} s).")]
    public static partial void DatabaseFails(this ILogger logger, string reason, long failures, double seconds);

    [LoggerMessage(303, LogLevel.Information, "Storage: the database is back; {Failures} operation(s) failed in {Seconds:0.0} s.")]
    public static partial void DatabaseIsBack(this ILogger logger, long failures, double seconds);

    [LoggerMessage(
        304, LogLevel.Warning,
        "Storage: starting without the database, since Relay:Storage:Require is false; " +
        "what should last does not until it answers. {Reason}")]
    public static partial void StartedWithout(this ILogger logger, string reason);

    [LoggerMessage(305, LogLevel.Error, "Storage: the database answers, but is not used: {Reason}")]
    public static partial void Refused(this ILogger logger, string reason);
}
