using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>Looks at what one session of a replay receives. Called under the room's lock.</summary>
internal abstract class SessionWatch
{
    /// <summary>The session is in the room.</summary>
    public abstract void OnJoined(uint member, RoomSpace space, long nowNanos);

    /// <summary>The session is in the room no more.</summary>
    public abstract void OnLeft();

    /// <summary>A message that has a number of the room arrived: presence, an event, state.</summary>
    public abstract void OnReliable(long nowNanos);

    /// <summary>A slot is a member's from now on; 0: an object's.</summary>
    public abstract void OnSlot(uint slot, uint member);

    /// <summary>A batch arrived.</summary>
    public abstract ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos);

    /// <summary>Everybody in a presence frame.</summary>
    public ReadStatus OnPresence(ReadOnlySpan<byte> body)
    {
        ReadStatus status = Presence.TryRead(body, out Presence presence);
        while (status == ReadStatus.Ok && presence.TryReadEntry(out PresenceEntry entry))
        {
            if (entry.Kind == PresenceKind.Present)
            {
                OnSlot(entry.Slot, entry.Member);
            }
        }

        return status;
    }
}
