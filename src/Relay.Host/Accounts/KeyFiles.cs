using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Relay.Host.Accounts.Jwt;
using Relay.Host.Storage;

namespace Relay.Host.Accounts;

/// <summary>
/// The directory <c>keys</c> beside the database: <c>signing-*.pem</c>, of which the last by name signs and all are believed, and
/// <c>installation.secret</c>. Made at the first start, readable for this user alone. Where the database is in memory, so are the keys.
/// </summary>
internal sealed class KeyFiles
{
    private const string SecretFile = "installation.secret";

    private readonly string? _directory;
    private readonly AccountsOptions _options;

    /// <summary>Finds the directory.</summary>
    /// <param name="storage">Where the database is.</param>
    /// <param name="options">Keys that were given.</param>
    public KeyFiles(StorageOptions storage, AccountsOptions options)
    {
        _options = options;
        _directory = OwnDirectory.BesideDatabase(storage) is { } place ? Path.Combine(place, "keys") : null;
    }

    /// <summary>Reads or makes the signing keys.</summary>
    /// <exception cref="OptionsValidationException">The key that was given is none.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="CryptographicException">A file holds no key, or others may read it.</exception>
    public SigningKeys SigningKeys()
    {
        if (_options.SigningKey is { } given)
        {
            return new SigningKeys([Given(given)]);
        }

        if (_directory is null)
        {
            return Accounts.SigningKeys.ForThisProcess();
        }

        OwnDirectory.Make(_directory);
        if (!Directory.EnumerateFiles(_directory, "signing-*.pem").Any())
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            OwnFile.WriteNew(Path.Combine(_directory, "signing-0001.pem"), key.ExportPkcs8PrivateKeyPem() + "\n");
        }

        return new SigningKeys([.. Directory.EnumerateFiles(_directory, "signing-*.pem")
            .Order(StringComparer.Ordinal)
            .Select(file => Parse(OwnFile.Read(file), file))]);
    }

    /// <summary>Reads or makes the secret for keyed hashes.</summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    /// <exception cref="CryptographicException">The file holds no secret, or others may read it.</exception>
    public InstallationSecret Secret()
    {
        if (_options.InstallationSecret is { } given)
        {
            return new InstallationSecret(SHA256.HashData(Encoding.UTF8.GetBytes(given)));
        }

        if (_directory is null)
        {
            return Accounts.InstallationSecret.ForThisProcess();
        }

        OwnDirectory.Make(_directory);
        string file = Path.Combine(_directory, SecretFile);
        if (!File.Exists(file))
        {
            OwnFile.WriteNew(file, Secrets.NewSecret() + "\n");
        }

        string text = OwnFile.Read(file).Trim();
        return text.Length >= Secrets.SecretLength
            ? new InstallationSecret(SHA256.HashData(Encoding.UTF8.GetBytes(text)))
            : throw new CryptographicException($"{file} must hold at least {Secrets.SecretLength} characters; it has {text.Length}.");
    }

    private static JwtKey Given(string given)
    {
        const string Setting = "Relay:Accounts:SigningKey";
        try
        {
            return given.Contains("-----BEGIN", StringComparison.Ordinal) ? Parse(given, Setting) : Parse(File.ReadAllText(given), given);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // Without what was given: it may be a key after all.
            throw new OptionsValidationException(
                nameof(AccountsOptions), typeof(AccountsOptions),
                [$"{Setting} must be a P-256 private key in PEM, or the path of a readable file with one."]);
        }
    }

    private static JwtKey Parse(string pem, string where)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            key.SignData([], HashAlgorithmName.SHA256);
            return JwtKey.Own(key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new CryptographicException($"{where} must hold a P-256 private key in PEM.", e);
        }
    }
}
