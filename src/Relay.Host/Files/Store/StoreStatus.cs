namespace Relay.Host.Files.Store;

/// <summary>What became of something that the file store was asked for.</summary>
internal enum StoreStatus
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such file or upload.</summary>
    Missing,

    /// <summary>There was such a file already; it stays as it is.</summary>
    Exists,

    /// <summary>Somebody else is at this upload just now.</summary>
    InUse,

    /// <summary>More bytes came than were allowed.</summary>
    TooLarge,

    /// <summary>The sender, or the receiver, went away before the end.</summary>
    Cut,

    /// <summary>The disk, or the share of it that this user may fill, is full.</summary>
    Full,

    /// <summary>The disk, or the directory, may not be written.</summary>
    ReadOnly,

    /// <summary>Where files are kept does not answer, or answers with an error that may pass.</summary>
    Unavailable,

    /// <summary>It was sealed with a key that is not at hand, or with another token.</summary>
    WrongKey,

    /// <summary>What is stored is not what was sealed: cut off, mixed up or changed.</summary>
    Damaged,
}
