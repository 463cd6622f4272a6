namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>All providers that are set.</summary>
internal sealed class OidcProviders : IDisposable
{
    public OidcProviders(SignInOptions options, TimeProvider time, ILogger<OidcProvider> log) =>
        All = [.. options.Oidc.Select(one => new OidcProvider(one, time, log))];

    /// <summary>In the order in which they are set.</summary>
    public IReadOnlyList<OidcProvider> All { get; }

    /// <summary>Finds one that people can sign in with.</summary>
    public OidcProvider? ForPeople(string name) =>
        All.FirstOrDefault(provider => provider.Options.Name == name && provider.Options.ClientId is not null);

    public void Dispose()
    {
        foreach (OidcProvider provider in All)
        {
            provider.Dispose();
        }
    }
}
