using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Relay.Host.Storage;

namespace Relay.Host.Webhooks;

/// <summary>Delivers what waits. Each receiver gets its deliveries one after the other, so a slow one holds up only itself.</summary>
internal sealed class WebhookSender : BackgroundService
{
    private const int MostAtOnce = 16, MaxAnswer = 16 * 1024;

    /// <summary>
    /// Between two looks, if nothing says that there is something: another process of the same database may have queued it.
    /// </summary>
    private static readonly TimeSpan IdlePause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);

    private readonly WebhookTable _table;
    private readonly WebhookQueue _queue;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookSender> _log;
    private readonly HttpClient _client;
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    public WebhookSender(WebhookTable table, WebhookQueue queue, WebhookOptions options, TimeProvider time, ILogger<WebhookSender> log)
    {
        (_table, _queue, _options, _time, _log) = (table, queue, options, time, log);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            MaxResponseDrainSize = MaxAnswer,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = (context, token) => WebhookAddress.ConnectAsync(context.DnsEndPoint, options, token),
        })
        { Timeout = options.Timeout, MaxResponseContentBufferSize = MaxAnswer };
    }

    /// <summary>What a receiver checks: <c>t=UNIX SECONDS,v1=HEX</c>, HMAC-SHA256 of the time, a dot and the body.</summary>
    public static string Sign(string secret, long seconds, string body)
    {
        string t = seconds.ToString(CultureInfo.InvariantCulture);
        byte[] mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{t}.{body}"));
        return $"t={t},v1={Convert.ToHexStringLower(mac)}";
    }

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long tidied = _time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
                if (await RoundAsync(now, stoppingToken).ConfigureAwait(false) == 0)
                {
                    await _queue.WaitAsync(
                        await UntilDueAsync(now, stoppingToken).ConfigureAwait(false), stoppingToken).ConfigureAwait(false);
                }

                if (_time.GetElapsedTime(tidied) > TimeSpan.FromMinutes(10))
                {
                    tidied = _time.GetTimestamp();
                    await _table.TidyAsync(stoppingToken).ConfigureAwait(false);
                }
            }
            catch (StoreUnavailableException e)
            {
                _log.CannotDeliver(e.Message);
                await Task.Delay(TimeSpan.FromSeconds(2), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>
    /// How long nothing more is due. What was due at the time waits for a delivery that is under way, whose end wakes this up.
    /// </summary>
    private async Task<TimeSpan> UntilDueAsync(long now, CancellationToken stopping)
    {
        long? next = await _table.NextDueAsync(now, stopping).ConfigureAwait(false);
        TimeSpan wait = next is { } due ? DateTimeOffset.FromUnixTimeMilliseconds(due) - _time.GetUtcNow() : IdlePause;
        return TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, IdlePause.TotalMilliseconds));
    }

    private async Task<int> RoundAsync(long now, CancellationToken stopping)
    {
        // Who is busy is asked before what is due: what is read while a delivery ends may still say that it is due.
        HashSet<string> busy;
        lock (_busy)
        {
            busy = new(_busy, StringComparer.Ordinal);
        }

        int begun = 0;
        foreach (Due due in await _table.DueAsync(now, MostAtOnce * 2, stopping).ConfigureAwait(false))
        {
            if (busy.Count + begun >= MostAtOnce || busy.Contains(due.Webhook))
            {
                continue;
            }

            lock (_busy)
            {
                _busy.Add(due.Webhook);
            }

            begun++;
            _ = DeliverAsync(due, stopping);
        }

        return begun;
    }

    private async Task DeliverAsync(Due due, CancellationToken stopping)
    {
        try
        {
            (bool isDone, string outcome) = await TryAsync(due, stopping).ConfigureAwait(false);
            int attempts = due.Attempts + 1;
            bool isParked = !isDone && attempts >= _options.MaxAttempts;
            long? next = isDone || isParked ? null : _time.GetUtcNow().Add(Pause(attempts)).ToUnixTimeMilliseconds();
            await _table.NoteAsync(
                due.Id, attempts, isDone ? "delivered" : isParked ? "parked" : "waiting", next, outcome, stopping).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            // It is still due, and is delivered again: the receiver knows it by its id. Not at once: it may be only the note that fails.
            await Task.Delay(TimeSpan.FromSeconds(2), _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            lock (_busy)
            {
                _busy.Remove(due.Webhook);
            }

            _queue.Wake();
        }
    }

    private async Task<(bool IsDone, string Outcome)> TryAsync(Due due, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, due.Url)
        {
            Content = new StringContent(due.Body, Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Relay-Delivery", due.Id);
        request.Headers.TryAddWithoutValidation("Relay-Event", due.Event);
        request.Headers.TryAddWithoutValidation("Relay-Signature", Sign(due.Secret, _time.GetUtcNow().ToUnixTimeSeconds(), due.Body));
        try
        {
            using HttpResponseMessage answer = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, stopping).ConfigureAwait(false);
            return ((int)answer.StatusCode is >= 200 and < 300, ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is HttpRequestException or IOException ||
            (e is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            string problem = e.Message.Length > 200 ? e.Message[..200] : e.Message;
            return (false, e is OperationCanceledException ? "It did not answer in time." : problem);
        }
    }

    private TimeSpan Pause(int attempts)
    {
        double full = Math.Min(LongestPause.TotalMilliseconds, _options.FirstPause.TotalMilliseconds * Math.Pow(4, attempts - 1));
#pragma warning disable CA5394 // No secret depends on it.
        return TimeSpan.FromMilliseconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }
}
