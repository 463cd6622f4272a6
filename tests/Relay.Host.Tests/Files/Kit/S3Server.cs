namespace Relay.Host.Tests.Files.Kit;

/// <summary>A real S3 server (tests/files), which can be stopped and started again with what it has.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    private const string Ready = "s3: ready endpoint=";

    private readonly string _directory = Directory.CreateTempSubdirectory("relay-s3-").FullName;
    private ChildProcess? _process;

    public string Endpoint { get; private set; } = "";

    /// <summary>What the server keeps for each object is a file with this ending.</summary>
    public string[] Objects => Directory.GetFiles(Path.Combine(_directory, "files"), "*._S3rver_object", SearchOption.AllDirectories);

    public static async Task<S3Server> StartNewAsync()
    {
        var server = new S3Server();
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it, at the address that it had.</summary>
    public async Task StartAsync()
    {
        string directory = Path.Combine(Layout.Root, "tests", "files");
        string[] port = Endpoint.Length == 0 ? [] : [Endpoint[(Endpoint.LastIndexOf(':') + 1)..]];
        _process = ChildProcess.Start("node", [Path.Combine(directory, "s3.mjs"), _directory, .. port], Ready, directory);
        Endpoint = (await _process.LineAsync())[Ready.Length..];
    }

    public async Task StopAsync() => await _process!.DisposeAsync();

    /// <summary>A store that keeps its files here.</summary>
    public StoreBed Bed(string? directory = null)
    {
        var bed = new StoreBed(directory);
        bed.Options.S3 = new()
        {
            Bucket = "files",
            Prefix = "some/where/",
            Endpoint = Endpoint,
            AccessKey = "S3RVER",
            SecretKey = "S3RVER",
            Timeout = TimeSpan.FromSeconds(5),
        };
        return bed;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
