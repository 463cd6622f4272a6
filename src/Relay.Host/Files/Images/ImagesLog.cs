namespace Relay.Host.Files.Images;

/// <summary>What is logged of variants. Never a part of a picture. Next free id: 3224.</summary>
internal static partial class ImagesLog
{
    [LoggerMessage(3220, LogLevel.Information, "Images: variants are made by {Program}, {Concurrent} at a time.")]
    public static partial void On(this ILogger logger, string program, int concurrent);

    [LoggerMessage(3221, LogLevel.Warning, "Images: variants off: {Reason}. Originals are served all the same.")]
    public static partial void Off(this ILogger logger, string reason);

    [LoggerMessage(3222, LogLevel.Warning, "Images: asked for its version the program ended ({End}) with {ExitCode}: {Said}")]
    public static partial void NoVersion(this ILogger logger, RunEnd end, int exitCode, string said);

    [LoggerMessage(
        3223, LogLevel.Warning,
        "Images: no {Variant} of an {Original}: {Status}. {Reason} The program said: {Said} ({Untold} more since the last such line)")]
    public static partial void NotMade(
        this ILogger logger, VariantName variant, string original, VariantStatus status, string reason, string said, int untold);
}
