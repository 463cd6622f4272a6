using System.IO.Compression;
using System.Text;

namespace Relay.Host.Tests;

/// <summary>The real program with a few built pages, one for all tests that only look at them.</summary>
public sealed class BuiltPages : IAsyncLifetime
{
    public const string Script = "console.log('hello');";

    private readonly string _directory = Directory.CreateTempSubdirectory("relay-web-").FullName;
    private RelayProgram? _program;

    internal RelayProgram Program => _program!;

    public async Task InitializeAsync()
    {
        Write("web/index.html", "<title>playground</title>"u8.ToArray());
        Write("web/about/index.html", "<title>about</title>"u8.ToArray());
        Write("web/icon.svg", "<svg/>"u8.ToArray());
        Write("web/.built", []);
        Write("web/assets/app-1a2b3c.js", Encoding.UTF8.GetBytes(Script));
        Write("web/assets/app-1a2b3c.js.br", Packed(stream => new BrotliStream(stream, CompressionLevel.SmallestSize)));
        Write("web/assets/app-1a2b3c.js.gz", Packed(stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
        Write("secret.txt", "secret"u8.ToArray());
        _program = await RelayProgram.StartAsync("--Relay:Host:WebRoot=" + Path.Combine(_directory, "web"));
    }

    public async Task DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private void Write(string path, byte[] bytes)
    {
        string file = Path.Combine(_directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }

    private static byte[] Packed(Func<Stream, Stream> pack)
    {
        using var packed = new MemoryStream();
        using (Stream packer = pack(packed))
        {
            packer.Write(Encoding.UTF8.GetBytes(Script));
        }

        return packed.ToArray();
    }
}
