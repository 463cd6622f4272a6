namespace Relay.Host.Files.Store;

/// <summary>A status and, unless it is done, why: one line for operators and logs, without secrets. It may name paths of the server, so it
/// is not for those who only ask for a file.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Why; empty when done.</param>
internal readonly record struct StoreOutcome(StoreStatus Status, string Reason)
{
    // Linux's numbers, which .NET hands on in an IOException's HResult.
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int OverQuota = 122;

    /// <summary>It is done.</summary>
    public static StoreOutcome Done => new(StoreStatus.Done, "");

    /// <summary>Whether it is done.</summary>
    public bool IsDone => Status == StoreStatus.Done;

    /// <summary>What a failure of the file system means.</summary>
    /// <param name="exception">The failure.</param>
    /// <returns>Null if it is none of the file system's.</returns>
    public static StoreOutcome? Of(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => new(StoreStatus.Missing, exception.Message),
        UnauthorizedAccessException => new(StoreStatus.ReadOnly, exception.Message),
        IOException { HResult: NoSpace } => new(StoreStatus.Full, "the disk is full"),
        IOException { HResult: OverQuota } => new(StoreStatus.Full, "this user's share of the disk is full"),
        IOException { HResult: ReadOnlyFileSystem } => new(StoreStatus.ReadOnly, "the disk is read-only"),
        IOException => new(StoreStatus.Unavailable, exception.Message),
        _ => null,
    };

    /// <summary>Does work on files.</summary>
    /// <param name="work">The work.</param>
    /// <returns>How it ended; what is none of the file system's is thrown.</returns>
    public static StoreOutcome Try(Action work)
    {
        try
        {
            work();
            return Done;
        }
        catch (Exception e) when (Of(e) is not null)
        {
            return Of(e)!.Value;
        }
    }
}
