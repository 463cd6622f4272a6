using Relay.Host.Files.Store;

namespace Relay.Host.Files.Images;

/// <summary>An original, and what its header says of it. Should that be a lie, the limits of the process hold.</summary>
/// <param name="MediaType">What it is, by its content.</param>
/// <param name="Width">Pixels across, of one frame.</param>
/// <param name="Height">Pixels down, of one frame.</param>
/// <param name="Frames">Frames; 1 for what is not animated.</param>
/// <param name="CopyToAsync">Writes the whole content to a stream and leaves that open. Called a second time in some cases; ended when no
/// more is needed.</param>
internal sealed record ImageSource(
    string MediaType, int Width, int Height, int Frames, Func<Stream, CancellationToken, Task<StoreOutcome>> CopyToAsync)
{
    /// <summary>A file of the store, which stays open and is the caller's.</summary>
    /// <param name="file">The file.</param>
    /// <param name="mediaType">What it is, by its content.</param>
    /// <param name="width">Pixels across, of one frame.</param>
    /// <param name="height">Pixels down, of one frame.</param>
    /// <param name="frames">Frames; 1 for what is not animated.</param>
    public static ImageSource Of(StoredFile file, string mediaType, int width, int height, int frames) =>
        new(mediaType, width, height, frames, (to, cancellationToken) => file.CopyToAsync(0, file.Length, to, cancellationToken));
}
