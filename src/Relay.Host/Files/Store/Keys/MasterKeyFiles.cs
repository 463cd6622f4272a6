using System.Security.Cryptography;
using Relay.Host.Storage;

namespace Relay.Host.Files.Store.Keys;

/// <summary>
/// Finds the master keys: in the settings, or as <c>files-*.key</c> in the directory <c>keys</c> beside the database, beside the keys of
/// the accounts. The last by name is the active one, so a key is rotated by putting <c>files-0002.key</c> there. Where there is none one is
/// made, readable for this user alone. Where the database is in memory, so is the key.
/// </summary>
internal static class MasterKeyFiles
{
    private const string Pattern = "files-*.key";
    private const string FirstName = "files-0001.key";

    /// <summary>Reads the keys.</summary>
    /// <param name="options">Keys that were given.</param>
    /// <param name="storage">Where the database is.</param>
    /// <param name="mayMake">Whether a key may be made if there is none: not where files are sealed with one already.</param>
    /// <returns>Null if there is none and none may be made.</returns>
    /// <exception cref="CryptographicException">What should be a key is none, or others may read it.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static MasterKeys? Load(FileStoreOptions options, StorageOptions storage, bool mayMake)
    {
        if (options.Keys.Count > 0)
        {
            return new MasterKeys([.. options.Keys.Select((text, i) => Parse(text, $"Relay:Files:Store:Keys:{i}"))]);
        }

        if (DirectoryOf(options, storage) is not { } directory)
        {
            return mayMake ? new MasterKeys([Parse(NewKey(), "memory")]) : null;
        }

        string[] files = FilesIn(directory);
        if (files.Length == 0 && mayMake)
        {
            DiskNames.Make(directory);
            OwnFile.WriteNew(Path.Combine(directory, FirstName), NewKey() + "\n");
            files = FilesIn(directory);
        }

        return files.Length == 0 ? null : new MasterKeys([.. files.Select(file => Parse(OwnFile.Read(file), file))]);
    }

    /// <summary>The directory of the key files.</summary>
    /// <param name="options">The directory that was given.</param>
    /// <param name="storage">Where the database is.</param>
    /// <returns>Null if keys are kept in memory.</returns>
    public static string? DirectoryOf(FileStoreOptions options, StorageOptions storage) =>
        options.KeyDirectory is { } given ? Path.GetFullPath(given)
        : OwnDirectory.BesideDatabase(storage) is { } place ? Path.Combine(place, "keys") : null;

    private static string[] FilesIn(string directory) =>
        Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory, Pattern).Order(StringComparer.Ordinal)] : [];

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static MasterKey Parse(string text, string origin) =>
        MasterKey.Parse(text, origin) ??
        throw new CryptographicException($"{origin} must hold 32 bytes in base64 (44 characters), as from: openssl rand -base64 32");
}
