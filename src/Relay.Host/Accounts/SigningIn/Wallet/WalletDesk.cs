using System.Security.Cryptography;
using System.Text;

namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary>Signs people in by what their wallets sign: a message of EIP-4361 with a challenge that is good once.</summary>
internal sealed class WalletDesk(IOneTimeStore secrets, CryptoGate gate, SignInOptions options, TimeProvider time)
{
    /// <summary>What identities are called.</summary>
    public const string Provider = "wallet";

    private const string Purpose = "wallet";
    private const string Statement = "Sign in to Relay. This costs nothing and moves nothing.";
    private const int NonceBytes = 16;

    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);

    /// <summary>Makes a challenge for an address.</summary>
    /// <param name="address">Who wants to sign in.</param>
    /// <param name="domain">The host of the page.</param>
    /// <param name="origin">The page's origin: scheme and host.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the wallet is to sign; null when as many challenges are open as may be.</returns>
    public async Task<SiweMessage?> ChallengeAsync(
        EthereumAddress address, string domain, string origin, ulong chain, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        var message = new SiweMessage
        {
            Domain = domain,
            Address = address,
            Statement = Statement,
            Uri = origin,
            ChainId = chain,
            Nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes)),
            IssuedAt = SiweMessage.Format(now),
            ExpirationTime = SiweMessage.Format(now + options.Wallet.ChallengeLifetime),
        };
        return await secrets.PutAsync(
            Purpose, message.Nonce, Bound(address, domain), options.Wallet.ChallengeLifetime, cancellationToken).ConfigureAwait(false)
            ? message
            : null;
    }

    /// <summary>Checks what a wallet has signed. The challenge is used up by it, whatever comes of it.</summary>
    /// <param name="text">The message.</param>
    /// <param name="signature">r, s and v in hex, with 0x.</param>
    /// <param name="domains">The hosts whose pages may sign people in here.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Who signed; null when that is not proven.</returns>
    public async Task<ExternalIdentity?> VerifyAsync(
        string text, string signature, IReadOnlyList<string> domains, CancellationToken cancellationToken)
    {
        if (!SiweMessage.TryParse(text, out SiweMessage message) || !TryReadHex(signature, out byte[] bytes) ||
            !domains.Contains(message.Domain, StringComparer.OrdinalIgnoreCase) || !message.IsValidAt(time.GetUtcNow(), Skew) ||
            await secrets.TakeAsync(Purpose, message.Nonce, cancellationToken).ConfigureAwait(false) is not { } bound ||
            bound != Bound(message.Address, message.Domain))
        {
            return null;
        }

        using CryptoGate.Place? place = await gate.EnterAsync(cancellationToken).ConfigureAwait(false);

        // Some milliseconds of arithmetic: not on the thread that reads sockets.
        bool isSigned = place is not null && await Task.Run(
            () => EthereumAddress.TryRecover(text, bytes, out EthereumAddress signer) && signer == message.Address,
            cancellationToken).ConfigureAwait(false);
        return isSigned ? new ExternalIdentity(Provider, message.Address.ToCanonical(), null) : null;
    }

    private static string Bound(EthereumAddress address, string domain) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{address.ToCanonical()} {domain.ToLowerInvariant()}")));

    private static bool TryReadHex(string signature, out byte[] bytes)
    {
        bytes = new byte[EthereumAddress.SignatureSize];
        return signature.Length == 2 + (2 * EthereumAddress.SignatureSize) && signature.StartsWith("0x", StringComparison.Ordinal) &&
            Convert.FromHexString(signature.AsSpan(2), bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
