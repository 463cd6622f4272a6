using System.Globalization;
using System.Net;

namespace Relay.Load.Recordings.Download;

/// <summary>Fetches a room's recording from a server in development mode.</summary>
internal sealed class RecordingDownload(RecordOptions options) : IDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Uri _base = new(options.Url.AbsoluteUri.TrimEnd('/') + "/");

    /// <summary>Whether the server ended it before it was whole.</summary>
    public bool WasBroken { get; private set; }

    /// <summary>Asks for it.</summary>
    /// <returns>What the server sends, as it comes.</returns>
    /// <exception cref="LoadException">There is no server, no such room, or not in development mode.</exception>
    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        string query = string.Create(
            CultureInfo.InvariantCulture, $"diagnostics/recording?room={Uri.EscapeDataString(options.Room)}&seconds={options.Seconds}");
        HttpResponseMessage answer = await AskAsync(query, cancellationToken).ConfigureAwait(false);
        if (answer.IsSuccessStatusCode)
        {
            return await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        }

        if (answer.StatusCode != HttpStatusCode.NotFound)
        {
            throw new LoadException($"{_base} answers {(int)answer.StatusCode} {answer.ReasonPhrase}");
        }

        using HttpResponseMessage probe = await AskAsync("diagnostics", cancellationToken).ConfigureAwait(false);
        throw new LoadException(probe.IsSuccessStatusCode
            ? $"there is no room '{options.Room}' at {_base}, or it does not record (Relay:Room:RecorderBytes)"
            : $"the server at {_base} is not in development mode (Relay:Host:Development)");
    }

    /// <summary>Copies what comes until it ends or somebody has enough.</summary>
    /// <returns>Whether it was left before its end.</returns>
    public async Task<bool> CopyAsync(Stream source, Stream destination, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            int count;
            try
            {
                count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return true;
            }
            catch (IOException)
            {
                WasBroken = true;
                return false;
            }

            if (count == 0)
            {
                return false;
            }

            // What has come is kept, whatever is pressed meanwhile.
            await destination.WriteAsync(buffer.AsMemory(0, count), CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.GetAsync(new Uri(_base, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .WaitAsync(AnswerTime, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new LoadException($"no server at {_base}: {e.Message}");
        }
        catch (TimeoutException)
        {
            throw new LoadException(string.Create(
                CultureInfo.InvariantCulture, $"{_base} does not answer within {AnswerTime.TotalSeconds} s"));
        }
    }
}
