using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Host.Tests.Api.Kit;

/// <summary>An answer.</summary>
internal sealed record Answer(HttpStatusCode Status, string? Tag, string Text, HttpResponseMessage Message)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>The kind of problem.</summary>
    public string Problem => Json["type"]!.GetValue<string>()["/problems/".Length..];
}

/// <summary>Short words for calls.</summary>
internal static class HttpCalls
{
    public static Task<Answer> Get(this HttpClient client, string path) => client.Call(HttpMethod.Get, path);

    public static Task<Answer> Post(this HttpClient client, string path, object? body = null, params (string Name, string Value)[] headers) =>
        client.Call(HttpMethod.Post, path, body ?? new { }, headers);

    public static Task<Answer> Put(this HttpClient client, string path, object? body, params (string Name, string Value)[] headers) =>
        client.Call(HttpMethod.Put, path, body, headers);

    public static Task<Answer> Patch(this HttpClient client, string path, object? body, params (string Name, string Value)[] headers) =>
        client.Call(HttpMethod.Patch, path, body, headers);

    public static Task<Answer> Delete(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.Call(HttpMethod.Delete, path, null, headers);

    /// <summary>Calls; a body that is text goes as it is.</summary>
    public static async Task<Answer> Call(this HttpClient client, HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, client.BaseAddress + path);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        HttpResponseMessage answer = await client.SendAsync(request);
        return new Answer(answer.StatusCode, answer.Headers.ETag?.ToString(), await answer.Content.ReadAsStringAsync(), answer);
    }

    /// <summary>Makes sure of a status.</summary>
    public static async Task<Answer> Is(this Task<Answer> calling, HttpStatusCode status)
    {
        Answer answer = await calling;
        Assert.True(answer.Status == status, $"{(int)answer.Status}: {answer.Text}");
        return answer;
    }
}
