namespace Relay.Host.Files.Store;

/// <summary>The bytes of one sealed file where it is kept. For one reader at a time.</summary>
internal interface ISealedSource : IAsyncDisposable
{
    /// <summary>Bytes of the sealed file.</summary>
    long Length { get; }

    /// <summary>Says what will be read next, so that it can be asked for at once.</summary>
    /// <param name="offset">From where.</param>
    /// <param name="count">How many bytes, at least 1; within <see cref="Length"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<StoreOutcome> StartAsync(long offset, long count, CancellationToken cancellationToken);

    /// <summary>Reads the next bytes.</summary>
    /// <param name="buffer">Filled to its end, or the outcome says why not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<StoreOutcome> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);
}
