using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Relay.Host.Accounts.SigningIn.Mail;

/// <summary>
/// Signs people in by a link in a mail. The tab that asks gets a secret of its own; the mail has another. Confirming the mail's lets the
/// tab in, once: the mail alone lets nobody in elsewhere, and who asks for somebody else's address waits for that one to confirm digits
/// that only the asker's page shows.
/// </summary>
internal sealed class MailDesk(
    IOneTimeStore secrets, MailQueue queue, InstallationSecret installation, SignInOptions options, TimeProvider time)
{
    /// <summary>What identities are called.</summary>
    public const string Provider = "mail";

    private const string Purpose = "mail";
    private const string DonePurpose = "mail-done";
    private const int MostWaiting = 10_000;
    private const int Marks = 10_000;

    /// <summary>How long a confirmed sign-in waits for the tab.</summary>
    private static readonly TimeSpan DoneLifetime = TimeSpan.FromMinutes(5);

    private readonly MailLimit _limit = new(options.Mail.MailsPerHour, time);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>Takes an address and has a link sent there. Nobody looks here whether there is an account.</summary>
    /// <param name="address">The address, normalised.</param>
    /// <param name="linkBase">What the link begins with.</param>
    /// <param name="linkTo">The account to add the address to; null to sign in.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The tab's secret and the digits that it shows; null when as many links are open as may be.</returns>
    public async Task<(string Handle, string Mark)?> StartAsync(
        string address, string linkBase, string? linkTo, CancellationToken cancellationToken)
    {
        string token = Secrets.NewSecret(), handle = Secrets.NewSecret();
        string mark = RandomNumberGenerator.GetInt32(Marks).ToString("D4", CultureInfo.InvariantCulture);
        string subject = MailAddresses.SubjectOf(address, installation);
        var link = new MailLink(subject, KeyOf(handle), mark, linkTo);
        string payload = JsonSerializer.Serialize(link, SignInJson.Default.MailLink);
        if (!_limit.TryTake(subject))
        {
            // As if it were sent.
            return (handle, mark);
        }

        if (!await secrets.PutAsync(Purpose, token, payload, options.Mail.LinkLifetime, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        queue.Post(new SignInMail(address, $"{linkBase}#{token}", mark, options.Mail.LinkLifetime));
        return (handle, mark);
    }

    /// <summary>Confirms a link: uses it up.</summary>
    /// <param name="token">The mail's secret.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the link is not good, any more or ever.</returns>
    public async Task<bool> ConfirmAsync(string token, CancellationToken cancellationToken)
    {
        if (token.Length != Secrets.SecretLength ||
            await secrets.TakeAsync(Purpose, token, cancellationToken).ConfigureAwait(false) is not { } payload ||
            JsonSerializer.Deserialize(payload, SignInJson.Default.MailLink) is not { } link ||
            !await secrets.PutAsync(DonePurpose, link.Handle, payload, DoneLifetime, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        if (_waiting.TryRemove(link.Handle, out TaskCompletionSource? tab))
        {
            tab.TrySetResult();
        }

        return true;
    }

    /// <summary>Waits a while for the link to be confirmed.</summary>
    /// <param name="handle">The tab's secret.</param>
    /// <param name="patience">How long; what was confirmed at another instance is seen when one asks again.</param>
    /// <param name="cancellationToken">The tab has gone.</param>
    /// <returns>Who it is, once; null while that is open.</returns>
    public async Task<MailLink?> WaitAsync(string handle, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (handle.Length != Secrets.SecretLength)
        {
            return null;
        }

        string key = KeyOf(handle);

        // First be told, then look: what is confirmed in between is not missed.
        TaskCompletionSource tab = _waiting.Count < MostWaiting
            ? _waiting.GetOrAdd(key, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            : new TaskCompletionSource();
        try
        {
            if (await TakeAsync(key, cancellationToken).ConfigureAwait(false) is { } link)
            {
                return link;
            }

            await tab.Task.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
            return await TakeAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _waiting.TryRemove(new KeyValuePair<string, TaskCompletionSource>(key, tab));
        }
    }

    private async Task<MailLink?> TakeAsync(string key, CancellationToken cancellationToken) =>
        await secrets.TakeAsync(DonePurpose, key, cancellationToken).ConfigureAwait(false) is { } payload
            ? JsonSerializer.Deserialize(payload, SignInJson.Default.MailLink)
            : null;

    /// <summary>What stands for the tab's secret where the mail's secret is kept: its hash, so that neither leads to the other.</summary>
    private static string KeyOf(string handle) => Secrets.HashOf(handle);
}

/// <summary>A link, as it is kept under the hash of its token.</summary>
/// <param name="Subject">The keyed hash of the address.</param>
/// <param name="Handle">The hash of the tab's secret.</param>
/// <param name="Mark">The digits that the tab shows.</param>
/// <param name="LinkTo">The account to add the address to; null to sign in.</param>
internal sealed record MailLink(string Subject, string Handle, string Mark, string? LinkTo);
