using System.Text;
using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>A member as a client was told of it.</summary>
internal sealed record MemberState(uint Id, uint Slot, byte Generation, byte Role, MemberStanding Standing, string Name)
{
    public static MemberState Of(in PresenceEntry entry) =>
        new(entry.Member, entry.Slot, entry.Generation, entry.Role, entry.Standing, Encoding.UTF8.GetString(entry.NameUtf8));
}
