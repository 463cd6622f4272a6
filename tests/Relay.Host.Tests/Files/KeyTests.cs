using System.Runtime.Versioning;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Storage;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files;

/// <summary>Master keys: made, rotated, missing, wrong.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class KeyTests : IDisposable
{
    private readonly StoreBed _bed = new();

    private string KeyPath => Path.Combine(_bed.Directory, "keys", "files-0001.key");

    [Fact]
    public async Task FirstStart_makesAKey_forThisUserAlone_andTheNextOnesKeepIt()
    {
        ContentHash hash = await (await _bed.OpenAsync()).PutAsync([1, 2, 3]);
        string key = await File.ReadAllTextAsync(KeyPath);
        Assert.Equal(32, Convert.FromBase64String(key.Trim()).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        foreach (string directory in new[] { Path.GetDirectoryName(KeyPath)!, _bed.Options.Directory!, Path.GetDirectoryName(_bed.Objects[0])! })
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        }

        Assert.Equal([1, 2, 3], await (await _bed.OpenAsync()).ReadAsync(hash));
        Assert.Equal(key, await File.ReadAllTextAsync(KeyPath));
    }

    [Fact]
    public async Task ManyFirstStartsAtOnce_haveOneKey()
    {
        FileStore[] stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(_bed.OpenAsync)));
        for (int i = 0; i < stores.Length; i++)
        {
            ContentHash hash = await stores[i].PutAsync([(byte)i]);
            Assert.Equal([(byte)i], await stores[^(i + 1)].ReadAsync(hash));
        }

        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(KeyPath)!));
    }

    [Fact]
    public async Task AnotherKey_inThePlaceOfTheRightOne_isSaidAtTheStart_inOneLine()
    {
        ContentHash hash = await (await _bed.OpenAsync()).PutAsync([1]);
        string right = await File.ReadAllTextAsync(KeyPath);
        await File.WriteAllTextAsync(KeyPath, StoreBed.NewKey());
        CryptographicException e = await Assert.ThrowsAsync<CryptographicException>(() => _bed.TryOpenAsync());
        Assert.Matches(
            $"^Files in .*/files cannot be opened: .*/keys/files-0001.key holds the master key [0-9a-f]{{16}} and not [0-9a-f]{{16}}, which was there. " +
            "Put the right key back; new keys go beside it, as files or settings with later names.$",
            e.Message);
        Assert.DoesNotContain(right.Trim(), e.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(KeyPath, right);
        Assert.Equal([1], await (await _bed.OpenAsync()).ReadAsync(hash));
    }

    [Fact]
    public async Task MissingKey_isSaidAtTheStart_andNoneIsMadeInItsPlace()
    {
        await (await _bed.OpenAsync()).PutAsync([1]);
        File.Delete(KeyPath);
        CryptographicException e = await Assert.ThrowsAsync<CryptographicException>(() => _bed.TryOpenAsync());
        Assert.Matches("cannot be opened: the master key [0-9a-f]{16} \\(last in .*/keys/files-0001.key\\) is not in .*/keys. Put the right key back", e.Message);
        Assert.DoesNotContain('\n', e.Message);
        Assert.False(File.Exists(KeyPath));
    }

    [Fact]
    public async Task WhatIsNoKey_orOthersMayRead_isSaid()
    {
        await _bed.OpenAsync();
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", (await Assert.ThrowsAsync<CryptographicException>(() => _bed.TryOpenAsync())).Message, StringComparison.Ordinal);
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string shorter = Convert.ToBase64String(new byte[31]), longer = Convert.ToBase64String(new byte[33]);
        foreach (string text in new[] { "", "secret", shorter, longer, StoreBed.NewKey() + StoreBed.NewKey() })
        {
            await File.WriteAllTextAsync(KeyPath, text);
            CryptographicException e = await Assert.ThrowsAsync<CryptographicException>(() => _bed.TryOpenAsync());
            Assert.EndsWith("files-0001.key must hold 32 bytes in base64 (44 characters), as from: openssl rand -base64 32", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rotation_newFilesUnderTheNewKey_oldOnesAreRead_andSealedAnew_untilTheOldKeyMayGo()
    {
        FileStore store = await _bed.OpenAsync();
        byte[] content = StoreBed.Content(300_000);
        ContentHash old = await store.PutAsync(content), empty = await store.PutAsync([]), byToken = await store.PutAsync([7], StoreBed.Token(1));
        FileUpload begun = store.BeginOne();
        await begun.AppendAsync([1, 2]).DoneAsync();
        await begun.CheckpointAsync().DoneAsync();
        await begun.DisposeAsync();

        await _bed.AddKeyAsync(2);
        store = await _bed.OpenAsync();
        Assert.Equal(content, await store.ReadAsync(old));
        ContentHash young = await store.PutAsync([9]);
        (_, StoredFile? before) = await store.OpenAsync(old);
        Assert.Equal(StoreStatus.Exists, (await store.RewrapAsync(store.NameOf(young))).Status);
        await store.RewrapAsync(store.NameOf(old)).DoneAsync();
        Assert.Equal(StoreStatus.Exists, (await store.RewrapAsync(store.NameOf(old))).Status);

        // Who had it open goes on with what it was.
        using var read = new MemoryStream();
        await before!.CopyToAsync(0, before.Length, read, default).DoneAsync();
        await before.DisposeAsync();
        Assert.Equal(content, read.ToArray());

        // An upload still needs the old key.
        Assert.Equal((1, 0), await store.RewrapAllAsync());
        string key = await File.ReadAllTextAsync(KeyPath);
        File.Delete(KeyPath);
        await Assert.ThrowsAsync<CryptographicException>(() => _bed.TryOpenAsync());
        await File.WriteAllTextAsync(KeyPath, key);
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        store = await _bed.OpenAsync();
        await using (FileUpload upload = await store.ResumeOneAsync(begun.Id))
        {
            await upload.PublishAsync(default).DoneAsync();
            Assert.Equal([1, 2], await store.ReadAsync(upload.Hash!.Value));
        }

        Assert.Equal((0, 0), await store.RewrapAllAsync());
        File.Delete(KeyPath);
        store = await _bed.OpenAsync();
        Assert.Equal(content, await store.ReadAsync(old));
        Assert.Empty(await store.ReadAsync(empty));
        Assert.Equal([9], await store.ReadAsync(young));
        Assert.Equal([7], await store.ReadAsync(byToken, StoreBed.Token(1)));
        Assert.Equal(5, _bed.Objects.Length);
        Assert.Empty(_bed.Uploads);
    }

    [Fact]
    public async Task DamagedFile_isNotSealedAnew_andKeepsItsKey()
    {
        FileStore store = await _bed.OpenAsync();
        ContentHash hash = await store.PutAsync(StoreBed.Content(100_000));
        string path = Assert.Single(_bed.Objects);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        await _bed.AddKeyAsync(2);
        store = await _bed.OpenAsync();
        Assert.Equal((0, 1), await store.RewrapAllAsync());
        Assert.Equal(StoreStatus.Damaged, (await store.RewrapAsync(store.NameOf(hash))).Status);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));
        Assert.Empty(_bed.Uploads);
        File.Delete(KeyPath);
        await Assert.ThrowsAsync<CryptographicException>(() => _bed.TryOpenAsync());
    }

    [Fact]
    public async Task KeysInTheSettings_areUsed_theLastForNewFiles()
    {
        string first = StoreBed.NewKey(), second = StoreBed.NewKey();
        _bed.Options.Keys = [first];
        ContentHash hash = await (await _bed.OpenAsync()).PutAsync([1]);
        _bed.Options.Keys = [first, second];
        FileStore store = await _bed.OpenAsync();
        Assert.Equal([1], await store.ReadAsync(hash));
        Assert.Equal((1, 0), await store.RewrapAllAsync());
        _bed.Options.Keys = [second];
        Assert.Equal([1], await (await _bed.OpenAsync()).ReadAsync(hash));
        Assert.False(Directory.Exists(Path.GetDirectoryName(KeyPath)));

        _bed.Options.Keys = [first];
        CryptographicException e = await Assert.ThrowsAsync<CryptographicException>(() => _bed.TryOpenAsync());
        Assert.DoesNotContain(second, e.Message, StringComparison.Ordinal);
        _bed.Options.Keys = ["short"];
        _bed.Options.KeyDirectory = " ";
        Assert.Equal(3, _bed.Options.Validate().Count());
    }

    [Fact]
    public async Task DatabaseInMemory_keepsNeitherKeysNorFiles()
    {
        string[] Left() => Directory.GetDirectories(Path.GetTempPath(), "relay-files-*");
        string[] before = Left();
        (_, FileStore? opened) = await FileStore.OpenAsync(
            new FileStoreOptions(),
            new StorageOptions { ConnectionString = "Data Source=:memory:" },
            NullLogger<FileStore>.Instance,
            default);
        FileStore store = opened!;
        ContentHash hash = await store.PutAsync([1]);
        Assert.Equal([1], await store.ReadAsync(hash));

        // Other servers of this test run have such a directory too.
        string own = Assert.Single(Left().Except(before), place => Directory.GetFiles(place, hash.Hex, SearchOption.AllDirectories).Length > 0);
        store.Dispose();
        Assert.False(Directory.Exists(own));
    }

    public void Dispose() => _bed.Dispose();
}
