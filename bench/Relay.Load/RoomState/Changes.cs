using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>One entry of a Presence or State frame, decoded once for all who receive it.</summary>
internal abstract class Change
{
    /// <summary>Does to a replica what the entry says.</summary>
    /// <returns>Whether it fits what the replica has.</returns>
    public abstract bool ApplyTo(Replica replica);

    public static Change Of(in PresenceEntry entry) => entry.Kind switch
    {
        PresenceKind.Present => new MemberCame(MemberState.Of(entry)),
        PresenceKind.Left => new MemberLeft(entry.Member),
        _ => new MemberStands(entry.Member, entry.Role, entry.Standing),
    };

    public static Change Of(in StateEntry entry) => entry.Kind switch
    {
        StateKind.Object => new ObjectIs(ObjectState.Of(entry)),
        StateKind.ObjectRemoved => new ObjectGone(entry.Object),
        StateKind.Attribute => new AttributeIs(AttributeState.Of(entry)),
        StateKind.AttributeMerged =>
            new AttributeMerged(AttributeName.Of(entry), entry.Version, entry.Author, entry.Path.ToArray(), entry.Value.ToArray()),
        _ => new AttributeGone(AttributeName.Of(entry)),
    };
}

internal sealed class MemberCame(MemberState member) : Change
{
    public MemberState Member => member;

    public override bool ApplyTo(Replica replica) => replica.Members.TryAdd(member.Id, member);
}

internal sealed class MemberLeft(uint member) : Change
{
    public uint Member => member;

    public override bool ApplyTo(Replica replica) => replica.RemoveMember(member);
}

internal sealed class MemberStands(uint member, byte role, MemberStanding standing) : Change
{
    public override bool ApplyTo(Replica replica)
    {
        bool known = replica.Members.TryGetValue(member, out MemberState? before);
        if (known)
        {
            replica.Members[member] = before! with { Role = role, Standing = standing };
        }

        return known;
    }
}

internal sealed class ObjectIs(ObjectState told) : Change
{
    public ObjectState Object => told;

    public override bool ApplyTo(Replica replica)
    {
        replica.Put(told);
        return true;
    }
}

internal sealed class ObjectGone(uint id) : Change
{
    public uint Object => id;

    public override bool ApplyTo(Replica replica) => replica.RemoveObject(id);
}

internal sealed class AttributeIs(AttributeState told) : Change
{
    public AttributeState Attribute => told;

    public override bool ApplyTo(Replica replica)
    {
        replica.Put(told);
        return true;
    }
}

internal sealed class AttributeMerged(AttributeName name, ulong version, uint author, byte[] path, byte[] value) : Change
{
    /// <summary>What came of it the last time: nearly everybody merges into the same.</summary>
    private (AttributeState Before, AttributeState After)? _last;

    public AttributeName Name => name;

    public ulong Version => version;

    public uint Author => author;

    public byte[] Value => value;

    public override bool ApplyTo(Replica replica)
    {
        if (!replica.Attributes.TryGetValue(name, out AttributeState? before))
        {
            return false;
        }

        if (_last is not { } last || !ReferenceEquals(last.Before, before))
        {
            if (Merge(before) is not { } after)
            {
                return false;
            }

            _last = last = (before, after);
        }

        replica.Put(last.After);
        return true;
    }

    private AttributeState? Merge(AttributeState before)
    {
        byte[] merged = new byte[MessagePackSubKey.MaxSize(before.Value.Length, path.Length, value.Length)];
        MessagePackStatus status = value.Length > 0
            ? MessagePackSubKey.TrySet(before.Value, path, value, merged, out int written)
            : MessagePackSubKey.TryRemove(before.Value, path, merged, out written);
        return status == MessagePackStatus.Ok ? new AttributeState(name, before.Terms, version, author, merged[..written]) : null;
    }
}

internal sealed class AttributeGone(AttributeName name) : Change
{
    public AttributeName Name => name;

    public override bool ApplyTo(Replica replica) => replica.Remove(name);
}
