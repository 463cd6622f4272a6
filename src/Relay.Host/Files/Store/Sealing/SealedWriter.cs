using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Relay.Host.Files.Store.Sealing;

/// <summary>
/// Seals a content into a file, from its beginning to its end, and works out its hash. For one caller at a time. All of it blocks while the
/// disk writes; what fails there is thrown, and then this writer must not be used any more: it may have used up a nonce.
/// </summary>
internal sealed class SealedWriter : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly FileSecret _secret;
    private readonly byte[] _salt;
    private readonly FileKey _key;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private bool _isUsedUp;

    /// <summary>Makes the file, with a header that says that it is not whole.</summary>
    /// <param name="directory">Where. It gets a name of its own there, by its salt.</param>
    /// <param name="secret">What its key is derived from.</param>
    public SealedWriter(string directory, FileSecret secret)
    {
        _secret = secret;
        _salt = RandomNumberGenerator.GetBytes(SealedHeader.SaltLength);
        _key = secret.KeyOf(_salt, FileKey.Content);
        Path = System.IO.Path.Combine(directory, NameOf(_salt));
        _file = File.OpenHandle(Path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        RandomAccess.Write(_file, SealedHeader.Make(secret, _salt, null, _key, null), 0);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its salt: 32 bytes.</summary>
    public ReadOnlySpan<byte> Salt => _salt;

    /// <summary>Segments that are written, none of which is the last.</summary>
    public long Segments { get; private set; }

    /// <summary>What the file with a salt is called while it is written.</summary>
    /// <param name="salt">The salt.</param>
    public static string NameOf(ReadOnlySpan<byte> salt) => Convert.ToHexStringLower(salt[..8]) + ".part";

    /// <summary>Seals segments that are not the last. Their hash is worked out meanwhile, on another thread.</summary>
    /// <param name="content">A multiple of <see cref="SealedLayout.SegmentLength"/> bytes.</param>
    public void Write(ReadOnlyMemory<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        TakeTurn();
        Task hashing = Task.Run(() => _hash.AppendData(content.Span));
        int count = content.Length / SealedLayout.SegmentLength;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count * SealedLayout.SealedSegmentLength);
        try
        {
            for (int i = 0; i < count; i++)
            {
                _key.Seal(
                    Segments + i,
                    isLast: false,
                    content.Span.Slice(i * SealedLayout.SegmentLength, SealedLayout.SegmentLength),
                    buffer.AsSpan(i * SealedLayout.SealedSegmentLength, SealedLayout.SealedSegmentLength));
            }

            RandomAccess.Write(_file, buffer.AsSpan(0, count * SealedLayout.SealedSegmentLength), SealedLayout.Offset(Segments));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            hashing.GetAwaiter().GetResult();
        }

        Segments += count;
        _isUsedUp = false;
    }

    /// <summary>Waits until the disk has everything that was written.</summary>
    public void Sync() => RandomAccess.FlushToDisk(_file);

    /// <summary>Gives back the disk what comes after the first segments. Then this writer must not be used any more.</summary>
    /// <param name="segments">How many stay.</param>
    public void CutTo(long segments)
    {
        _isUsedUp = true;
        RandomAccess.SetLength(_file, SealedLayout.Offset(segments));
    }

    /// <summary>Seals the last segment and signs the header; then the disk has everything. The file is whole, and this writer
    /// done.</summary>
    /// <param name="last">What is in the last segment: 1 to <see cref="SealedLayout.SegmentLength"/> bytes; none only if the content is
    /// empty.</param>
    /// <returns>The hash of the whole content.</returns>
    public ContentHash Finish(ReadOnlySpan<byte> last)
    {
        TakeTurn();
        byte[] segment = new byte[last.Length + SealedLayout.TagLength];
        _key.Seal(Segments, isLast: true, last, segment);
        RandomAccess.Write(_file, segment, SealedLayout.Offset(Segments));
        _hash.AppendData(last);
        ContentHash hash = ContentHash.Of(_hash.GetHashAndReset());
        long length = (Segments * SealedLayout.SegmentLength) + last.Length;
        RandomAccess.Write(_file, SealedHeader.Make(_secret, _salt, length, _key, hash), 0);
        RandomAccess.FlushToDisk(_file);
        return hash;
    }

    public void Dispose()
    {
        _file.Dispose();
        _key.Dispose();
        _hash.Dispose();
    }

    /// <summary>What failed half-way has sealed something with a nonce, and so has what was finished.</summary>
    private void TakeTurn()
    {
        ObjectDisposedException.ThrowIf(_isUsedUp, this);
        _isUsedUp = true;
    }
}
