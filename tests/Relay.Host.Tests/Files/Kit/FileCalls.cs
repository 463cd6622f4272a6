using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Files;
using Relay.Host.Files.Store;
using Relay.Host.Storage;
using Relay.Host.Tests.Api.Kit;

namespace Relay.Host.Tests.Files.Kit;

/// <summary>Calls about files, and looks behind the interface.</summary>
internal static class FileCalls
{
    /// <summary>Sends a file in one request.</summary>
    public static Task<Answer> Upload(this HttpClient client, byte[] content, string query = "", params (string Name, string Value)[] headers) =>
        client.Upload(new ByteArrayContent(content), query, headers);

    /// <summary>Sends what may be a file in one request.</summary>
    public static async Task<Answer> Upload(this HttpClient client, HttpContent content, string query = "", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, client.BaseAddress + "files" + query) { Content = content };
        content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return await client.SendAsync(request, headers);
    }

    /// <summary>Sends a request of the tus protocol.</summary>
    public static async Task<Answer> Tus(
        this HttpClient client, HttpMethod method, string path, byte[]? part = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(client.BaseAddress!, path));
        if (part is not null)
        {
            request.Content = new ByteArrayContent(part);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        }

        return await client.SendAsync(request, [("Tus-Resumable", "1.0.0"), .. headers]);
    }

    /// <summary>Begins an upload.</summary>
    /// <returns>Its address.</returns>
    public static async Task<string> BeginTus(this HttpClient client, long length, params (string Name, string Value)[] headers)
    {
        Answer begun = await client.Tus(HttpMethod.Post, "uploads", null, [("Upload-Length", length.ToString(CultureInfo.InvariantCulture)), .. headers])
            .Is(HttpStatusCode.Created);
        return begun.Message.Headers.Location!.ToString();
    }

    /// <summary>Sends a part of an upload.</summary>
    public static Task<Answer> AppendTus(this HttpClient client, string upload, long offset, byte[] part, params (string Name, string Value)[] headers) =>
        client.Tus(HttpMethod.Patch, upload, part, [("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture)), .. headers]);

    /// <summary>A header of an answer.</summary>
    public static string Header(this Answer answer, string name) =>
        answer.Message.Headers.TryGetValues(name, out IEnumerable<string>? values) || answer.Message.Content.Headers.TryGetValues(name, out values)
            ? Assert.Single(values)
            : "";

    /// <summary>The names of all contents in the store.</summary>
    public static async Task<HashSet<string>> StoredAsync(this ApiServer server)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await foreach (StoredEntry entry in server.Services.GetRequiredService<FileShelf>().Store!.ListAsync())
        {
            names.Add(entry.Name.Hex);
        }

        return names;
    }

    /// <summary>The content of a file under the master key.</summary>
    public static async Task<byte[]> ContentAsync(this ApiServer server, string hash)
    {
        Assert.True(ContentHash.TryParse(hash, out ContentHash known));
        (StoreOutcome outcome, StoredFile? file) = await server.Services.GetRequiredService<FileShelf>().Store!.OpenAsync(known);
        Assert.True(outcome.IsDone, outcome.ToString());
        await using StoredFile opened = file!;
        using var content = new MemoryStream();
        Assert.True((await opened.CopyToAsync(0, opened.Length, content, default)).IsDone);
        return content.ToArray();
    }

    /// <summary>The id of the key that a file is sealed with.</summary>
    public static async Task<string> SealedWithAsync(this ApiServer server, ContentHash hash)
    {
        (StoreOutcome outcome, StoredFile? file) = await server.Services.GetRequiredService<FileShelf>().Store!.OpenAsync(hash);
        Assert.True(outcome.IsDone, outcome.ToString());
        await using StoredFile opened = file!;
        return opened.SecretId;
    }

    /// <summary>Does something to the database.</summary>
    public static Task ExecuteAsync(this ApiServer server, string sql) => server.Services.GetRequiredService<Database>().WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(sql, transaction: transaction), default);

    /// <summary>Reads rows of two columns.</summary>
    public static Task<(string Name, long Value)[]> RowsAsync(this ApiServer server, string sql) =>
        server.Services.GetRequiredService<Database>().ReadAsync(
            async connection => (await connection.QueryAsync<(string, long)>(sql)).ToArray(), default);

    /// <summary>Makes sure that the space which is said to be used is what is there, and nothing is in the store that nobody knows of.</summary>
    public static async Task CheckBooksAsync(this ApiServer server)
    {
        (string Name, long Value)[] said = await server.RowsAsync("SELECT account, bytes FROM file_usage WHERE bytes <> 0 ORDER BY account");
        (string Name, long Value)[] own = await server.RowsAsync(
            "SELECT account, CAST(SUM(bytes) AS BIGINT) FROM (" +
            "SELECT h.account, f.length AS bytes FROM file_holdings h JOIN files f ON f.file = h.file UNION ALL " +
            "SELECT account, reserved FROM file_uploads UNION ALL SELECT '', length FROM files UNION ALL SELECT '', reserved FROM file_uploads) AS used " +
            "GROUP BY account HAVING SUM(bytes) <> 0 ORDER BY account");
        Assert.Equal(own.OrderBy(row => row.Name, StringComparer.Ordinal), said.OrderBy(row => row.Name, StringComparer.Ordinal));
        HashSet<string> known = [.. (await server.RowsAsync("SELECT file, length FROM files")).Select(row => row.Name)];
        Assert.Equal(known.Order(StringComparer.Ordinal), (await server.StoredAsync()).Order(StringComparer.Ordinal));
    }

    private static async Task<Answer> SendAsync(this HttpClient client, HttpRequestMessage request, (string Name, string Value)[] headers)
    {
        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        HttpResponseMessage answer = await client.SendAsync(request);
        return new Answer(answer.StatusCode, answer.Headers.ETag?.ToString(), await answer.Content.ReadAsStringAsync(), answer);
    }
}
