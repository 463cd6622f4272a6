using Relay.Load.Recordings;
using Relay.Load.Recordings.Print;
using Relay.Load.Recordings.Replay;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Relay.Protocol.Transforms;
using Record = Relay.Protocol.Recording.Record;

namespace Relay.Load.Tests.Recordings;

public sealed class RecordingFileTests
{
    private static readonly string Directory = Path.GetTempPath();

    [Fact]
    public void Cut_off_anywhere_it_is_read_as_far_as_it_goes()
    {
        byte[] whole = Small(out List<int> ends);
        for (int length = 0; length <= whole.Length; length++)
        {
            RecordingFile? file = RecordingFile.TryParse(whole[..length], out string problem);
            if (file is null)
            {
                Assert.True(length < ends[0]);
                Assert.Equal($"is cut off at byte {length}, inside its header: there is nothing to read", problem);
                continue;
            }

            Assert.Equal(ends.Contains(length) ? RecordingEnd.Whole : RecordingEnd.CutOff, file.End);
            Assert.Equal(ends.Last(end => end <= length), file.EndOffset);
            Assert.Equal(ends.Count(end => end <= length) - 1, file.Records);
            using var output = new StringWriter();
            Assert.True(new RecordingPrinter(file, output).Print(new PrintOptions(Verbose: true)));
            Assert.Equal(file.End == RecordingEnd.CutOff, output.ToString().Contains("cut off", StringComparison.Ordinal));
            if (file.Records > 0)
            {
                _ = new ReplayScript(file);
            }
        }
    }

    [Fact]
    public void Changed_anywhere_it_is_read_or_refused_and_never_throws()
    {
        byte[] whole = Small(out _);
        var random = new Random(3);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] changed = [.. whole];
            changed[at] ^= (byte)random.Next(1, 256);
            if (RecordingFile.TryParse(changed, out _) is { } file)
            {
                new RecordingPrinter(file, TextWriter.Null).Print(new PrintOptions(Verbose: true));
                if (new Names(file).Count > 0)
                {
                    _ = new ReplayScript(file);
                }
            }
        }
    }

    [Fact]
    public void Damage_is_told_with_its_place_and_what_comes_before_is_printed()
    {
        byte[] whole = Small(out List<int> ends);
        const int KindOffset = 8;
        whole[ends[2] + KindOffset] = 77;
        RecordingFile file = RecordingFile.TryParse(whole, out _)!;
        using var output = new StringWriter();
        Assert.False(new RecordingPrinter(file, output).Print(new PrintOptions()));
        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("\"Anna\\u001b\"", lines[2], StringComparison.Ordinal);
        Assert.Contains("SendEvent s1 kind 1024 to everyone: 5", lines[3], StringComparison.Ordinal);
        string end = $"; the file is damaged at byte {ends[2]}: what follows cannot be read";
        Assert.Equal("# 2 records, 1 members, 0.250 s, 0 gaps" + end, lines[^1]);
    }

    [Theory]
    [InlineData("is no recording: it does not begin like one", "PK\u0003\u0004 something else altogether")]
    [InlineData("is a recording of version 2; only version 1 can be read", "\u00F1RLOG\r\n\u0002 and more")]
    [InlineData("is cut off at byte 0, inside its header: there is nothing to read", "")]
    public async Task Other_files_are_refused_in_one_line(string expected, string contents)
    {
        string file = Path.Combine(Directory, $"relay-load-{Guid.NewGuid():N}.rlog");
        await File.WriteAllBytesAsync(file, System.Text.Encoding.Latin1.GetBytes(contents));
        try
        {
            using var errors = new StringWriter();
            Assert.Equal(2, await new RecordingApp(TextWriter.Null, errors).RunAsync(["replay", file, "--print"]));
            Assert.Equal($"relay replay: '{file}' {expected}", errors.ToString().TrimEnd());
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A recording of one record of each kind.</summary>
    /// <param name="ends">Where the header and each record end.</param>
    private static byte[] Small(out List<int> ends)
    {
        byte[] bytes = new byte[1024];
        var writer = new FrameWriter(bytes);
        new RecordingHeader { RoomUtf8 = "plaza"u8, Epoch = 9, Clock = 5_000_000, Space = RoomSpace.Default }.Write(ref writer);
        ends = [writer.Written];
        Add(ref writer, ends, 1_000_000, RecordKind.Out, 0, (ref FrameWriter frame) =>
        {
            Presence.BeginChange(ref frame, 1, 1);
            new PresenceEntry { Kind = PresenceKind.Present, Member = 1, Generation = 1, NameUtf8 = "Anna\u001b"u8 }.Write(ref frame);
            frame.EndFrame(FrameType.Presence);
        });
        Add(ref writer, ends, 1_250_000, RecordKind.In, 1, (ref FrameWriter frame) =>
            new SendEvent { Sequence = 1, Audience = EventAudience.Everyone, Kind = 1024, Payload = [5] }.Write(ref frame));
        Add(ref writer, ends, 1_300_000, RecordKind.Gap, 0, (ref FrameWriter _) => { });
        Add(ref writer, ends, 1_500_000, RecordKind.In, 1, (ref FrameWriter frame) =>
        {
            Span<byte> update = stackalloc byte[64];
            var entry = new TransformUpdateEntry(0, 1, RoomSpace.Default.Pack(1, 2, 3, 4), default);
            int length = TransformUpdate.WriteSingle(update, RoomSpace.Default, entry);
            frame.WriteRaw(update[..length]);
        });
        return bytes[..writer.Written];
    }

    private static void Add(ref FrameWriter writer, List<int> ends, ulong time, RecordKind kind, uint member, Write write)
    {
        byte[] bytes = new byte[256];
        var frame = new FrameWriter(bytes);
        write(ref frame);
        new Record { Time = time, Kind = kind, Member = member, Frames = frame.WrittenSpan }.Write(ref writer);
        ends.Add(writer.Written);
    }

    private delegate void Write(ref FrameWriter frame);
}
