using Relay.Host.Accounts.Http;
using Relay.Host.Http;

namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary><c>/api/v1/auth/mail</c>: ask for a mail, confirm its link, wait for that. And the page behind the link.</summary>
internal static class MailEndpoints
{
    /// <summary>Where the page is.</summary>
    public const string Page = "/signin/mail";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static void MapMail(this IEndpointRouteBuilder auth, IEndpointRouteBuilder root)
    {
        auth.MapPost("/mail/start", StartAsync)
            .Describe("startMail", AuthEndpoints.Tag, "Sends a link by mail, to sign in with or to add the address to the account.")
            .Reads<MailAsk>().Answers<MailStarted>(202).Problems(401);
        auth.MapPost("/mail/confirm", ConfirmAsync).AddEndpointFilter(SignInAnswers.CountAsync)
            .Describe("confirmMail", AuthEndpoints.Tag, "Confirms what stood in the link, wherever it was opened.")
            .Reads<MailToken>().Answers<SignInOutcome>(200).Problems(401, 410);
        auth.MapPost("/mail/wait", WaitAsync)
            .Describe("waitForMail", AuthEndpoints.Tag, "Waits, at most 20 s, until the link has been confirmed: 202 if it was not yet.")
            .Reads<MailHandle>().Answers<SessionTokens>(200).Answers<SignInOutcome>(202).Problems(401, 409);
        root.MapGet(Page, MailPage.Show);
    }

    private static async Task<IResult> StartAsync(
        HttpContext context, MailDesk desk, MailAskLimit limit, SignInOptions options, PublicAddress here)
    {
        MailAsk? ask = await SignInAnswers.ReadAsync(context, SignInJson.Default.MailAsk).ConfigureAwait(false);
        if (MailAddresses.Normalise(ask?.Address) is not { } address)
        {
            return Problem.Of(
                StatusCodes.Status400BadRequest, "Wanted: {\"address\": name@host in ASCII, at most 254 characters, \"link\": bool}.");
        }

        string? account = context.User.AccountId();
        if (ask!.Link && account is null)
        {
            return SignInAnswers.NotSignedIn;
        }

        TimeSpan wait = limit.Asks.Take(context.Connection.RemoteIpAddress);
        if (wait > TimeSpan.Zero)
        {
            return SignInAnswers.TooMany(context, wait);
        }

        string? linkBase = options.Mail.LinkBase ?? (here.Of(context.Request) is { } own ? own + Page : null);
        if (linkBase is null)
        {
            return SignInAnswers.NoAddress;
        }

        (string Handle, string Mark)? started = await desk.StartAsync(address, linkBase, ask.Link ? account : null, context.RequestAborted)
            .ConfigureAwait(false);
        return started is { } tab
            ? Results.Json(
                new MailStarted(tab.Handle, tab.Mark, (long)options.Mail.LinkLifetime.TotalSeconds),
                SignInJson.Default.MailStarted,
                statusCode: StatusCodes.Status202Accepted)
            : SignInAnswers.Busy;
    }

    private static async Task<IResult> ConfirmAsync(HttpContext context, MailDesk desk)
    {
        MailToken? ask = await SignInAnswers.ReadAsync(context, SignInJson.Default.MailToken).ConfigureAwait(false);
        if (ask?.Token is { } token && await desk.ConfirmAsync(token, context.RequestAborted).ConfigureAwait(false))
        {
            return Results.Json(new SignInOutcome("confirmed"), SignInJson.Default.SignInOutcome);
        }

        SignInAnswers.CountFailure(context);
        return Problem.Of(StatusCodes.Status410Gone, "The link was used already or is too old. Ask for another.");
    }

    private static async Task<IResult> WaitAsync(HttpContext context, MailDesk desk, SignInDesk accounts)
    {
        MailHandle? ask = await SignInAnswers.ReadAsync(context, SignInJson.Default.MailHandle).ConfigureAwait(false);
        MailLink? link = ask?.Handle is { } handle
            ? await desk.WaitAsync(handle, Patience, context.RequestAborted).ConfigureAwait(false)
            : null;
        if (link is null)
        {
            return Results.Json(new SignInOutcome("pending"), SignInJson.Default.SignInOutcome, statusCode: StatusCodes.Status202Accepted);
        }

        var identity = new ExternalIdentity(MailDesk.Provider, link.Subject, null);
        return link.LinkTo is { } account
            ? await accounts.LinkAsync(context, account, identity).ConfigureAwait(false)
            : await accounts.SignInAsync(context, identity).ConfigureAwait(false);
    }
}

/// <summary>How often a network address may ask for mails.</summary>
internal sealed class MailAskLimit(SignInOptions options, TimeProvider time)
{
    /// <summary>Take one for each.</summary>
    public AddressLimit Asks { get; } = new(options.Mail.AsksPerMinute, time);
}
