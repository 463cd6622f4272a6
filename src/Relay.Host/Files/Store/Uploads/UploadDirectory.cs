using Microsoft.Win32.SafeHandles;
using Relay.Host.Accounts;
using Relay.Host.Files.Store.Keys;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Storage;

namespace Relay.Host.Files.Store.Uploads;

/// <summary>
/// Uploads that are not finished: a directory each, <c>uploads/ID</c>, with a <c>.part</c> (a sealed file as far as it goes) and, from the
/// first checkpoint on, a <c>state</c>. Whoever goes on with an upload after a restart seals it anew, since it must be read for its hash in
/// any case and no nonce may be used again; so that a mere pause costs nothing, the last uploads that were left are kept open.
/// </summary>
/// <param name="directory">The store's directory.</param>
/// <param name="keys">The master keys.</param>
/// <param name="files">Where they are published.</param>
internal sealed class UploadDirectory(string directory, MasterKeys keys, SealedFiles files) : IDisposable
{
    /// <summary>Uploads that are kept open after they were left: a descriptor each, and up to 64 KiB.</summary>
    private const int MaxParked = 64;

    private const int ReadSegments = 4;

    private readonly string _root = Path.Combine(directory, "uploads");
    private readonly Lock _gate = new();
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    // In the order in which they were left.
    private readonly OrderedDictionary<string, FileUpload> _parked = new(StringComparer.Ordinal);

    /// <summary>Begins an upload.</summary>
    /// <param name="secret">What to seal it with.</param>
    /// <returns>The upload if it is done.</returns>
    public (StoreOutcome Outcome, FileUpload? Upload) Begin(FileSecret secret)
    {
        string id = Secrets.NewId();
        SealedWriter? writer = null;
        StoreOutcome outcome = StoreOutcome.Try(() =>
        {
            DiskNames.Make(_root);
            OwnDirectory.Make(PathOf(id));
            writer = new SealedWriter(PathOf(id), secret);
        });
        if (writer is null)
        {
            Delete(id);
            return (outcome, null);
        }

        lock (_gate)
        {
            _busy.Add(id);
        }

        return (outcome, new FileUpload(this, id, secret, writer));
    }

    /// <summary>Says how much of an upload is durable.</summary>
    /// <param name="id">Which.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    /// <returns>Bytes of content if it is done.</returns>
    public (StoreOutcome Outcome, long Length) Length(string id, FileSecret? token)
    {
        if (!Secrets.IsId(id))
        {
            return (NoSuchUpload, 0);
        }

        StoreOutcome outcome = UploadState.Read(PathOf(id), (kind, secretId) => Find(kind, secretId, token), out UploadState? state, out _);
        long length = state?.Length ?? 0;
        if (state?.Hash is not null)
        {
            outcome = StoreOutcome.Try(() => length = WholeLength(id, state));
        }

        return (outcome, length);
    }

    /// <summary>Goes on with an upload where its last checkpoint was.</summary>
    /// <param name="id">Which.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    /// <returns>The upload if it is done. What is there already takes some seconds for each GiB if another process had begun it.</returns>
    public async Task<(StoreOutcome Outcome, FileUpload? Upload)> ResumeAsync(string id, FileSecret? token)
    {
        if (!Secrets.IsId(id))
        {
            return (NoSuchUpload, null);
        }

        FileUpload? upload;
        lock (_gate)
        {
            if (!_busy.Add(id))
            {
                return (new StoreOutcome(StoreStatus.InUse, "somebody is at it"), null);
            }

            if (_parked.TryGetValue(id, out upload) && Find(upload.Secret.Kind, upload.Secret.Id, token) is not null)
            {
                _parked.Remove(id);
                return (StoreOutcome.Done, upload);
            }
        }

        try
        {
            StoreOutcome outcome;
            (outcome, upload) = await Task.Run(() => Reopen(id, token)).ConfigureAwait(false);
            return (outcome, upload);
        }
        finally
        {
            if (upload is null)
            {
                Release(id);
            }
        }
    }

    /// <summary>Publishes what an upload has sealed.</summary>
    /// <param name="upload">The upload, which has a hash.</param>
    /// <param name="secret">What it is sealed with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<StoreOutcome> PublishAsync(FileUpload upload, FileSecret secret, CancellationToken cancellationToken) =>
        files.PublishAsync(upload.PartPath, upload.Hash!.Value, secret, cancellationToken);

    /// <summary>An upload's user is done with it: what can go on is kept open, what is durable is kept, and all else goes.</summary>
    /// <param name="upload">The upload.</param>
    public void Leave(FileUpload upload)
    {
        FileUpload? surplus = null;
        lock (_gate)
        {
            if (!_busy.Contains(upload.Id) || _parked.ContainsKey(upload.Id))
            {
                return;
            }

            if (upload.IsSound)
            {
                _parked.Add(upload.Id, upload);
                _busy.Remove(upload.Id);
                surplus = _parked.Count > MaxParked ? _parked.GetAt(0).Value : null;
                if (surplus is not null)
                {
                    _parked.RemoveAt(0);
                }
            }
        }

        surplus?.Close();
        if (upload.IsSound)
        {
            return;
        }

        upload.Close();
        if (!upload.IsKept)
        {
            Delete(upload.Id);
        }

        Release(upload.Id);
    }

    /// <summary>The ids of all uploads of which anything is here.</summary>
    public IReadOnlyList<string> Ids() => [.. Directories().Select(upload => upload.Name)];

