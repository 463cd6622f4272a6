namespace Relay.Host.Accounts.SigningIn;

/// <summary>Where people reach this server, for links, redirects and what wallets show.</summary>
internal sealed class PublicAddress(SignInOptions options, HostOptions host)
{
    private static readonly string[] ThisMachine = ["localhost", "127.0.0.1", "[::1]"];

    private readonly string? _set = options.PublicUrl?.TrimEnd('/');

    /// <summary>The beginning of all addresses of this server: scheme, host and port.</summary>
    /// <param name="request">Somebody's request.</param>
    /// <returns>Null when it is not known: <see cref="SignInOptions.PublicUrl"/> is not set, and this is not development on this
    /// machine.</returns>
    public string? Of(HttpRequest request) => _set ??
        (host.Development && ThisMachine.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase)
            ? $"{request.Scheme}://{request.Host.Value}"
            : null);
}
