namespace Relay.Load.Recordings.Download;

/// <summary>What is to be recorded.</summary>
/// <param name="Room">The room.</param>
/// <param name="Seconds">How long to follow it; 0 for what its recorder still has.</param>
/// <param name="Url">The server's HTTP address.</param>
/// <param name="File">Where to; <see cref="StandardOutput"/>, or <c>null</c> for a name of its own.</param>
internal sealed record RecordOptions(string Room, double Seconds, Uri Url, string? File)
{
    /// <summary>The name that stands for standard output.</summary>
    public const string StandardOutput = "-";

    /// <summary>What the server follows at most.</summary>
    public const double MaxSeconds = 3600;
}
