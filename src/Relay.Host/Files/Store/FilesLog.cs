namespace Relay.Host.Files.Store;

/// <summary>What the file store logs. Never a key, a token or a part of a content. Next free id: 3210.</summary>
internal static partial class FilesLog
{
    [LoggerMessage(3200, LogLevel.Information, "Files: kept in {Description}; new ones are sealed with the master key {Key} of {Origin}.")]
    public static partial void Opened(this ILogger logger, string description, string key, string origin);

    [LoggerMessage(3201, LogLevel.Warning, "Files: {Name} could not be read ({Reason}) and was uploaded again: it is replaced.")]
    public static partial void Replaced(this ILogger logger, FileName name, string reason);

    [LoggerMessage(3202, LogLevel.Error, "Files: {Name} cannot be sealed anew: {Reason}")]
    public static partial void NotRewrapped(this ILogger logger, FileName name, string reason);

    [LoggerMessage(3203, LogLevel.Warning, "Files: the store does not answer, and is tried on; until then there are no files: {Reason}")]
    public static partial void StoreAway(this ILogger logger, string reason);

    [LoggerMessage(3204, LogLevel.Error, "Files: the store cannot be used, so there are no files until the next start: {Reason}")]
    public static partial void StoreRefused(this ILogger logger, string reason);

    [LoggerMessage(3205, LogLevel.Information, "Files: removed {Holdings} expired files of people, {Files} contents and {Uploads} uploads.")]
    public static partial void Swept(this ILogger logger, int holdings, int files, int uploads);

    [LoggerMessage(3206, LogLevel.Warning, "Files: what is over could not be removed, and is tried again: {Reason}")]
    public static partial void NotSwept(this ILogger logger, string reason);

    [LoggerMessage(3207, LogLevel.Error, "Files: an upload failed: {Reason}")]
    public static partial void NotStored(this ILogger logger, string reason);

    [LoggerMessage(3208, LogLevel.Error, "Files: {Name} cannot be read: {Reason}")]
    public static partial void NotRead(this ILogger logger, FileName name, string reason);

    [LoggerMessage(3209, LogLevel.Information, "Files: {Done} were sealed anew with the newest master key, {Failed} could not be. "
        + "If none could not be, the older keys may be taken away.")]
    public static partial void Rewrapped(this ILogger logger, int done, int failed);
}
