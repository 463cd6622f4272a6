using Relay.Protocol.Tests;

namespace Relay.Fuzz;

/// <summary>Runs targets over the checked-in corpus and over mutations of it, and shows a failing input so that it can be added
/// there.</summary>
internal static class FuzzRun
{
    public static IReadOnlyList<IFuzzTarget> Targets { get; } =
        [new FrameStreamTarget(), new MessagePackTarget(), new MessageTarget(), new TransformTarget(), new WebSocketHeaderTarget()];

    public static string CorpusDirectory => Path.Combine(SpecDocument.RepositoryRoot, "tests", "Relay.Fuzz", "corpus");

    public static IFuzzTarget Target(string name) => Targets.Single(target => target.Name == name);

    public static IEnumerable<string> CorpusFiles(string target) =>
        Directory.EnumerateFiles(Path.Combine(CorpusDirectory, target), "*.hex").Order(StringComparer.Ordinal);

    public static IReadOnlyList<byte[]> Corpus(string target) =>
        CorpusFiles(target).Select(file => SpecDocument.ParseHex(File.ReadAllText(file))).ToArray();

    /// <summary>Runs one input.</summary>
    public static void Run(IFuzzTarget target, byte[] input)
    {
        if (Failure(target, input) is { } failure)
        {
            byte[] small = Shrink(target, input);
            Assert.Fail($"{target.Name}: {failure.Message}\n{failure}\n" +
                $"Add this as corpus/{target.Name}/<what-it-is>.hex:\n{Hex(small)}\nBefore shrinking:\n{Hex(input)}");
        }
    }

    private static Exception? Failure(IFuzzTarget target, byte[] input)
    {
        try
        {
            target.Run(input);
            return null;
        }
#pragma warning disable CA1031 // Whatever comes out of a target is a finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    /// <summary>Leaves bytes out, one by one and in runs, as long as the input still fails.</summary>
    private static byte[] Shrink(IFuzzTarget target, byte[] input)
    {
        for (int run = Math.Max(1, input.Length / 2); run > 0; run /= 2)
        {
            for (int at = 0; at + run <= input.Length;)
            {
                byte[] shorter = [.. input[..at], .. input[(at + run)..]];
                if (Failure(target, shorter) is not null)
                {
                    input = shorter;
                }
                else
                {
                    at++;
                }
            }
        }

        return input;
    }

    private static string Hex(byte[] input) => string.Join('\n', input.Chunk(16).Select(line => string.Join(' ', line.Select(b => b.ToString("X2", null)))));
}
