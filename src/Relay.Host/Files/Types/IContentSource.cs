using Relay.Host.Files.Store;

namespace Relay.Host.Files.Types;

/// <summary>A content that can be read at any place.</summary>
internal interface IContentSource
{
    /// <summary>Bytes of it.</summary>
    long Length { get; }

    /// <summary>Whether all that was asked for could be read; if not, why, and nobody asks for more.</summary>
    StoreOutcome Outcome { get; }

    /// <summary>Reads some bytes.</summary>
    /// <param name="offset">From where; below <see cref="Length"/>.</param>
    /// <param name="to">Where they go; not empty.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many, at least one; 0 if they cannot be read, and then <see cref="Outcome"/> says why.</returns>
    ValueTask<int> ReadAsync(long offset, Memory<byte> to, CancellationToken cancellationToken);
}
