using Relay.Core.Rooms;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Transport.Ingress;

/// <summary>A Hello as it was read, before the embedder has authorised it.</summary>
internal sealed record HelloAsk(byte Version, byte[] Credentials, string Agent)
{
    /// <summary>What the client shows to take an earlier session up again; empty for a new one.</summary>
    public byte[] ResumeToken { get; init; } = [];

    /// <summary>Where it has got to in that session.</summary>
    public ResumePoint Point { get; init; }

    /// <summary>Reads the first frame of a connection. protocol-spec.md §5.1.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="body">Its body.</param>
    /// <param name="fault">Why the connection must be closed, or null.</param>
    public static HelloAsk? Read(FrameType type, ReadOnlySpan<byte> body, out CloseReason? fault)
    {
        fault = null;
        if (type != FrameType.Hello)
        {
            fault = new CloseReason(CloseCode.ProtocolError, "The first frame must be Hello.", Value: (byte)type);
            return null;
        }

        ReadStatus status = Hello.TryRead(body, out Hello hello);
        if (status != ReadStatus.Ok)
        {
            fault = new CloseReason(CloseCode.InvalidPayload, $"The body of a Hello frame is malformed: {status}.", Value: (byte)type);
            return null;
        }

        if (hello.VersionOldest > ProtocolVersion.Newest || hello.VersionNewest < ProtocolVersion.Oldest ||
            hello.VersionOldest > hello.VersionNewest)
        {
            fault = new CloseReason(
                CloseCode.ProtocolError,
                $"This server speaks versions {ProtocolVersion.Oldest} to {ProtocolVersion.Newest}.",
                CloseCode.UnsupportedVersion,
                ProtocolVersion.Newest,
                hello.VersionNewest);
            return null;
        }

        byte version = Math.Min(hello.VersionNewest, ProtocolVersion.Newest);
        return new HelloAsk(version, hello.Credentials.ToArray(), OneLine(System.Text.Encoding.UTF8.GetString(hello.AgentUtf8)))
        {
            ResumeToken = hello.ResumeToken.ToArray(),
            Point = new ResumePoint(hello.Epoch, hello.LastSequence, hello.Cursor, hello.LastAnswer),
        };
    }

    /// <summary>The agent goes into logs: it must not look like lines of its own.</summary>
    private static string OneLine(string text) => string.Create(text.Length, text, static (line, text) =>
    {
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = char.IsControl(text[i]) || char.IsSeparator(text[i]) ? ' ' : text[i];
        }
    });
}
