using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Relay.Host.Monitor;

/// <summary>The samples as server-sent events: one a second to each page that watches, up to so many pages.</summary>
internal sealed class SampleStream(Sampler sampler, int mostWatchers, CancellationToken end)
{
    private int _watchers;

    public async Task ServeAsync(HttpContext context)
    {
        int watchers = Interlocked.Increment(ref _watchers);
        try
        {
            if (watchers > mostWatchers)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                context.Response.ContentType = "text/plain; charset=utf-8";
                await context.Response.WriteAsync(
                    $"As many pages watch as may: {mostWatchers}.\n", context.RequestAborted).ConfigureAwait(false);
                return;
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, end);
            context.Response.ContentType = "text/event-stream";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await SendAsync(context.Response, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The page has gone, or the server goes.
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    private async Task SendAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        for (long number = 0; ;)
        {
            Sample sample = await sampler.AfterAsync(number, cancellationToken).ConfigureAwait(false);
            number = sample.Number;
            await response.Body.WriteAsync("data: "u8.ToArray(), cancellationToken).ConfigureAwait(false);
            await JsonSerializer.SerializeAsync(response.Body, sample, MonitorJson.Default.Sample, cancellationToken).ConfigureAwait(false);
            await response.Body.WriteAsync("\n\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
            await response.Body.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
