using System.Text;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Kit;

/// <summary>A frame as it was received.</summary>
internal sealed record Frame(FrameType Type, byte[] Body);

/// <summary>Frames to send, each as its bytes.</summary>
internal static class Frames
{
    private delegate void Writing(ref FrameWriter writer);

    public static byte[] Nop { get; } = Raw(FrameType.Nop);

    /// <summary>A frame with any type and any body.</summary>
    public static byte[] Raw(FrameType type, params ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[FrameHeader.Size + body.Length];
        new FrameHeader(type, body.Length).Write(frame);
        body.CopyTo(frame.AsSpan(FrameHeader.Size));
        return frame;
    }

    public static byte[] Hello(string credentials = "", byte oldest = 1, byte newest = 1, string agent = "tests/1.0") => Build((ref FrameWriter writer) =>
        new Hello { VersionOldest = oldest, VersionNewest = newest, Credentials = Utf8(credentials), AgentUtf8 = Utf8(agent) }.Write(ref writer));

    /// <summary>A Hello that takes a session up again.</summary>
    public static byte[] Resume(byte[] token, ulong epoch, ulong lastSequence, ulong cursor, ulong lastAnswer) => Build((ref FrameWriter writer) =>
        new Hello
        {
            VersionOldest = 1,
            VersionNewest = 1,
            ResumeToken = token,
            Epoch = epoch,
            LastSequence = lastSequence,
            Cursor = cursor,
            LastAnswer = lastAnswer,
            AgentUtf8 = "tests/1.0"u8,
        }.Write(ref writer));

    public static byte[] Join(ulong sequence, string room, FrameType type = FrameType.Join, ulong epoch = 0, ulong cursor = 0, string ticket = "") => Build((ref FrameWriter writer) =>
        new Join { Sequence = sequence, RoomUtf8 = Utf8(room), Ticket = Utf8(ticket), Epoch = epoch, Cursor = cursor }.Write(ref writer, type));

    public static byte[] Leave(ulong sequence) => Build((ref FrameWriter writer) => new Leave { Sequence = sequence }.Write(ref writer));

    public static byte[] Event(ulong sequence, EventAudience audience, uint member, uint kind, byte[] payload) => Build((ref FrameWriter writer) =>
        new SendEvent { Sequence = sequence, Audience = audience, Member = member, Kind = kind, Payload = payload }.Write(ref writer));

    public static byte[] Ping(ulong stamp) => Build((ref FrameWriter writer) => new Ping { Stamp = stamp }.Write(ref writer));

    public static byte[] Pong(ulong stamp) => Build((ref FrameWriter writer) => new Pong { Stamp = stamp }.Write(ref writer));

    public static byte[] Close(CloseCode code, CloseCode cause = CloseCode.None) =>
        Build((ref FrameWriter writer) => new CloseFrame { Code = code, Cause = cause }.Write(ref writer));

    public static byte[] Update(RoomSpace space, params ReadOnlySpan<TransformUpdateEntry> entries)
    {
        byte[] room = new byte[TransformUpdate.MaxSize(entries.Length)];
        var writer = new TransformUpdateWriter(room, space, entries.Length);
        foreach (TransformUpdateEntry entry in entries)
        {
            writer.Add(entry);
        }

        return room[..writer.Finish()];
    }

    public static byte[] Concat(params ReadOnlySpan<byte[]> parts)
    {
        var all = new List<byte>();
        foreach (byte[] part in parts)
        {
            all.AddRange(part);
        }

        return [.. all];
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Build(Writing write)
    {
        var writer = new FrameWriter(new byte[64 * 1024]);
        write(ref writer);
        Assert.False(writer.Overflowed);
        return writer.WrittenSpan.ToArray();
    }
}
