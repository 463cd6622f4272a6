using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Relay.Core.Hosting;
using Relay.Host.Accounts;
using Relay.Host.Api.Problems;
using Relay.Host.Http;
using Relay.Host.Storage;

namespace Relay.Host.Api;

/// <summary>
/// Does a request with an Idempotency-Key once, however often it is sent: the first answer is stored and given again. What a server did not
/// answer because it ended is done by the next attempt where that can be told from what is stored (a room: <see cref="SeedOf"/>); otherwise
/// the outcome is said not to be known, and nothing is done twice.
/// </summary>
internal sealed class Idempotency(RequestDelegate next, Database database, ApiOptions options, TimeProvider time)
{
    private const int MaxKey = 128;

    /// <summary>What is being worked on, by account and key.</summary>
    private readonly ConcurrentDictionary<(string Account, string Key), bool> _underWay = new();

    /// <summary>Names what a request makes, where it names nothing itself: the same each time that it is sent.</summary>
    public static string? SeedOf(HttpContext context) => context.Features.Get<Ticket>()?.Seed;

    /// <summary>Whether a request was sent before and may have been done.</summary>
    public static bool IsRepeated(HttpContext context) => context.Features.Get<Ticket>()?.IsRepeated ?? false;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers[Operation.IdempotencyKey] is not [{ } key] || context.User.AccountId() is not { } account ||
            context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is not { } operation ||
            !operation.Headers.Contains(Operation.IdempotencyKey, StringComparer.Ordinal))
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        if (key.Length is 0 or > MaxKey || key.Any(unit => unit is <= ' ' or > '~'))
        {
            throw ApiProblem.BadRequest($"{Operation.IdempotencyKey} takes 1 to {MaxKey} visible ASCII characters.");
        }

        if (!_underWay.TryAdd((account, key), true))
        {
            throw new ApiProblem(ProblemType.Busy, "The request with this Idempotency-Key is being worked on.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        try
        {
            await DoOnceAsync(context, account, key, operation).ConfigureAwait(false);
        }
        finally
        {
            _underWay.TryRemove((account, key), out _);
        }
    }

    private async Task DoOnceAsync(HttpContext context, string account, string key, Operation operation)
    {
        string request = await RequestOfAsync(context).ConfigureAwait(false);
        Entry? before = await BeginAsync(account, key, request, context.RequestAborted).ConfigureAwait(false);
        if (before is null)
        {
            await DoAsync(context, account, key, isRepeated: false).ConfigureAwait(false);
            return;
        }

        if (before.Request != request)
        {
            throw new ApiProblem(ProblemType.KeyReused, "Another request had this Idempotency-Key.");
        }

        if (before.Status is { } status)
        {
            await ReplayAsync(context, before, status).ConfigureAwait(false);
            return;
        }

        // Whoever worked on it failed or ended without an answer.
        if (!operation.IsRepeatable || !await TakeOverAsync(account, key, before.Worker, context.RequestAborted).ConfigureAwait(false))
        {
            throw new ApiProblem(ProblemType.OutcomeUnknown, "The server failed while it worked on the request with this Idempotency-Key.");
        }

        await DoAsync(context, account, key, isRepeated: true).ConfigureAwait(false);
    }

    private async Task<string> RequestOfAsync(HttpContext context)
    {
        context.Request.EnableBuffering(bufferThreshold: options.MaxBodyBytes, bufferLimit: options.MaxBodyBytes + 1L);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path.Value}\n"));
        byte[] chunk = new byte[16 * 1024];
        int read;
        long total = 0;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted).ConfigureAwait(false)) > 0)
        {
            total += read;
            if (total > options.MaxBodyBytes)
            {
                throw new ApiProblem(ProblemType.TooLarge, $"The body takes at most {options.MaxBodyBytes} bytes.");
            }

            hash.AppendData(chunk, 0, read);
        }

        context.Request.Body.Position = 0;
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>Notes that a request is worked on.</summary>
    /// <returns>What was noted of it before; null if nothing was.</returns>
    private Task<Entry?> BeginAsync(string account, string key, string request, CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        string attempt = Secrets.NewId();
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                await connection.ExecuteAsync(
                    "DELETE FROM idempotency WHERE created < @old",
                    new { old = now - (long)options.IdempotencyLifetime.TotalMilliseconds },
                    transaction).ConfigureAwait(false);
                int added = await connection.ExecuteAsync(
                    "INSERT INTO idempotency (account, key, request, worker, created) " +
                    "VALUES (@account, @key, @request, @worker, @now) " +
                    "ON CONFLICT (account, key) DO NOTHING",
                    new { account, key, request, worker = attempt, now },
                    transaction).ConfigureAwait(false);
                Entry there = await connection.QuerySingleAsync<Entry>(
                    "SELECT request AS Request, worker AS Worker, status AS Status, headers AS Headers, body AS Body " +
                    "FROM idempotency WHERE account = @account AND key = @key",
                    new { account, key },
                    transaction).ConfigureAwait(false);

                // A transaction that was tried again after its commit got lost finds its own note.
                return added == 1 || there.Worker == attempt ? null : there;
            },
            cancellationToken);
    }

    private Task<bool> TakeOverAsync(string account, string key, string worker, CancellationToken cancellationToken) => database.WriteAsync(
        async (connection, transaction) => await connection.ExecuteAsync(
            "UPDATE idempotency SET worker = @mine WHERE account = @account AND key = @key AND worker = @theirs AND status IS NULL",
            new { mine = Secrets.NewId(), account, key, theirs = worker },
            transaction).ConfigureAwait(false) == 1,
        cancellationToken);

    private async Task DoAsync(HttpContext context, string account, string key, bool isRepeated)
    {
        byte[] seed = SHA256.HashData(Encoding.UTF8.GetBytes($"{account}\n{key}"));
        context.Features.Set(new Ticket(System.Buffers.Text.Base64Url.EncodeToString(seed.AsSpan(0, 16)), isRepeated));
        Stream body = context.Response.Body;
        using var copy = new MemoryStream();
        context.Response.Body = copy;
        bool isDone = false;
        try
        {
            await next(context).ConfigureAwait(false);
            isDone = context.Response.StatusCode < 500;
        }
        catch (Exception e) when (e is ApiProblem { Body.Status: < 500 } or RoomRefusedException)
        {
            context.Response.Body = body;
            await ForgetAsync(account, key).ConfigureAwait(false);
            throw;
        }
        finally
        {
            context.Response.Body = body;
        }

        if (isDone)
        {
            await StoreAsync(context, account, key, copy).ConfigureAwait(false);
        }

        copy.Position = 0;
        await copy.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Nothing was done, so it may be sent again, also otherwise.</summary>
    private Task ForgetAsync(string account, string key) => database.WriteAsync(
        async (connection, transaction) =>
        {
            await connection.ExecuteAsync(
                "DELETE FROM idempotency WHERE account = @account AND key = @key", new { account, key }, transaction).ConfigureAwait(false);
        },
        CancellationToken.None);

    private Task StoreAsync(HttpContext context, string account, string key, MemoryStream body)
    {
        IHeaderDictionary headers = context.Response.Headers;
        var parameters = new
        {
            account,
            key,
            status = context.Response.StatusCode,
            headers = string.Join('\n', headers.ETag.ToString(), headers.Location.ToString(), context.Response.ContentType ?? ""),
            body = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length),
        };
        return database.WriteAsync(
            async (connection, transaction) =>
            {
                await connection.ExecuteAsync(
                    "UPDATE idempotency SET status = @status, headers = @headers, body = @body WHERE account = @account AND key = @key",
                    parameters,
                    transaction).ConfigureAwait(false);
            },
            CancellationToken.None);
    }

    private static Task ReplayAsync(HttpContext context, Entry entry, int status)
    {
        string[] headers = (entry.Headers ?? "\n\n").Split('\n');
        context.Response.StatusCode = status;
        context.Response.Headers.ETag = headers[0].Length > 0 ? headers[0] : default(Microsoft.Extensions.Primitives.StringValues);
        context.Response.Headers.Location = headers[1].Length > 0 ? headers[1] : default(Microsoft.Extensions.Primitives.StringValues);
        context.Response.ContentType = headers[2];
        context.Response.Headers["Idempotency-Replayed"] = "true";
        return context.Response.WriteAsync(entry.Body ?? "", context.RequestAborted);
    }

    private sealed record Ticket(string Seed, bool IsRepeated);

    private sealed record Entry
    {
        public string Request { get; init; } = "";

        public string Worker { get; init; } = "";

        public int? Status { get; init; }

        public string? Headers { get; init; }

        public string? Body { get; init; }
    }
}
