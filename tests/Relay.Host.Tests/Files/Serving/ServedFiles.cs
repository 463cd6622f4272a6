using System.Net;
using System.Net.Http.Headers;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Relay.Host.Files;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Files.Store.Uploads;
using Relay.Host.Storage;
using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>Files as they are there after an upload: in the store of a server, and in its database.</summary>
internal static class ServedFiles
{
    /// <summary>The store of a server.</summary>
    public static FileStore Store(this ApiServer server) => server.Services.GetRequiredService<FileShelf>().Store!;

    /// <summary>Puts a file in, or another holding of it.</summary>
    /// <returns>Its hash.</returns>
    public static async Task<string> PutAsync(
        this ApiServer server, byte[] content, string owner, string visibility = "public", string name = "cat.png", string type = "image/png",
        string? room = null, FileSecret? token = null, DateTimeOffset? expires = null)
    {
        FileStore store = server.Store();
        ContentHash hash;
        await using (FileUpload upload = store.BeginOne(token))
        {
            await upload.AppendAsync(content).DoneAsync();
            StoreOutcome published = await upload.PublishAsync(default);
            Assert.True(published.Status is StoreStatus.Done or StoreStatus.Exists, published.Reason);
            hash = upload.Hash!.Value;
        }

        string file = store.NameOf(hash, token).Hex;
        await server.Services.GetRequiredService<Database>().WriteAsync(
            async (connection, transaction) =>
            {
                await connection.ExecuteAsync(
                    "INSERT INTO files (file, hash, length, type, created) VALUES (@file, @hash, @length, @type, 0) ON CONFLICT (file) DO NOTHING",
                    new { file, hash = hash.Hex, length = content.LongLength, type }, transaction);
                await connection.ExecuteAsync(
                    "INSERT INTO file_holdings (file, account, name, visibility, room, created, expires) " +
                    "VALUES (@file, @account, @name, @visibility, @room, 0, @expires)",
                    new { file, account = ApiServer.Id(owner), name, visibility, room, expires = expires?.ToUnixTimeMilliseconds() }, transaction);
            },
            default);
        return hash.Hex;
    }

    /// <summary>Somebody who asks for files, by whole paths; null for nobody.</summary>
    public static HttpClient Asker(this ApiServer server, string? name, bool admin = false)
    {
        HttpClient client = server.As(name, admin);
        client.BaseAddress = new Uri($"http://{server.Http}/");
        return client;
    }

    public static Task<Answer> Get(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.Call(HttpMethod.Get, path, null, headers);

    public static Task<Answer> Head(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.Call(HttpMethod.Head, path, null, headers);

    /// <summary>The bytes of an answer.</summary>
    public static Task<byte[]> BytesAsync(this Answer answer) => answer.Message.Content.ReadAsByteArrayAsync();

    /// <summary>A header of an answer as it came, wherever .NET puts it; null if it is not there.</summary>
    public static string? Header(this Answer answer, string name) =>
        answer.Message.Headers.NonValidated.TryGetValues(name, out HeaderStringValues values)
            || answer.Message.Content.Headers.NonValidated.TryGetValues(name, out values)
            ? values.ToString()
            : null;

    /// <summary>All headers of an answer but the time.</summary>
    public static string[] Headers(this Answer answer) => [.. answer.Message.Headers.Concat(answer.Message.Content.Headers)
        .Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal)];

    /// <summary>Makes sure that an answer is the one that says of no file whether it is there.</summary>
    public static async Task IsMissing(this Task<Answer> calling)
    {
        Answer answer = await calling.Is(HttpStatusCode.NotFound);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Null(answer.Header("ETag"));
    }
}
