using System.Globalization;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Uploads;

namespace Relay.Host.Tests.Files.Kit;

/// <summary>
/// What a killed process was doing: this assembly, started as a program, with a directory and a number. It uploads one content after the
/// other,
/// each from a number, and writes a line once something is acknowledged: <c>kept ID NUMBER LENGTH</c>, <c>done NUMBER HASH</c>.
/// </summary>
internal static class WriterProgram
{
    private const int MostBytes = 3_000_000;

    public static async Task<int> Main(string[] args)
    {
        if (args is not [string directory, string first])
        {
            return 2;
        }

        using var bed = new StoreBed(directory);
        FileStore store = await bed.OpenAsync();
        await Console.Out.WriteLineAsync("writer: ready");
        for (int number = int.Parse(first, CultureInfo.InvariantCulture); ; number++)
        {
            await UploadAsync(store, number);
        }
    }

    /// <summary>What is uploaded for a number.</summary>
    public static byte[] Content(int number) => StoreBed.Content(new Random(number).Next(MostBytes), number);

    private static async Task UploadAsync(FileStore store, int number)
    {
        byte[] content = Content(number);
        FileUpload upload = store.BeginOne();
        int offset = 0;
        while (offset < content.Length)
        {
            int count = Math.Min(400_000, content.Length - offset);
            await upload.AppendAsync(content[offset..(offset + count)]).DoneAsync();
            offset += count;
            if (number % 2 == 0)
            {
                await upload.CheckpointAsync().DoneAsync();
                await Console.Out.WriteLineAsync(FormattableString.Invariant($"kept {upload.Id} {number} {offset}"));
                await upload.DisposeAsync();
                upload = await store.ResumeOneAsync(upload.Id);
            }
        }

        await upload.PublishAsync(default).DoneAsync();
        await upload.DisposeAsync();
        await Console.Out.WriteLineAsync(FormattableString.Invariant($"done {number} {upload.Hash}"));
    }
}
