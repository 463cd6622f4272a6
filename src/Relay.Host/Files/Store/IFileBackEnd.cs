namespace Relay.Host.Files.Store;

/// <summary>Where sealed files are kept once they are whole. It knows nothing of keys or contents. A file is there as a whole or not at
/// all.</summary>
internal interface IFileBackEnd : IDisposable
{
    /// <summary>For people: where it is, without secrets.</summary>
    string Description { get; }

    /// <summary>Takes a file in. When it is done, a power cut does not undo it.</summary>
    /// <param name="path">The sealed file, synced to the disk. When it is done it may be gone from there.</param>
    /// <param name="name">What it is called from then on.</param>
    /// <param name="replace">Whether it takes the place of one that is there. Otherwise, and if the back end can tell,
    /// <see cref="StoreStatus.Exists"/>; where it cannot, one of two that came at once stays.</param>
    /// <param name="cancellationToken">Ends it; then nothing has changed.</param>
    Task<StoreOutcome> PutAsync(string path, FileName name, bool replace, CancellationToken cancellationToken);

    /// <summary>Opens a file.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>If it is done the file, ready to read its header.</returns>
    Task<(StoreOutcome Outcome, ISealedSource? Source)> OpenAsync(FileName name, CancellationToken cancellationToken);

    /// <summary>Deletes a file. One that is not there is done, too.</summary>
    /// <param name="name">Which.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<StoreOutcome> DeleteAsync(FileName name, CancellationToken cancellationToken);

    /// <summary>Lists all files, in no order. One that comes or goes meanwhile may be in it or not.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">They cannot be listed.</exception>
    IAsyncEnumerable<StoredEntry> ListAsync(CancellationToken cancellationToken);

    /// <summary>Reads a short text that is kept beside the files.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The text if it is done.</returns>
    Task<(StoreOutcome Outcome, string? Text)> ReadNoteAsync(string name, CancellationToken cancellationToken);

    /// <summary>Writes it.</summary>
    /// <param name="name">Its name: letters.</param>
    /// <param name="text">The text, some lines.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<StoreOutcome> WriteNoteAsync(string name, string text, CancellationToken cancellationToken);
}

/// <summary>A file that is kept.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="SealedLength">Bytes of the sealed file.</param>
/// <param name="Since">When it came there, by the clock of the back end.</param>
internal readonly record struct StoredEntry(FileName Name, long SealedLength, DateTimeOffset Since);
