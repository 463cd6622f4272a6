using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Host.Api.Json;
using Relay.Host.Api.Rooms;

namespace Relay.Host.Admin;

/// <summary>Does it over REST on a running server.</summary>
internal sealed class RemoteDesk : IOperatorDesk
{
    private readonly HttpClient _client;

    /// <summary>Makes a desk.</summary>
    /// <param name="server">The server's URL.</param>
    /// <param name="key">An operator's API key.</param>
    public RemoteDesk(Uri server, string key) => _client = new HttpClient
    {
        BaseAddress = new Uri(server, "/api/v1/"),
        Timeout = TimeSpan.FromSeconds(60),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };

    public Task CreateRoomAsync(string name, string? title, RoomFile? content, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["name"] = name };
        if (title is not null)
        {
            body["title"] = title;
        }

        if (content is not null)
        {
            body["template"] = new JsonObject { ["file"] = JsonSerializer.SerializeToNode(content, ApiJson.Default.RoomFile) };
        }

        return CallAsync(HttpMethod.Post, "rooms", body, cancellationToken);
    }

    public async IAsyncEnumerable<(string Name, string Title)> RoomsAsync(
        string search, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string cursor = "";
        do
        {
            JsonNode page = await CallAsync(
                HttpMethod.Get, $"rooms?limit=100&q={Uri.EscapeDataString(search)}{cursor}", null, cancellationToken).ConfigureAwait(false);
            foreach (JsonNode? room in page["items"]!.AsArray())
            {
                yield return (room!["name"]!.GetValue<string>(), room["title"]!.GetValue<string>());
            }

            cursor = page["nextCursor"] is { } next ? "&cursor=" + next.GetValue<string>() : "";
        }
        while (cursor.Length > 0);
    }

    public Task DeleteRoomAsync(string name, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Delete, Room(name), null, cancellationToken);

    public Task SetRoleAsync(string room, string account, string? role, CancellationToken cancellationToken) => CallAsync(
        role is null ? HttpMethod.Delete : HttpMethod.Put,
        $"{Room(room)}/roles/{Uri.EscapeDataString(account)}",
        role is null ? null : new JsonObject { ["role"] = role },
        cancellationToken);

    public Task BanAsync(string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Put,
            $"{Room(room)}/bans/{Uri.EscapeDataString(subject)}",
            until is { } end ? new JsonObject { ["until"] = end, ["reason"] = reason } : new JsonObject { ["reason"] = reason },
            cancellationToken);

    public Task RevokeAsync(string account, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Post, $"auth/accounts/{Uri.EscapeDataString(account)}/revoke", null, cancellationToken);

    public Task SetAdminAsync(string account, bool isAdmin, CancellationToken cancellationToken) =>
        CallAsync(
            isAdmin ? HttpMethod.Put : HttpMethod.Delete, $"auth/accounts/{Uri.EscapeDataString(account)}/admin", null, cancellationToken);

    public Task SetDisabledAsync(string account, bool isDisabled, CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Post,
            $"auth/accounts/{Uri.EscapeDataString(account)}/{(isDisabled ? "disable" : "enable")}",
            null,
            cancellationToken);

    public async Task<string> CreateKeyAsync(string name, string[] scopes, CancellationToken cancellationToken)
    {
        JsonNode answer = await CallAsync(
            HttpMethod.Post,
            "auth/api-keys",
            new JsonObject { ["name"] = name, ["scopes"] = new JsonArray([.. scopes.Select(scope => JsonValue.Create(scope))]) },
            cancellationToken).ConfigureAwait(false);
        return answer["apiKey"]!.GetValue<string>();
    }

    public async Task<RoomFile> ExportAsync(string name, CancellationToken cancellationToken) =>
        (await CallAsync(HttpMethod.Get, Room(name) + "/export", null, cancellationToken).ConfigureAwait(false))
            .Deserialize(ApiJson.Default.RoomFile)!;

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Room(string name) => "rooms/" + Uri.EscapeDataString(name);

    private async Task<JsonNode> CallAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("If-Match", method == HttpMethod.Delete ? "*" : null);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        try
        {
            using HttpResponseMessage answer = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            string text = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            JsonNode? json = text.Length > 0 ? JsonNode.Parse(text) : null;
            return answer.IsSuccessStatusCode
                ? json ?? new JsonObject()
                : throw new AdminException($"{(int)answer.StatusCode}: {json?["detail"]?.GetValue<string>() ?? answer.ReasonPhrase}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
        {
            throw new AdminException($"The server at {_client.BaseAddress!.Authority} does not answer as it should: {e.Message}");
        }
    }
}
