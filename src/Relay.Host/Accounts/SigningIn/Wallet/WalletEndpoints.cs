using Relay.Host.Accounts.Http;
using Relay.Host.Http;

namespace Relay.Host.Accounts.SigningIn.Wallet;

/// <summary><c>/api/v1/auth/wallet</c>: a challenge, and what the wallet made of it.</summary>
internal static class WalletEndpoints
{
    public static void MapWallet(this IEndpointRouteBuilder auth, SignInOptions options)
    {
        if (!options.Wallet.Enabled)
        {
            return;
        }

        auth.MapPost("/wallet/challenge", ChallengeAsync)
            .Describe("challengeWallet", AuthEndpoints.Tag, "Makes the message (ERC-4361) for a wallet to sign.")
            .Reads<WalletAsk>().Answers<WalletChallenge>(200).Problems(401);
        auth.MapPost("/wallet/verify", VerifyAsync).AddEndpointFilter(SignInAnswers.CountAsync)
            .Describe("verifyWallet", AuthEndpoints.Tag, "Checks the signature: signs in, or adds the wallet to the account.")
            .Reads<WalletProof>().Answers<SessionTokens>(200).Problems(401, 409);
    }

    private static async Task<IResult> ChallengeAsync(HttpContext context, WalletDesk desk, SignInOptions options, PublicAddress here)
    {
        WalletAsk? ask = await SignInAnswers.ReadAsync(context, SignInJson.Default.WalletAsk).ConfigureAwait(false);
        if (!EthereumAddress.TryParse(ask?.Address, out EthereumAddress address))
        {
            return Problem.Of(
                StatusCodes.Status400BadRequest, "Wanted: {\"address\": 0x and 40 hex digits with a right checksum, \"chainId\": number}.");
        }

        List<string> domains = DomainsOf(context, options, here);
        string? domain = ask!.Domain ?? (domains.Count > 0 ? domains[0] : null);
        if (domain is null)
        {
            return SignInAnswers.NoAddress;
        }

        if (!domains.Contains(domain, StringComparer.OrdinalIgnoreCase))
        {
            return Problem.Of(
                StatusCodes.Status400BadRequest, "The domain is not one of Relay:Accounts:Wallet:Domains, nor this server's.");
        }

        string own = here.Of(context.Request) ?? "";
        string origin = own.EndsWith("//" + domain, StringComparison.OrdinalIgnoreCase) ? own : "https://" + domain;
        SiweMessage? message = await desk.ChallengeAsync(address, domain, origin, ask.ChainId ?? 1, context.RequestAborted)
            .ConfigureAwait(false);
        return message is null
            ? SignInAnswers.Busy
            : Results.Json(
                new WalletChallenge(message.ToString(), message.Nonce, (long)options.Wallet.ChallengeLifetime.TotalSeconds),
                SignInJson.Default.WalletChallenge);
    }

    private static async Task<IResult> VerifyAsync(
        HttpContext context, WalletDesk desk, SignInDesk accounts, SignInOptions options, PublicAddress here)
    {
        WalletProof? proof = await SignInAnswers.ReadAsync(context, SignInJson.Default.WalletProof).ConfigureAwait(false);
        if (proof is not { Message: { } message, Signature: { } signature })
        {
            return Problem.Of(
                StatusCodes.Status400BadRequest, "Wanted: {\"message\": text, \"signature\": 0x and 130 hex digits, \"link\": bool}.");
        }

        string? account = context.User.AccountId();
        if (proof.Link && account is null)
        {
            return SignInAnswers.NotSignedIn;
        }

        if (await desk.VerifyAsync(message, signature, DomainsOf(context, options, here), context.RequestAborted)
            .ConfigureAwait(false) is not { } identity)
        {
            return SignInAnswers.Fail(context);
        }

        return proof.Link
            ? await accounts.LinkAsync(context, account!, identity).ConfigureAwait(false)
            : await accounts.SignInAsync(context, identity).ConfigureAwait(false);
    }

    private static List<string> DomainsOf(HttpContext context, SignInOptions options, PublicAddress here) =>
        here.Of(context.Request) is { } own ? [new Uri(own).Authority, .. options.Wallet.Domains] : options.Wallet.Domains;
}
