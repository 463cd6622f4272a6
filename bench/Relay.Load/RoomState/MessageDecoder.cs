using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.RoomState;

/// <summary>Decodes reliable messages.</summary>
internal static class MessageDecoder
{
    /// <summary>The room sequence of a change or an event.</summary>
    public static ulong SequenceOf(FrameType type, ReadOnlySpan<byte> body)
    {
        var reader = new BodyReader(body);
        if (type != FrameType.Event)
        {
            // The flags.
            reader.ReadByte();
        }

        return reader.ReadVarint();
    }

    /// <summary>Decodes a change or an event.</summary>
    public static ReadStatus TryDecode(FrameType type, ulong sequence, ReadOnlySpan<byte> body, int clients, out RoomMessage message)
    {
        Change[] changes = [];
        ReadStatus status = type switch
        {
            FrameType.Presence => ReadMembers(body, out changes),
            FrameType.State => ReadState(body, out changes),
            _ => RoomEvent.TryRead(body, out _),
        };
        message = new RoomMessage(sequence, type, body.ToArray(), changes, clients);
        return status;
    }

    private static ReadStatus ReadMembers(ReadOnlySpan<byte> body, out Change[] changes)
    {
        ReadStatus status = Presence.TryRead(body, out Presence presence);
        changes = new Change[status == ReadStatus.Ok ? presence.Count : 0];
        for (int i = 0; i < changes.Length && presence.TryReadEntry(out PresenceEntry entry); i++)
        {
            changes[i] = Change.Of(entry);
        }

        return status;
    }

    private static ReadStatus ReadState(ReadOnlySpan<byte> body, out Change[] changes)
    {
        ReadStatus status = State.TryRead(body, out State state);
        changes = new Change[status == ReadStatus.Ok ? state.Count : 0];
        for (int i = 0; i < changes.Length && state.TryReadEntry(out StateEntry entry); i++)
        {
            changes[i] = Change.Of(entry);
        }

        return status;
    }
}
