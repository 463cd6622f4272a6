namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>Who somebody is at a provider.</summary>
internal static class OidcIdentity
{
    /// <summary>OpenID Connect Core §2 allows as many ASCII characters.</summary>
    private const int MaxSubject = 255;

    /// <summary>Makes an identity. The subject alone says who it is; names and mail addresses can change hands there.</summary>
    /// <returns>Null for a subject that is too long.</returns>
    public static ExternalIdentity? Of(OidcProvider provider, string subject, string? name) =>
        subject.Length is > 0 and <= MaxSubject ? new ExternalIdentity(provider.IdentityProvider, subject, name) : null;
}
