using System.Globalization;

namespace Relay.Load.Recordings.Download;

/// <summary>Records a room into a file: under another name until it is finished, so that nobody takes a part for the whole.</summary>
internal sealed class RecordRun(RecordOptions options, TextWriter output, TextWriter errors)
{
    /// <summary>Records.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="LoadException">Nothing could be recorded, or not written.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var download = new RecordingDownload(options);
        using Stream source = await download.OpenAsync(cancellationToken).ConfigureAwait(false);
        bool isPiped = options.File == RecordOptions.StandardOutput;
        (RecordingFile recording, long bytes, string place, bool wasLeft) = isPiped
            ? await ToStandardOutputAsync(download, source, cancellationToken).ConfigureAwait(false)
            : await ToFileAsync(download, source, options.File ?? DefaultName(), cancellationToken).ConfigureAwait(false);

        // Between the bytes of a recording a line would do harm.
        await (isPiped ? errors : output).WriteLineAsync(Summary(recording, bytes, place)).ConfigureAwait(false);
        if (download.WasBroken)
        {
            throw new LoadException("the server ended the recording before it was whole; what had come is kept");
        }

        return wasLeft ? ExitCodes.Interrupted : ExitCodes.Well;
    }

    private static string Summary(RecordingFile recording, long bytes, string place)
    {
        string cut = recording.End == RecordingEnd.CutOff ? ", cut off" : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"recorded {bytes:N0} bytes, {recording.Records:N0} records, {new Names(recording).Count:N0} members, " +
            $"{recording.DurationMicros / 1e6:0.000} s, {recording.Gaps} gaps{cut} → {place}");
    }

    /// <summary>The room and the time, without what a file's name must not have.</summary>
    private string DefaultName()
    {
        string room = string.Concat(options.Room.Select(letter =>
            char.IsLetterOrDigit(letter) || "-_.~@+".Contains(letter, StringComparison.Ordinal) ? letter : '_'));
        return string.Create(CultureInfo.InvariantCulture, $"{room}-{TimeProvider.System.GetLocalNow():yyyyMMdd-HHmmss}.rlog");
    }

    private static async Task<Recorded> ToStandardOutputAsync(
        RecordingDownload download, Stream source, CancellationToken cancellationToken)
    {
        using var copy = new MemoryStream();
        bool wasLeft = await download.CopyAsync(source, copy, cancellationToken).ConfigureAwait(false);
        byte[] bytes = copy.ToArray();
        RecordingFile recording = RecordingFile.TryParse(bytes, out string problem) ?? throw NoRecording(problem);
        using Stream standard = Console.OpenStandardOutput();
        await standard.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        return new Recorded(recording, bytes.Length, "standard output", wasLeft);
    }

    private static async Task<Recorded> ToFileAsync(
        RecordingDownload download, Stream source, string path, CancellationToken cancellationToken)
    {
        string part = path + ".part";
        try
        {
            bool wasLeft;
            using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                wasLeft = await download.CopyAsync(source, file, cancellationToken).ConfigureAwait(false);
            }

            byte[] bytes = await File.ReadAllBytesAsync(part, CancellationToken.None).ConfigureAwait(false);
            RecordingFile recording = RecordingFile.TryParse(bytes, out string problem) ?? throw NoRecording(problem);
            File.Move(part, path, overwrite: true);
            return new Recorded(recording, bytes.Length, path, wasLeft);
        }
        catch (LoadException)
        {
            File.Delete(part);
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"cannot write '{path}': {e.Message}");
        }
    }

    private static LoadException NoRecording(string problem) => new("what came from the server " + problem);

    private readonly record struct Recorded(RecordingFile Recording, long Bytes, string Place, bool WasLeft);
}
