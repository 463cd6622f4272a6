using Relay.Load.Recordings;
using Relay.Protocol.Primitives;
using Relay.Protocol.Recording;

namespace Relay.Load.Tests.Recordings;

/// <summary>Makes other recordings of one.</summary>
internal static class RecordingEdit
{
    /// <summary>As if the recorder had been too small for the first records.</summary>
    public static RecordingFile Without(byte[] bytes, int records)
    {
        Assert.Equal(ReadStatus.Ok, RecordingHeader.TryRead(bytes, out _, out int header));
        int at = header;
        for (int i = 0; i < records; i++)
        {
            Assert.Equal(ReadStatus.Ok, Relay.Protocol.Recording.Record.TryRead(bytes.AsSpan(at), out _, out int length));
            at += length;
        }

        return RecordingFile.TryParse([.. bytes[..header], .. bytes[at..]], out _)!;
    }
}
