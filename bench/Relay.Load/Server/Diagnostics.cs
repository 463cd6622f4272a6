using System.Net.Http.Json;
using System.Text.Json.Serialization;

namespace Relay.Load.Server;

/// <summary>What a server in development mode says of its own memory.</summary>
internal sealed record DiagnosticsReading
{
    [JsonPropertyName("allocatedBytes")]
    public long AllocatedBytes { get; init; }

    [JsonPropertyName("gen2")]
    public long Gen2 { get; init; }

    [JsonPropertyName("rssBytes")]
    public long RssBytes { get; init; }

    /// <summary>The managed heap; <c>null</c> from a server that does not tell it.</summary>
    [JsonPropertyName("heapBytes")]
    public long? HeapBytes { get; init; }

    /// <summary>What waits in user space for receivers that do not read; <c>null</c> from a server that does not tell it.</summary>
    [JsonPropertyName("heldBytes")]
    public long? HeldBytes { get; init; }

    [JsonPropertyName("connections")]
    public long Connections { get; init; }

    [JsonPropertyName("rooms")]
    public long Rooms { get; init; }
}

/// <summary>Asks the diagnostics endpoint; without one every reading is <c>null</c>.</summary>
internal sealed class Diagnostics(Uri? address) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>What went wrong with the last question, for a warning.</summary>
    public string? Problem { get; private set; }

    public Task<DiagnosticsReading?> ReadAsync(CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, "diagnostics", cancellationToken);

    /// <summary>A full, blocking, compacting collection first.</summary>
    public Task<DiagnosticsReading?> CollectAsync(CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, "diagnostics/collect", cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<DiagnosticsReading?> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        if (address is null)
        {
            return null;
        }

        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address, path));
            using HttpResponseMessage answer = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync<DiagnosticsReading>(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Problem = $"no diagnostics at {new Uri(address, path)}: {e.Message}";
            return null;
        }
    }
}
