namespace Relay.Host.Files.Store;

/// <summary>What the file store logs. Never a key, a token or a part of a content. Next free id: 3203.</summary>
internal static partial class FilesLog
{
    [LoggerMessage(3200, LogLevel.Information, "Files: kept in {Description}; new ones are sealed with the master key {Key} of {Origin}.")]
    public static partial void Opened(this ILogger logger, string description, string key, string origin);

    [LoggerMessage(3201, LogLevel.Warning, "Files: {Name} could not be read ({Reason}) and was uploaded again: it is replaced.")]
    public static partial void Replaced(this ILogger logger, FileName name, string reason);

    [LoggerMessage(3202, LogLevel.Error, "Files: {Name} cannot be sealed anew: {Reason}")]
    public static partial void NotRewrapped(this ILogger logger, FileName name, string reason);
}
