namespace Relay.Host.Files.Images;

/// <summary>What became of a variant that was asked for.</summary>
internal enum VariantStatus
{
    /// <summary>It is made.</summary>
    Done,

    /// <summary>Variants are off.</summary>
    Off,

    /// <summary>Too many are being made or wait for it: later it may work.</summary>
    Busy,

    /// <summary>Making it would take more time, memory or pixels than it may. It will not work later either.</summary>
    Refused,

    /// <summary>No picture that can be read. It will not work later either.</summary>
    NotDecodable,

    /// <summary>The original could not be read, or the program not be started: later it may work.</summary>
    Unavailable,

    /// <summary>Nobody waits for it any more, or the receiver takes no more.</summary>
    Cut,
}

/// <summary>A status and, unless it is done, why: one line that anybody may see.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">Why; empty when done.</param>
internal readonly record struct VariantOutcome(VariantStatus Status, string Reason)
{
    /// <summary>It is made.</summary>
    public static VariantOutcome Done => new(VariantStatus.Done, "");

    /// <summary>Whether it is made.</summary>
    public bool IsDone => Status == VariantStatus.Done;

    /// <summary>Whether it would end like this again, so that it need not be tried again for this original.</summary>
    public bool IsFinal => Status is VariantStatus.Done or VariantStatus.Refused or VariantStatus.NotDecodable;
}
