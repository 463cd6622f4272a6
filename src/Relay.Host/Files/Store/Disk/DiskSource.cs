using Microsoft.Win32.SafeHandles;

namespace Relay.Host.Files.Store.Disk;

/// <summary>A sealed file on the local disk. Once open it can be read to its end, whatever becomes of its name.</summary>
internal sealed class DiskSource : ISealedSource
{
    private readonly SafeFileHandle _file;
    private long _offset;

    private DiskSource(SafeFileHandle file)
    {
        _file = file;
        Length = RandomAccess.GetLength(file);
    }

    public long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The file if it is done.</returns>
    public static (StoreOutcome Outcome, ISealedSource? Source) Open(string path)
    {
        try
        {
            return (StoreOutcome.Done, new DiskSource(File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete)));
        }
        catch (UnauthorizedAccessException e)
        {
            // What may not be read is no read-only disk.
            return (new StoreOutcome(StoreStatus.Unavailable, e.Message), null);
        }
        catch (Exception e) when (StoreOutcome.Of(e) is not null)
        {
            return (StoreOutcome.Of(e)!.Value, null);
        }
    }

    public ValueTask<StoreOutcome> StartAsync(long offset, long count, CancellationToken cancellationToken)
    {
        _offset = offset;
        return new(StoreOutcome.Done);
    }

    public async ValueTask<StoreOutcome> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                int count = await RandomAccess.ReadAsync(_file, buffer, _offset, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    return new StoreOutcome(StoreStatus.Damaged, "it ends before its end");
                }

                _offset += count;
                buffer = buffer[count..];
            }

            return StoreOutcome.Done;
        }
        catch (Exception e) when (StoreOutcome.Of(e) is not null)
        {
            return StoreOutcome.Of(e)!.Value;
        }
    }

    public ValueTask DisposeAsync()
    {
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