    /// <summary>Deletes an upload that nobody is at.</summary>
    /// <param name="id">Which; what is none is gone.</param>
    /// <returns>False while somebody is at it.</returns>
    public bool Discard(string id)
    {
        if (!Secrets.IsId(id))
        {
            return true;
        }

        if (!TryTake(id))
        {
            return false;
        }

        Delete(id);
        Release(id);
        return true;
    }

    /// <summary>The ids of what uploads that are not finished are sealed with.</summary>
    public IEnumerable<string> SecretIds()
    {
        foreach (DirectoryInfo upload in Directories())
        {
            string? found = null;
            UploadState.Read(
                upload.FullName,
                (_, id) =>
                {
                    found = Convert.ToHexStringLower(id);
                    return null;
                },
                out _,
                out _);
            if (found is not null)
            {
                yield return found;
            }
        }
    }

    /// <summary>An upload's directory.</summary>
    /// <param name="id">Which.</param>
    public string PathOf(string id) => Path.Combine(_root, id);

    /// <summary>Waits until the disk knows of all uploads' directories.</summary>
    public void SyncNames() => DiskNames.Sync(_root);

    /// <summary>Deletes all of an upload, as far as that goes; what is left over is found by its directory.</summary>
    /// <param name="id">Which.</param>
    public void Delete(string id) => StoreOutcome.Try(() => Directory.Delete(PathOf(id), recursive: true));

    public void Dispose()
    {
        foreach (FileUpload upload in _parked.Values)
        {
            upload.Close();
        }

        _parked.Clear();
    }

    private static StoreOutcome NoSuchUpload => new(StoreStatus.Missing, "there is no such upload");

    private DirectoryInfo[] Directories() => Directory.Exists(_root)
        ? [.. new DirectoryInfo(_root).EnumerateDirectories().Where(upload => Secrets.IsId(upload.Name))]
        : [];

    private long WholeLength(string id, UploadState state) =>
        SealedLayout.ContentLength(new FileInfo(Path.Combine(PathOf(id), state.PartName)).Length);

    private FileSecret? Find(SealKind kind, ReadOnlySpan<byte> id, FileSecret? token) =>
        kind == SealKind.Master ? token is null ? keys.Find(id) : null : token is not null && token.Id.SequenceEqual(id) ? token : null;

    private (StoreOutcome Outcome, FileUpload? Upload) Reopen(string id, FileSecret? token)
    {
        StoreOutcome outcome = UploadState.Read(
            PathOf(id), (kind, secretId) => Find(kind, secretId, token), out UploadState? state, out FileSecret? secret);
        if (state is null)
        {
            return (outcome, null);
        }

        string part = Path.Combine(PathOf(id), state.PartName);
        FileUpload? upload = null;
        if (state.Hash is { } hash)
        {
            outcome = StoreOutcome.Try(() => upload = new FileUpload(this, id, secret!, part, hash, WholeLength(id, state)));
            return (outcome, upload);
        }

        SealedWriter? writer = null;
        outcome = StoreOutcome.Try(() =>
        {
            FileSecret anew = token ?? keys.Active.Secret;
            writer = new SealedWriter(PathOf(id), anew);
            if (Reseal(part, state, secret!, writer))
            {
                writer.Sync();
                (state with { PartSalt = writer.Salt.ToArray() }).Write(PathOf(id), anew);
                upload = new FileUpload(this, id, anew, writer, state.Tail);
                File.Delete(part);
            }
        });
        if (upload is not null)
        {
            return (StoreOutcome.Done, upload);
        }

        if (writer is not null)
        {
            writer.Dispose();
            StoreOutcome.Try(() => File.Delete(writer.Path));
        }

        return (outcome.IsDone ? new StoreOutcome(StoreStatus.Damaged, "what was uploaded is not what was sealed") : outcome, null);
    }

    /// <summary>Seals the segments that count with another key.</summary>
    private static bool Reseal(string part, UploadState state, FileSecret secret, SealedWriter to)
    {
        using FileKey key = secret.KeyOf(state.PartSalt, FileKey.Content);
        using SafeFileHandle file = File.OpenHandle(part);
        byte[] segments = new byte[ReadSegments * SealedLayout.SealedSegmentLength];
        byte[] content = new byte[ReadSegments * SealedLayout.SegmentLength];
        for (long number = 0; number < state.Segments; number += ReadSegments)
        {
            int count = (int)Math.Min(ReadSegments, state.Segments - number);
            if (!TryRead(file, segments.AsSpan(0, count * SealedLayout.SealedSegmentLength), SealedLayout.Offset(number)))
            {
                return false;
            }

            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> segment = segments.AsSpan(i * SealedLayout.SealedSegmentLength, SealedLayout.SealedSegmentLength);
                Span<byte> opened = content.AsSpan(i * SealedLayout.SegmentLength, SealedLayout.SegmentLength);
                if (!key.TryOpen(number + i, isLast: false, segment, opened))
                {
                    return false;
                }
            }

            to.Write(content.AsMemory(0, count * SealedLayout.SegmentLength));
        }

        return true;
    }

    private static bool TryRead(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            int count = RandomAccess.Read(file, buffer, offset);
            if (count == 0)
            {
                return false;
            }

            offset += count;
            buffer = buffer[count..];
        }

        return true;
    }

    /// <summary>Takes an upload from whoever wants to go on with it, if nobody is at it.</summary>
    private bool TryTake(string id)
    {
        lock (_gate)
        {
            if (!_busy.Add(id))
            {
                return false;
            }

            if (_parked.Remove(id, out FileUpload? upload))
            {
                upload.Close();
            }

            return true;
        }
    }

    private void Release(string id)
    {
        lock (_gate)
        {
            _busy.Remove(id);
        }
    }
}
