using System.Net;
using System.Text.Json.Nodes;
using Relay.Host.Tests.Api.Kit;
using Relay.Protocol;

namespace Relay.Host.Tests.Admin;

/// <summary>The operators' commands, as processes of their own: on a running server, and on the database of one that does not run.</summary>
public sealed class AdminTests
{
    private const string AdminKey = "an-operators-key-of-some-length-0123456789";

    [Fact]
    public async Task Verbs_overRest_holdAtOnce_andARoomGoesThroughAFile()
    {
        ApiServer server = await ApiServer.StartAsync();
        string file = Path.Combine(Path.GetTempPath(), $"relay-room-{Environment.ProcessId}-{server.Http.Split(':')[1]}.json");
        try
        {
            using HttpClient admin = server.As("boss", admin: true);
            await DoneAsync(server, "room", "create", "hall", "--title", "The hall");
            await admin.Put("rooms/hall/attributes/sign", new { value = "welcome", terms = new { persistent = true } }).Is(HttpStatusCode.Created);
            uint chair = (await admin.Post("rooms/hall/objects", new { name = "chair", persistent = true, place = new { x = 1, y = 2, z = 3 } }).Is(HttpStatusCode.Created))
                .Json["id"]!.GetValue<uint>();
            await admin.Put($"rooms/hall/objects/{chair}/attributes/color", new { value = "red", terms = new { persistent = true } }).Is(HttpStatusCode.Created);

            await using Visitor ben = await server.JoinAsync("ben", "hall");
            await DoneAsync(server, "role", "grant", "hall", ApiServer.Id("ben"), "moderator");
            Assert.Equal("moderator", (await admin.Get("rooms/hall/members").Is(HttpStatusCode.OK)).Json["items"]![0]!["role"]!.GetValue<string>());
            await DoneAsync(server, "room", "export", "hall", file);
            await DoneAsync(server, "room", "import", file, "--as", "hall/copy");
            await using Visitor eve = await server.JoinAsync("eve", "hall/copy");
            JsonNode copy = (await admin.Get("rooms/hall%2Fcopy/objects").Is(HttpStatusCode.OK)).Json["items"]![0]!;
            Assert.Equal((chair, "chair", 2.0), (copy["id"]!.GetValue<uint>(), copy["name"]!.GetValue<string>(), Math.Round(copy["place"]!["y"]!.GetValue<double>(), 2)));
            Assert.Equal("red", (await admin.Get($"rooms/hall%2Fcopy/objects/{chair}/attributes/color").Is(HttpStatusCode.OK)).Json["value"]!.GetValue<string>());
            Assert.Equal("hall\tThe hall\nhall/copy\tThe hall", await DoneAsync(server, "room", "list"));

            await DoneAsync(server, "ban", "hall", "user:" + ApiServer.Id("ben"), "--reason", "noise");
            Assert.Equal("left 4434", await ben.UntilAsync("left"));
            await DoneAsync(server, "room", "delete", "hall/copy");
            Assert.Equal(CloseCode.None, await ben.TryJoinAsync("elsewhere"));
            Assert.StartsWith("rk_", await DoneAsync(server, "key", "create", "builder", "--scope", "rooms"), StringComparison.Ordinal);
            Assert.Contains("404", await FailedAsync(1, server, "room", "delete", "nowhere"), StringComparison.Ordinal);
            Assert.Contains("404", await FailedAsync(1, server, "account", "grant-admin", ApiServer.Id("ben")), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Verbs_onTheDatabase_needNoServer_andTheNextOneKnows()
    {
        string directory = Directory.CreateTempSubdirectory("relay-admin").FullName;
        string[] where = ["--set", $"Relay:Storage:ConnectionString=Data Source={directory}/relay.db", "--set", $"Relay:Storage:Directory={directory}"];
        try
        {
            await RunAsync(0, null, ["room", "create", "cellar", .. where]);
            Assert.Contains("already", await RunAsync(1, null, ["room", "create", "cellar", .. where]), StringComparison.Ordinal);
            await RunAsync(0, null, ["role", "grant", "cellar", ApiServer.Id("ben"), "moderator", .. where]);
            Assert.Contains("no role", await RunAsync(1, null, ["role", "grant", "cellar", ApiServer.Id("ben"), "king", .. where]), StringComparison.Ordinal);
            string key = await RunAsync(0, null, ["key", "create", "first", .. where]);
            await using RelayProgram program = await RelayProgram.StartAsync($"--Relay:Storage:ConnectionString=Data Source={directory}/relay.db", $"--Relay:Storage:Directory={directory}");
            using var client = new HttpClient { BaseAddress = new Uri($"http://{program.Http}/api/v1/") };
            client.DefaultRequestHeaders.Authorization = new("Bearer", key);
            Assert.Equal("moderator", (await client.Get("rooms/cellar/roles").Is(HttpStatusCode.OK)).Json["items"]![0]!["role"]!.GetValue<string>());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData(2, "room", "paint", "hall")]
    [InlineData(2, "room", "create")]
    [InlineData(1, "room", "list", "--url", "ftp://x")]
    [InlineData(1, "room", "list", "--url", "http://127.0.0.1:1")]
    [InlineData(1, "room", "import", "/nowhere.json")]
    [InlineData(1, "room", "list", "--set", "Relay:Storage:ConnectionString=nonsense")]
    public async Task Command_thatIsWrong_isOneLine(int code, params string[] arguments) => await RunAsync(code, "x", arguments);

    [Theory]
    [InlineData("{}", "format")]
    [InlineData("{\"format\":\"relay-room\",\"version\":2,\"name\":\"x\"}", "version")]
    [InlineData("{\"format\":\"relay-room\",\"version\":1,\"name\":\"x\",\"objects\":[{\"id\":0,\"flags\":1}]}", "objects.0.id")]
    [InlineData("{\"format\":\"relay-room\",\"version\":1,\"name\":\"x\",\"objects\":[{\"id\":1,\"flags\":1,\"parent\":2}]}", "objects.0.parent")]
    [InlineData("{\"format\":\"relay-room\",\"version\":1,\"name\":\"x\",\"attributes\":[{\"key\":\"a\",\"flags\":4,\"readers\":[0,0],\"writers\":[1,0],\"value\":\"wQ==\"}]}", "attributes.0.value")]
    public async Task File_thatIsWrong_isRefusedBeforeAnythingIsWritten(string content, string says)
    {
        string directory = Directory.CreateTempSubdirectory("relay-file").FullName;
        string[] where = ["--set", $"Relay:Storage:ConnectionString=Data Source={directory}/relay.db", "--set", $"Relay:Storage:Directory={directory}"];
        try
        {
            string file = Path.Combine(directory, "room.json");
            await File.WriteAllTextAsync(file, content);
            Assert.Contains(says, await RunAsync(1, null, ["room", "import", file, .. where]), StringComparison.Ordinal);
            Assert.Equal("", await RunAsync(0, null, ["room", "list", .. where]));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Task<string> DoneAsync(ApiServer server, params string[] arguments) => RunAsync(0, AdminKey, [.. arguments, "--url", "http://" + server.Http]);

    private static Task<string> FailedAsync(int code, ApiServer server, params string[] arguments) => RunAsync(code, AdminKey, [.. arguments, "--url", "http://" + server.Http]);

    /// <summary>Runs a command.</summary>
    /// <returns>What it printed; if it failed, its one line.</returns>
    private static async Task<string> RunAsync(int code, string? key, string[] arguments)
    {
        await using ChildProcess process = ChildProcess.Start(
            Layout.DotNet, [Layout.Program, "admin", .. arguments], environment: [("RELAY_ADMIN_KEY", key ?? "")]);
        int ended = await process.ExitAsync();
        Assert.True(ended == code, $"{ended}: {process}");
        if (code == 0)
        {
            Assert.Empty(process.Errors);
            return string.Join('\n', process.Output);
        }

        string line = Assert.Single(process.Errors);
        Assert.StartsWith("relay: ", line, StringComparison.Ordinal);
        Assert.Empty(process.Output);
        return line;
    }
}
