using Relay.Protocol.Frames;
using Relay.Protocol.Messages;

namespace Relay.Load.RoomState;

/// <summary>
/// What the room is like after each message, for somebody who saw them all, those for others too, in their order. From it follows whom
/// each message is for.
/// </summary>
internal sealed class RoomModel
{
    /// <summary>Of attributes that are not for everybody: who has been told of them.</summary>
    private readonly Dictionary<AttributeName, HashSet<uint>> _told = [];

    private readonly RoomPermissions[] _roles;

    /// <summary>Begins with what somebody was told first.</summary>
    /// <param name="first">The snapshot.</param>
    /// <param name="member">Whose.</param>
    /// <param name="roles">The room's roles.</param>
    public RoomModel(Replica first, uint member, RoomPermissions[] roles)
    {
        _roles = roles;
        Room = first.Copy();
        EverMade.UnionWith(Room.Objects.Keys);
        foreach (AttributeState attribute in Room.Attributes.Values.Where(attribute => !attribute.IsPublic))
        {
            _told[attribute.Name] = [member];
        }
    }

    public Replica Room { get; }

    /// <summary>All objects that there were.</summary>
    public HashSet<uint> EverMade { get; } = [];

    /// <summary>How often each object went from one owner to another.</summary>
    public Dictionary<(uint Object, uint From, uint To), int> Handovers { get; } = [];

    /// <summary>Whether a member is to know of an attribute.</summary>
    public bool Sees(uint member, AttributeState attribute) =>
        attribute.IsPublic || (_told.TryGetValue(attribute.Name, out HashSet<uint>? told) && told.Contains(member));

    /// <summary>Takes the next message.</summary>
    /// <param name="message">What all who received it received.</param>
    /// <param name="fits">Whether it can follow on what was before.</param>
    /// <returns>Whom it was for.</returns>
    public Recipients Take(RoomMessage message, out bool fits)
    {
        fits = true;
        if (message.Type == FrameType.Event)
        {
            return message.Deed is { } deed ? RecipientsOf(deed) : Recipients.Unknown;
        }

        Recipients recipients = Recipients.All;
        foreach (Change change in message.Changes)
        {
            recipients = Take(change, ref fits);
        }

        return recipients;
    }

    /// <summary>Somebody got a snapshot: of what is for it alone, nobody else knows what became of it before.</summary>
    public void Adopt(uint member, Replica snapshot)
    {
        if (!Room.Members.TryGetValue(member, out MemberState? self))
        {
            return;
        }

        foreach (AttributeState attribute in Room.Attributes.Values.Where(IsForItAlone).ToArray())
        {
            Room.Remove(attribute.Name);
            _told.Remove(attribute.Name);
        }

        foreach (AttributeState attribute in snapshot.Attributes.Values.Where(IsForItAlone))
        {
            Room.Put(attribute);
            _told[attribute.Name] = [member];
        }

        bool IsForItAlone(AttributeState attribute) =>
            !attribute.IsPublic && IsReader(attribute, self) &&
            Room.Members.Values.Count(other => IsReader(attribute, other)) == 1;
    }

    private Recipients Take(Change change, ref bool fits)
    {
        switch (change)
        {
            case MemberCame came:
                fits &= came.ApplyTo(Room);
                Show(came.Member);
                return Recipients.AllBut(came.Member.Id);
            case ObjectIs told:
                Follow(told.Object);
                told.ApplyTo(Room);
                return Recipients.All;
            case AttributeIs told:
                told.ApplyTo(Room);
                return told.Attribute.IsPublic ? Public(told.Attribute.Name) : Only(told.Attribute);
            case AttributeMerged merged:
                fits &= merged.ApplyTo(Room);
                return Room.Attributes.GetValueOrDefault(merged.Name) is { IsPublic: false } result ? Only(result) : Recipients.All;
            case AttributeGone gone when Room.Attributes.GetValueOrDefault(gone.Name) is { IsPublic: false } attribute:
                return Hide(attribute);
            default:
                fits &= change.ApplyTo(Room);
                ForgetWhatHasGone(change);
                return Recipients.All;
        }
    }

    private Recipients RecipientsOf(Deed deed) => deed.Audience switch
    {
        EventAudience.Others => Recipients.AllBut(deed.Author.Member),
        EventAudience.Everyone => Recipients.All,
        EventAudience.Member => Recipients.Only(new HashSet<uint> { deed.Member }),
        EventAudience.Roles => Recipients.Only(
            Room.Members.Values.Where(member => member.Id != deed.Author.Member && (deed.Roles >> member.Role & 1) != 0)
                .Select(member => member.Id).ToHashSet()),
        _ => Recipients.Near(deed.Author),
    };

    private Recipients Public(AttributeName name)
    {
        _told.Remove(name);
        return Recipients.All;
    }

    private Recipients Only(AttributeState attribute)
    {
        HashSet<uint> readers = [.. Room.Members.Values.Where(member => IsReader(attribute, member)).Select(member => member.Id)];
        _told[attribute.Name] = readers;
        return Recipients.Only(readers);
    }

    /// <summary>An attribute that is not for everybody has gone, or goes out of the sight of those who are no readers any more.</summary>
    private Recipients Hide(AttributeState attribute)
    {
        HashSet<uint> told = _told.GetValueOrDefault(attribute.Name) ?? [];
        HashSet<uint> blinded = [.. told.Where(id => !(Room.Members.GetValueOrDefault(id) is { } member && IsReader(attribute, member)))];
        if (blinded.Count > 0 && blinded.Count < told.Count)
        {
            _told[attribute.Name] = [.. told.Except(blinded)];
            return Recipients.Only(blinded);
        }

        Room.Remove(attribute.Name);
        _told.Remove(attribute.Name);
        return Recipients.Only(told);
    }

    private bool IsReader(AttributeState attribute, MemberState member)
    {
        AttributeTarget target = attribute.Name.Target;
        Access readers = attribute.Terms.Readers;
        return readers.Kind switch
        {
            AccessKind.Everyone => true,
            AccessKind.Member => readers.Argument == member.Id,
            AccessKind.Roles => (readers.Argument >> member.Role & 1) != 0,
            _ => target.Kind switch
            {
                TargetKind.Room => (_roles[member.Role] & RoomPermissions.SetRoomAttributes) != 0,
                TargetKind.Object => Room.Objects.GetValueOrDefault(target.Object)?.Owner == member.Id,
                _ => target.Member == member.Id,
            },
        };
    }

    /// <summary>A newcomer's snapshot has what it is a reader of.</summary>
    private void Show(MemberState newcomer)
    {
        foreach ((AttributeName name, HashSet<uint> told) in _told)
        {
            if (IsReader(Room.Attributes[name], newcomer))
            {
                told.Add(newcomer.Id);
            }
        }
    }

    private void Follow(ObjectState told)
    {
        EverMade.Add(told.Id);
        if (Room.Objects.TryGetValue(told.Id, out ObjectState? before) && before.Owner != told.Owner)
        {
            (uint, uint, uint) handover = (told.Id, before.Owner, told.Owner);
            Handovers[handover] = Handovers.GetValueOrDefault(handover) + 1;
        }
    }

    private void ForgetWhatHasGone(Change change)
    {
        foreach ((AttributeName name, HashSet<uint> told) in _told)
        {
            if (!Room.Attributes.ContainsKey(name))
            {
                _told.Remove(name);
            }
            else if (change is MemberLeft left)
            {
                told.Remove(left.Member);
            }
        }
    }
}
