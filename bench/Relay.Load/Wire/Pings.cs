using Relay.Load.Measure;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.Wire;

/// <summary>Answers pings: whoever does not is taken for dead.</summary>
internal static class Pings
{
    /// <summary>Answers one.</summary>
    /// <param name="connection">Where it came from.</param>
    /// <param name="body">The ping.</param>
    /// <param name="nowNanos">When it arrived.</param>
    public static ReadStatus Answer(LoadConnection connection, ReadOnlySpan<byte> body, long nowNanos)
    {
        ReadStatus status = Ping.TryRead(body, out Ping ping);
        if (status == ReadStatus.Ok)
        {
            Span<byte> bytes = stackalloc byte[Pong.FrameSize];
            var writer = new FrameWriter(bytes);
            new Pong { Stamp = ping.Stamp, ReceivedMicros = (ulong)(nowNanos / 1000), SentMicros = (ulong)(Clock.NowNanos / 1000) }
                .Write(ref writer);
            connection.TrySend(writer.WrittenSpan, keep: true);
        }

        return status;
    }
}
