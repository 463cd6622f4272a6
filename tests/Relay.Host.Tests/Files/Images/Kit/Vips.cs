using System.Diagnostics;

namespace Relay.Host.Tests.Files.Images.Kit;

/// <summary>libvips' <c>vips</c>, to make pictures and to look at them.</summary>
internal static class Vips
{
    /// <summary>Runs it on files that are named <c>in</c> and <c>out</c> in the arguments.</summary>
    /// <param name="content">What <c>in</c> holds.</param>
    /// <param name="inEnding">As in <c>.png</c>: only for people, libvips goes by the content.</param>
    /// <param name="outEnding">As in <c>.png</c>: what is to be made.</param>
    /// <param name="arguments">As in <c>copy in out[Q=90]</c>.</param>
    /// <returns>What <c>out</c> holds.</returns>
    public static async Task<byte[]> RunAsync(byte[] content, string inEnding, string outEnding, params string[] arguments)
    {
        string directory = Directory.CreateTempSubdirectory("relay-vips-").FullName;
        try
        {
            string input = Path.Combine(directory, "in" + inEnding), output = Path.Combine(directory, "out" + outEnding);
            await File.WriteAllBytesAsync(input, content);
            var start = new ProcessStartInfo("vips") { RedirectStandardError = true, UseShellExecute = false };
            foreach (string argument in arguments)
            {
                start.ArgumentList.Add(Place("out", output, Place("in", input, argument)));
            }

            using Process process = Process.Start(start)!;
            string errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, errors);
            return await File.ReadAllBytesAsync(output);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        static string Place(string name, string path, string argument) =>
            argument == name || argument.StartsWith(name + "[", StringComparison.Ordinal) ? path + argument[name.Length..] : argument;
    }

    /// <summary>Writes a picture in another format.</summary>
    /// <param name="content">The picture.</param>
    /// <param name="ending">As in <c>.jpg</c>.</param>
    /// <param name="saving">As in <c>[Q=90]</c>.</param>
    public static Task<byte[]> ConvertAsync(byte[] content, string ending, string saving = "") =>
        RunAsync(content, ".in", ending, "copy", "in", "out" + saving);
}
