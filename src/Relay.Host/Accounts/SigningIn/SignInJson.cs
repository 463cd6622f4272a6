using System.Text.Json.Serialization;
using Relay.Host.Accounts.SigningIn.Mail;
using Relay.Host.Accounts.SigningIn.Oidc;

namespace Relay.Host.Accounts.SigningIn;

/// <summary>What goes over the wire and into the store of one-time secrets.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionTokens))]
[JsonSerializable(typeof(SignInWays))]
[JsonSerializable(typeof(SignInOutcome))]
[JsonSerializable(typeof(IdentityList))]
[JsonSerializable(typeof(WalletAsk))]
[JsonSerializable(typeof(WalletChallenge))]
[JsonSerializable(typeof(WalletProof))]
[JsonSerializable(typeof(OidcAttempt))]
[JsonSerializable(typeof(OidcLinkAsk))]
[JsonSerializable(typeof(OidcLinkAnswer))]
[JsonSerializable(typeof(OidcExchange))]
[JsonSerializable(typeof(OidcDone))]
[JsonSerializable(typeof(MailLink))]
[JsonSerializable(typeof(MailAsk))]
[JsonSerializable(typeof(MailStarted))]
[JsonSerializable(typeof(MailToken))]
[JsonSerializable(typeof(MailHandle))]
internal sealed partial class SignInJson : JsonSerializerContext;

/// <summary>What came of it, where that is not a pair of tokens.</summary>
/// <param name="Status"><c>linked</c>, <c>confirmed</c> or <c>pending</c>.</param>
internal sealed record SignInOutcome(string Status);

/// <summary>The identities of an account.</summary>
/// <param name="Identities">The oldest first.</param>
internal sealed record IdentityList(IReadOnlyList<IdentityView> Identities);

/// <summary>An identity of an account.</summary>
/// <param name="Provider">The way to sign in.</param>
/// <param name="Subject">Who, there; of a mail address the keyed hash.</param>
/// <param name="Since">Since when (RFC 3339).</param>
internal sealed record IdentityView(string Provider, string Subject, DateTimeOffset Since);

/// <summary>Asks for a challenge.</summary>
/// <param name="Address">The wallet's address.</param>
/// <param name="ChainId">The chain; 1 if it is left out.</param>
/// <param name="Domain">The page's host, if it is not this server's.</param>
internal sealed record WalletAsk(string? Address, ulong? ChainId, string? Domain);

/// <summary>A challenge.</summary>
/// <param name="Message">What the wallet is to sign, with <c>personal_sign</c>.</param>
/// <param name="Nonce">The challenge in it, for a page that writes its own message.</param>
/// <param name="ExpiresIn">How long it is good for, in seconds.</param>
internal sealed record WalletChallenge(string Message, string Nonce, long ExpiresIn);

/// <summary>What a wallet has signed.</summary>
/// <param name="Message">The message.</param>
/// <param name="Signature">The signature: 65 bytes in hex, with 0x.</param>
/// <param name="Link">Whether to add the wallet to the account that is signed in.</param>
internal sealed record WalletProof(string? Message, string? Signature, bool Link);

/// <summary>Asks to add an identity to the account that is signed in.</summary>
/// <param name="ReturnTo">The page to go to in the end: a path on this server.</param>
internal sealed record OidcLinkAsk(string? ReturnTo);

/// <summary>Where the browser is to go.</summary>
/// <param name="Location">The provider's page.</param>
internal sealed record OidcLinkAnswer(string Location);

/// <summary>Exchanges what stood behind the # of the page's address.</summary>
/// <param name="Code">The code.</param>
internal sealed record OidcExchange(string? Code);

/// <summary>A sign-in that waits for its page to fetch the tokens.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Provider">Where.</param>
/// <param name="Browser">The hash of the secret in the browser's cookie.</param>
internal sealed record OidcDone(string Account, string Provider, string Browser);

/// <summary>Asks for a mail.</summary>
/// <param name="Address">Where to.</param>
/// <param name="Link">Whether to add the address to the account that is signed in.</param>
internal sealed record MailAsk(string? Address, bool Link);

/// <summary>A mail is under way, perhaps.</summary>
/// <param name="Handle">The tab's secret, to wait with.</param>
/// <param name="Mark">Digits to show: the mail has the same.</param>
/// <param name="ExpiresIn">How long the link is good for, in seconds.</param>
internal sealed record MailStarted(string Handle, string Mark, long ExpiresIn);

/// <summary>Confirms a link.</summary>
/// <param name="Token">What stood behind the #.</param>
internal sealed record MailToken(string? Token);

/// <summary>Waits for a link to be confirmed.</summary>
/// <param name="Handle">The tab's secret.</param>
internal sealed record MailHandle(string? Handle);
