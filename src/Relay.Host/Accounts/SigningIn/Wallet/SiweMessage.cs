using System.Globalization;
using System.Text;

namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary>
/// What a wallet shows and signs to sign in: the message of EIP-4361. Reading is strict: every line stands where the standard's grammar has
/// it, there is one way to write each, and what is read writes itself again to the same characters.
/// </summary>
internal sealed record SiweMessage
{
    /// <summary>The most characters that are read.</summary>
    public const int MaxLength = 4_096;

    /// <summary>The most resources.</summary>
    public const int MaxResources = 16;

    private const int MinNonce = 8;
    private const int MaxNonce = 64;
    private const string Invitation = " wants you to sign in with your Ethereum account:";

    /// <summary>The scheme before the domain, or null.</summary>
    public string? Scheme { get; init; }

    /// <summary>The authority (host, perhaps with a port) that asks. A wallet compares it with the page that it is on.</summary>
    public required string Domain { get; init; }

    /// <summary>Who signs.</summary>
    public required EthereumAddress Address { get; init; }

    /// <summary>A sentence for the person, or null. One line of printable ASCII.</summary>
    public string? Statement { get; init; }

    /// <summary>What the sign-in is for: an absolute URI.</summary>
    public required string Uri { get; init; }

    /// <summary>The chain on which the address is (EIP-155).</summary>
    public required ulong ChainId { get; init; }

    /// <summary>The one-time challenge: 8 to 64 letters and digits.</summary>
    public required string Nonce { get; init; }

    /// <summary>When the message was made (RFC 3339), as it is written.</summary>
    public required string IssuedAt { get; init; }

    /// <summary>From when on it is worth nothing, or null.</summary>
    public string? ExpirationTime { get; init; }

    /// <summary>Before when it is worth nothing, or null.</summary>
    public string? NotBefore { get; init; }

    /// <summary>The asker's own mark, or null.</summary>
    public string? RequestId { get; init; }

    /// <summary>URIs that the person agrees to, or null when the message has no such list.</summary>
    public IReadOnlyList<string>? Resources { get; init; }

    /// <summary>Whether a moment is within the message's own times.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="skew">How far clocks may be apart.</param>
    public bool IsValidAt(DateTimeOffset now, TimeSpan skew) =>
        Time(IssuedAt) <= now + skew &&
        (NotBefore is null || Time(NotBefore) <= now + skew) &&
        (ExpirationTime is null || now - skew < Time(ExpirationTime));

    /// <summary>Writes a moment as the message has it.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a message.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryParse(string text, out SiweMessage message)
    {
        message = null!;
        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExceptInRange('\n', '~') || text.AsSpan().ContainsAnyInRange('\v', '\x1f'))
        {
            return false;
        }

        var lines = new SiweLines(text.Split('\n'));
        if (!lines.TryTakeEnding(Invitation, out string authority) || !lines.TryTake(out string address) || !lines.TryTake("") ||
            !EthereumAddress.TryParse(address, out EthereumAddress signer))
        {
            return false;
        }

        // An empty line here ends a message without a statement; with one it comes after it.
        string? statement = lines.TryTake("") ? null : lines.TryTake(out string said) && lines.TryTake("") ? said : "";
        int scheme = authority.IndexOf("://", StringComparison.Ordinal);
        if (statement == "" || !lines.TryTakeField("URI: ", out string? uri) || !lines.TryTake("Version: 1") ||
            !lines.TryTakeField("Chain ID: ", out string? chain) || !lines.TryTakeField("Nonce: ", out string? nonce) ||
            !lines.TryTakeField("Issued At: ", out string? issued) || !IsChain(chain!, out ulong chainId))
        {
            return false;
        }

        lines.TryTakeField("Expiration Time: ", out string? expires);
        lines.TryTakeField("Not Before: ", out string? notBefore);
        lines.TryTakeField("Request ID: ", out string? request);
        if (!lines.TryTakeList("Resources:", "- ", out List<string>? resources) || !lines.AreOver)
        {
            return false;
        }

        var read = new SiweMessage
        {
            Scheme = scheme < 0 ? null : authority[..scheme],
            Domain = scheme < 0 ? authority : authority[(scheme + 3)..],
            Address = signer,
            Statement = statement,
            Uri = uri!,
            ChainId = chainId,
            Nonce = nonce!,
            IssuedAt = issued!,
            ExpirationTime = expires,
            NotBefore = notBefore,
            RequestId = request,
            Resources = resources,
        };
        message = read;
        return read.IsSound() && (read.ToString() == text || read.ToString(address) == text);
    }

    /// <summary>The text that is signed, with the address in its EIP-55 form.</summary>
    public override string ToString() => ToString(Address.ToString());

    private string ToString(string address)
    {
        var text = new StringBuilder();
        text.Append(Scheme is null ? "" : Scheme + "://").Append(Domain).Append(Invitation).Append('\n').Append(address).Append("\n\n");
        text.Append(Statement is null ? "" : Statement + "\n").Append('\n');
        text.Append("URI: ").Append(Uri).Append("\nVersion: 1\nChain ID: ").Append(ChainId.ToString(CultureInfo.InvariantCulture));
        text.Append("\nNonce: ").Append(Nonce).Append("\nIssued At: ").Append(IssuedAt);
        text.Append(ExpirationTime is null ? "" : "\nExpiration Time: " + ExpirationTime);
        text.Append(NotBefore is null ? "" : "\nNot Before: " + NotBefore);
        text.Append(RequestId is null ? "" : "\nRequest ID: " + RequestId);
        text.Append(Resources is null ? "" : "\nResources:" + string.Concat(Resources.Select(resource => "\n- " + resource)));
        return text.ToString();
    }

    private bool IsSound() =>
        Domain.Length > 0 && !Domain.AsSpan().ContainsAny("/?#@ ") && (Scheme is null || System.Uri.CheckSchemeName(Scheme)) &&
        IsUri(Uri) && Nonce.Length is >= MinNonce and <= MaxNonce && Nonce.All(char.IsAsciiLetterOrDigit) &&
        new[] { IssuedAt, ExpirationTime, NotBefore }.All(time => time is null || Time(time) is not null) &&
        (Resources?.All(IsUri) ?? true);

    private static bool IsUri(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && !text.Contains(' ', StringComparison.Ordinal) &&
        System.Uri.TryCreate(text, UriKind.Absolute, out _);

    private static bool IsChain(string digits, out ulong chain) =>
        ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out chain) && (digits.Length == 1 || digits[0] != '0');

    private static DateTimeOffset? Time(string text)
    {
        ReadOnlySpan<string> forms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK"];
        bool hasZone = text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-');
        foreach (string form in hasZone ? forms : [])
        {
            if (DateTimeOffset.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time))
            {
                return time;
            }
        }

        return null;
    }
}
