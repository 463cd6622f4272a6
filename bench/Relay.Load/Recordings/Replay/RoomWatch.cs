using Relay.Protocol.Transforms;

namespace Relay.Load.Recordings.Replay;

/// <summary>Looks at what a replayed room is sent, and at what each of its sessions receives. Called under the room's lock.</summary>
internal abstract class RoomWatch
{
    /// <summary>Makes what looks at one session.</summary>
    public abstract SessionWatch Watch();

    /// <summary>An avatar's value is about to be sent.</summary>
    /// <param name="member">Whose; its number in the live room.</param>
    /// <param name="value">With its age.</param>
    /// <param name="dueNanos">When it was meant to be sent.</param>
    public abstract void Sending(uint member, in PackedTransform value, long dueNanos);
}
