using System.Globalization;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Print;

/// <summary>Which lines are printed, and how.</summary>
/// <param name="Member">Only those of this member.</param>
/// <param name="Type">Only those of this type.</param>
/// <param name="Verbose">Whether lists and values are shown whole.</param>
internal sealed record PrintOptions(uint? Member = null, FrameType? Type = null, bool Verbose = false);

/// <summary>Prints a recording: a line for each frame.</summary>
internal sealed class RecordingPrinter(RecordingFile file, TextWriter output)
{
    private readonly Names _names = new(file);

    /// <summary>Prints it.</summary>
    /// <returns>Whether all of it could be read; a file that is cut off could.</returns>
    public bool Print(PrintOptions options)
    {
        PrintHeader();
        var text = new FrameText(file.Space, options.Verbose);
        int malformed = 0;
        foreach (RecordedFrame frame in file.Frames)
        {
            if ((options.Member is { } member && member != frame.Member) || (options.Type is { } type && type != frame.Type))
            {
                continue;
            }

            string told = string.Empty;
            if (frame.Kind != RecordKind.Gap)
            {
                ReadStatus status = text.Describe(frame.Type, frame.Body.Span, out told);
                bool isGood = status == ReadStatus.Ok;
                malformed += isGood ? 0 : 1;
                told = isGood ? $"{frame.Type} {told}" : $"{frame.Type} at byte {frame.Offset} is malformed ({status})";
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{frame.Micros / 1e6,10:0.000}  {Kind(frame.Kind),-8}  {Who(frame.Member),-12}  {told}").TrimEnd());
        }

        return PrintEnd(malformed);
    }

    private static string Kind(RecordKind kind) => kind.ToString().ToLowerInvariant();

    private string Who(uint member)
    {
        string number = member == 0 ? "-" : member.ToString(CultureInfo.InvariantCulture);
        return _names.Of(member) is { } name ? $"{number} {Words.Quoted(name)[1..^1]}" : number;
    }

    private void PrintHeader()
    {
        RoomSpace space = file.Space;
        DateTimeOffset asked = DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Min(file.StartedMillis, 253_402_300_799_999));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# room {Words.Quoted(file.Room)}, epoch 0x{file.Epoch:X}, asked for {asked:yyyy-MM-dd HH:mm:ss.fff} UTC"));
        (double x, double y, double z) = (space.StepsX * space.Precision, space.StepsY * space.Precision, space.StepsZ * space.Precision);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# {x:0.###} × {y:0.###} × {z:0.###} m from ({space.MinX:0.###}, {space.MinY:0.###}, {space.MinZ:0.###}) " +
            $"in steps of {space.Precision} m, tick {file.TickMicros / 1000.0:0.###} ms"));
    }

    private bool PrintEnd(int malformed)
    {
        string how = file.End switch
        {
            RecordingEnd.Whole => string.Empty,
            RecordingEnd.CutOff => $"; the file is cut off inside the record that begins at byte {file.EndOffset}",
            _ => $"; the file is damaged at byte {file.EndOffset}: what follows cannot be read",
        };
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"# {file.Records} records, {_names.Count} members, {file.DurationMicros / 1e6:0.000} s, {file.Gaps} gaps{how}"));
        return malformed == 0 && file.End != RecordingEnd.Damaged;
    }
}
