using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;

namespace Relay.Core.Hosting;

/// <summary>
/// Without an embedder's authorizer: users whom ASP.NET Core has authenticated come in under their name; others only if
/// <see cref="RelayOptions.AllowAnonymous"/>, under the name that they give as credentials, or as guests.
/// </summary>
/// <param name="options">Says whether anonymous connections come in.</param>
public sealed class DefaultAuthorizer(IOptions<RelayOptions> options) : IRelayAuthorizer
{
    private const int MaxName = 64;
    private int _guests;

    /// <inheritdoc/>
    public ValueTask<ConnectDecision> AuthorizeConnectionAsync(ConnectAttempt attempt, CancellationToken cancellationToken)
    {
        if (attempt.User?.Identity is { IsAuthenticated: true } identity)
        {
            return new(ConnectDecision.Allow(string.IsNullOrEmpty(identity.Name) ? "user" : identity.Name, attempt.User));
        }

        return new(options.Value.AllowAnonymous
            ? ConnectDecision.Allow(
                NameFrom(attempt.Credentials.Span) ??
                string.Create(CultureInfo.InvariantCulture, $"guest-{Interlocked.Increment(ref _guests)}"))
            : ConnectDecision.Refuse("This server lets in authenticated users only."));
    }

    private static string? NameFrom(ReadOnlySpan<byte> credentials)
    {
        if (credentials.IsEmpty || credentials.Length > MaxName || !System.Text.Unicode.Utf8.IsValid(credentials))
        {
            return null;
        }

        string name = Encoding.UTF8.GetString(credentials);
        bool isName = name.EnumerateRunes()
            .All(rune => Rune.IsLetterOrDigit(rune) || (rune.IsAscii && " -_.".Contains((char)rune.Value, StringComparison.Ordinal)));
        return isName ? name : null;
    }
}
