using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Relay.Host.Accounts.SigningIn.Oidc;

/// <summary>
/// Requests to a provider, bounded in time and size. Redirects are not followed: what a provider's documents name is where it is, and
/// nobody who can make it answer 302 sends a client secret elsewhere.
/// </summary>
internal sealed class ProviderHttp : IDisposable
{
    private const int MostAnswerBytes = 256 * 1024;
    private const int MostHeaderKilobytes = 16;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    private readonly HttpClient _http;
    private readonly AuthenticationHeaderValue? _client;
    private readonly OidcOptions _options;

    public ProviderHttp(OidcOptions options)
    {
        _options = options;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            MaxResponseHeadersLength = MostHeaderKilobytes,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = options.Timeout,
            MaxResponseContentBufferSize = MostAnswerBytes,
        };

        // RFC 6749 §2.3.1: both are encoded as in a form first.
        _client = options is { ClientId: { } id, ClientSecret: { } secret }
            ? new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(secret)}")))
            : null;
    }

    /// <summary>Fetches a JSON object.</summary>
    /// <exception cref="ProviderException">It does not answer, or not with that.</exception>
    public async Task<JsonElement> GetAsync(string address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Checked(address));
        (int status, JsonElement answer) = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return status == StatusCodes.Status200OK ? answer : throw new ProviderException($"{address} answers {status}");
    }

    /// <summary>Posts a form as the client that Relay is there.</summary>
    /// <returns>The status, and the JSON object; undefined unless the status is 2xx.</returns>
    /// <exception cref="ProviderException">It does not answer, or not with that.</exception>
    public async Task<(int Status, JsonElement Answer)> PostAsync(
        string address, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        if (_client is null && _options.ClientId is { } id)
        {
            form["client_id"] = id;
        }

        using var content = new FormUrlEncodedContent(form);
        using var request = new HttpRequestMessage(HttpMethod.Post, Checked(address)) { Content = content };
        request.Headers.Authorization = _client;
        return await SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private Uri Checked(string address) =>
        _options.MayUse(address) ? new Uri(address) : throw new ProviderException($"\"{address}\" is no address that may be used (https?)");

    private async Task<(int Status, JsonElement Answer)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return ((int)response.StatusCode, default);
            }

            byte[] bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            using var document = JsonDocument.Parse(bytes, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? ((int)response.StatusCode, document.RootElement.Clone())
                : throw new ProviderException($"{request.RequestUri} answers with JSON that is no object");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or IOException ||
            (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ProviderException($"{request.RequestUri} does not answer as it should: {e.Message}");
        }
    }
}

/// <summary>The provider cannot be asked, or what it says makes no sense. Says nothing of the token that it was about.</summary>
internal sealed class ProviderException(string message) : Exception(message);
