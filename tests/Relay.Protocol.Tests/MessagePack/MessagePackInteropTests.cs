using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>What two libraries of another language write is read, and they read what is written here: tests/interop/msgpack.mjs.</summary>
public class MessagePackInteropTests
{
    /// <summary>Far above what it takes, so that only a mistake gets there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_the_libraries_write_is_valid_and_reads_as_they_meant_it()
    {
        (int code, string output) = await Node("encode", "");
        Assert.True(code == 0, output);
        var libraries = new HashSet<string>(StringComparer.Ordinal);
        int cases = 0;
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 1_000 });
            string name = document.RootElement.GetProperty("name").GetString()!;
            byte[] encoded = Convert.FromHexString(document.RootElement.GetProperty("hex").GetString()!);
            libraries.Add(document.RootElement.GetProperty("library").GetString()!);
            var reader = new MessagePackReader(encoded);
            string read = MessagePackTree.Read(ref reader)?.Json ?? "nothing";
            string meant = document.RootElement.GetProperty("value").GetRawText();
            Assert.True(read == meant && reader.Remaining == 0, $"{name}: {read[..Math.Min(read.Length, 200)]}, not {meant[..Math.Min(meant.Length, 200)]}");
            Assert.Equal((name, MessagePackStatus.Ok), (name, MessagePackValidator.Check(encoded, MessagePackValues.Wide).Status));
            cases++;
        }

        Assert.Equal(["@msgpack/msgpack", "msgpackr"], libraries.Order(StringComparer.Ordinal));
        Assert.InRange(cases, 150, 1_000);
    }

    [Fact]
    public async Task What_is_written_here_the_libraries_read_as_it_was_meant()
    {
        var lines = new StringBuilder();
        int cases = 0;
        foreach ((string name, MessagePackTree value) in Cases())
        {
            string hex = MessagePackTree.Hex(value.Encode());
            lines.Append($$"""{"name":"{{name}}","hex":"{{hex}}","value":{{value.Json}}}""").Append('\n');
            cases++;
        }

        (int code, string output) = await Node("decode", lines.ToString());
        Assert.True(code == 0, output);

        // Each case by one library once and by the other twice, with whole times the second.
        Assert.Equal($"{3 * cases} checks, 0 differences", output.Trim());
    }

    private static IEnumerable<(string Name, MessagePackTree Value)> Cases()
    {
        foreach ((string prefix, int size, MessagePackTree value) in MessagePackValues.Edges)
        {
            bool usable = value switch
            {
                // A Date of JavaScript ends after 8.64e12 seconds, and its library after 2^53.
                MessagePackTree.Time time => time.Value.Seconds is >= -8_640_000_000_000 and <= 8_640_000_000_000,

                // Both libraries were told about 5 and 100 only, and make a map of a map's equal keys.
                MessagePackTree.Ext => false,
                MessagePackTree.Map map => map.Entries.Length == 0,
                _ => true,
            };
            if (usable)
            {
                yield return ($"{prefix} of {size}", value);
            }
        }

        foreach (int length in new[] { 1, 2, 3, 4, 8, 16, 17, 255, 256, 65_536 })
        {
            yield return ($"ext of {length}", new MessagePackTree.Ext(5, MessagePackValues.Data(length)));
            yield return ($"ext 100 of {length}", new MessagePackTree.Ext(100, MessagePackValues.Data(length)));
        }

        foreach (int count in new[] { 1, 15, 16, 65_535, 65_536 })
        {
            MessagePackTree[] entries =
            [
                .. Enumerable.Range(0, count).SelectMany(i => new MessagePackTree[] { new MessagePackTree.Str("k" + i), new MessagePackTree.Int(i % 100) }),
            ];
            yield return ($"map of {count}", new MessagePackTree.Map(entries));
        }

        MessagePackTree[] integers = [new MessagePackTree.Int(3), new MessagePackTree.Nil(), new MessagePackTree.Int(-7), Emoji(1)];
        yield return ("keys that are integers", new MessagePackTree.Map(integers));
        yield return ("emoji", Emoji(20_000));
        MessagePackTree nested = new MessagePackTree.Time(new MessagePackTimestamp(1_700_000_000, 123_000_000));
        for (int i = 0; i < 60; i++)
        {
            nested = i % 2 == 0
                ? new MessagePackTree.Arr([nested, new MessagePackTree.Bin([1, 2])])
                : new MessagePackTree.Map([Emoji(i), nested, new MessagePackTree.Str(""), new MessagePackTree.Float64(i + 0.5)]);
        }

        yield return ("nested", nested);

        static MessagePackTree Emoji(int count) => new MessagePackTree.Str(string.Concat(Enumerable.Repeat("😀é字", count)));
    }

    private static async Task<(int Code, string Output)> Node(string command, string input)
    {
        string script = Path.Combine(SpecDocument.RepositoryRoot, "tests", "interop", "msgpack.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, command])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            Task<string> output = node.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> errors = node.StandardError.ReadToEndAsync(patience.Token);
            await WriteAsync(node, input, patience.Token);
            await node.WaitForExitAsync(patience.Token);
            return (node.ExitCode, await output + await errors);
        }
        finally
        {
            if (!node.HasExited)
            {
                node.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task WriteAsync(Process node, string input, CancellationToken cancellation)
    {
        try
        {
            await node.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            node.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended without reading; its errors say why.
        }
    }
}
