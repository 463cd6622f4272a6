using System.Text;
using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings;

/// <summary>A recording in memory: its header, and its frames as far as they can be read. protocol-spec.md §12.</summary>
internal sealed class RecordingFile
{
    private readonly List<RecordedFrame> _frames = [];
    private ulong _firstTime;

    private RecordingFile(in RecordingHeader header, int length)
    {
        Room = Encoding.UTF8.GetString(header.RoomUtf8);
        (Epoch, StartedMillis, Space) = (header.Epoch, header.StartedMillis, header.Space!);
        (TickMicros, AgeUnitMicros) = (header.TickMicros, Math.Max(1, header.AgeUnitMicros));
        EndOffset = length;
    }

    public string Room { get; }

    public ulong Epoch { get; }

    /// <summary>When it was asked for: milliseconds since 1970, UTC.</summary>
    public ulong StartedMillis { get; }

    public RoomSpace Space { get; }

    public uint TickMicros { get; }

    public uint AgeUnitMicros { get; }

    /// <summary>In the order of the file. A gap is one without a body, of type Nop.</summary>
    public IReadOnlyList<RecordedFrame> Frames => _frames;

    /// <summary>Whole records.</summary>
    public int Records { get; private set; }

    public int Gaps { get; private set; }

    /// <summary>From the first record to the last.</summary>
    public long DurationMicros { get; private set; }

    public RecordingEnd End { get; private set; }

    /// <summary>Where the last whole record ends.</summary>
    public int EndOffset { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="LoadException">It cannot be read, or is no recording.</exception>
    public static RecordingFile Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LoadException($"cannot read '{path}': {e.Message}", badArguments: true);
        }

        return TryParse(bytes, out string problem) ?? throw new LoadException($"'{path}' {problem}", badArguments: true);
    }

    /// <summary>Reads as much as there is. Never throws, whatever the bytes are.</summary>
    /// <returns><c>null</c> if not even the header is there; then <paramref name="problem"/> says why.</returns>
    public static RecordingFile? TryParse(byte[] bytes, out string problem)
    {
        problem = string.Empty;
        ReadStatus status = RecordingHeader.TryRead(bytes, out RecordingHeader header, out int length);
        if (status != ReadStatus.Ok)
        {
            problem = ProblemOf(bytes, status);
            return null;
        }

        var file = new RecordingFile(header, length);
        file.ReadRecords(bytes);
        return file;
    }

    private static string ProblemOf(ReadOnlySpan<byte> bytes, ReadStatus status)
    {
        ReadOnlySpan<byte> magic = RecordingHeader.Magic;
        int version = magic.Length - 1;
        if (!bytes.StartsWith(magic[..Math.Min(version, bytes.Length)]))
        {
            return "is no recording: it does not begin like one";
        }

        if (bytes.Length > version && bytes[version] != magic[version])
        {
            return $"is a recording of version {bytes[version]}; only version {magic[version]} can be read";
        }

        return status == ReadStatus.Truncated
            ? $"is cut off at byte {bytes.Length}, inside its header: there is nothing to read"
            : "is a recording whose header is damaged";
    }

    private void ReadRecords(byte[] bytes)
    {
        while (EndOffset < bytes.Length)
        {
            ReadStatus status = Record.TryRead(bytes.AsSpan(EndOffset), out Record record, out int length);
            if (status != ReadStatus.Ok)
            {
                End = status == ReadStatus.Truncated ? RecordingEnd.CutOff : RecordingEnd.Damaged;
                return;
            }

            if (!Add(bytes, record, EndOffset + length - record.Frames.Length))
            {
                End = RecordingEnd.Damaged;
                return;
            }

            Records++;
            EndOffset += length;
        }
    }

    /// <returns>Whether the record holds whole frames.</returns>
    private bool Add(byte[] bytes, in Record record, int start)
    {
        _firstTime = Records == 0 ? record.Time : _firstTime;

        // Clocks of a damaged file may say anything; time never falls and never leaps out of what can be told.
        long micros = (long)Math.Min(record.Time - Math.Min(record.Time, _firstTime), long.MaxValue / 4_000);
        DurationMicros = Math.Max(DurationMicros, micros);
        if (record.Kind == RecordKind.Gap)
        {
            Gaps++;
            _frames.Add(new RecordedFrame(EndOffset, DurationMicros, RecordKind.Gap, record.Member, FrameType.Nop, default));
            return record.Frames.IsEmpty;
        }

        int first = _frames.Count;
        for (int at = start, end = start + record.Frames.Length; at < end;)
        {
            if (FrameDecoder.Find(bytes.AsSpan(at, end - at), FrameHeader.MaxBodyLength, out FrameHeader header) != FrameStatus.Complete)
            {
                _frames.RemoveRange(first, _frames.Count - first);
                return false;
            }

            ReadOnlyMemory<byte> body = bytes.AsMemory(at + FrameHeader.Size, header.BodyLength);
            _frames.Add(new RecordedFrame(at, DurationMicros, record.Kind, record.Member, header.Type, body));
            at += FrameHeader.Size + header.BodyLength;
        }

        return true;
    }
}
