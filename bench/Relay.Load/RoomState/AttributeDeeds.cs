using System.Globalization;
using System.Text;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Load.RoomState;

/// <summary>
/// Attributes of the room, of members, of objects and of members with regard to objects: set, merged, removed in part and deleted, with and
/// without the version that is expected. An attribute's key says who its readers are; they stay the same.
/// </summary>
internal sealed class AttributeDeeds(Random random)
{
    private const int MaxPadding = 60;
    private const string Plain = "plain";
    private const string Map = "map";
    private const string Open = "open";
    private const string ToOwner = "owner";
    private const string ToRoles = "roles";
    private const string ToOne = "one";

    /// <summary>Writes one.</summary>
    /// <param name="client">Who.</param>
    /// <param name="dueNanos">When it was meant to.</param>
    /// <param name="own">The client's objects.</param>
    public void Write(StateClient client, long dueNanos, ObjectState[] own)
    {
        AttributeTarget target = PickTarget(client, own);
        string kind = random.Next(20) switch
        {
            < 6 => Plain,
            < 12 => Map,
            < 15 => Open,
            < 17 => ToOwner,
            < 19 => ToRoles,
            _ => ToOne,
        };

        // Whoever is not a reader cannot know whether it is there; and only one who may write it is to begin it.
        AttributeOperation operation = random.Next(10) switch
        {
            < 5 => AttributeOperation.Set,
            < 8 when kind == Map => AttributeOperation.Merge,
            8 when kind == Map => AttributeOperation.RemovePath,
            9 => AttributeOperation.Delete,
            _ => AttributeOperation.Set,
        };
        Send(client, dueNanos, operation, new AttributeName(target, KeyOf(client, kind)), kind);
    }

    /// <summary>Writes the attributes that a new object is born with, the end of a CreateObject frame apart from the place.</summary>
    public void WriteInitial(ref FrameWriter writer, int count, ulong stamp)
    {
        byte[] value = new byte[256];
        for (int i = 0; i < count; i++)
        {
            string kind = i == 0 ? Open : i == 1 ? Map : Plain;
            new InitialAttribute
            {
                Terms = TermsOf(kind, AttributeFlags.Cloneable, 0),
                KeyUtf8 = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}{i % 2}")),
                Value = ValueOf(value, kind, stamp),
            }.Write(ref writer);
        }
    }

    private AttributeTarget PickTarget(StateClient client, ObjectState[] own)
    {
        Stay stay = client.Stay!;
        Dictionary<uint, ObjectState> objects = stay.Replica.Objects;
        int chance = random.Next(20);
        if (chance < 3 && stay.Replica.Members.TryGetValue(stay.Member, out MemberState? self) &&
            (client.Room.PermissionsOf(self.Role) & RoomPermissions.SetRoomAttributes) != 0)
        {
            return AttributeTarget.OfRoom();
        }

        if (chance < 10 && own.Length > 0)
        {
            return AttributeTarget.OfObject(own[random.Next(own.Length)].Id);
        }

        if (chance < 15 && objects.Count > 0)
        {
            uint any = objects.Keys.ElementAt(random.Next(objects.Count));
            return chance < 13 ? AttributeTarget.OfObject(any) : AttributeTarget.OfObjectMember(any, stay.Member);
        }

        return AttributeTarget.OfMember(stay.Member);
    }

    private string KeyOf(StateClient client, string kind)
    {
        if (kind != ToOne)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{kind}{random.Next(2)}");
        }

        Dictionary<uint, MemberState> members = client.Stay!.Replica.Members;
        return string.Create(CultureInfo.InvariantCulture, $"{kind}{members.Keys.ElementAt(random.Next(members.Count))}");
    }

    private void Send(StateClient client, long dueNanos, AttributeOperation operation, AttributeName name, string kind)
    {
        Stay stay = client.Stay!;
        AttributeState? present = stay.Replica.Attributes.GetValueOrDefault(name);
        uint reader = kind == ToOne ? uint.Parse(name.Key.AsSpan(ToOne.Length), CultureInfo.InvariantCulture) : 0;
        AttributeFlags flags = random.Next(4) switch
        {
            0 => AttributeFlags.Ephemeral,
            1 when CanLast(name.Target, kind) => AttributeFlags.Persistent,
            2 => AttributeFlags.Cloneable,
            _ => AttributeFlags.None,
        };
        AttributeTerms terms = TermsOf(kind, flags, reader);
        bool hasStamp = operation is AttributeOperation.Set or AttributeOperation.Merge;
        var deed = new Deed
        {
            Kind = hasStamp ? DeedKind.Write : DeedKind.Other,
            Author = stay,
            Number = client.NextNumber,
            DueNanos = dueNanos,
            Name = name,
            Readers = terms.Readers.Kind,
        };
        Span<byte> value = stackalloc byte[256];
        Span<byte> path = stackalloc byte[32];
        bool isSet = operation == AttributeOperation.Set;
        Span<byte> frame = stackalloc byte[1024];
        var writer = new FrameWriter(frame);
        new SetAttribute
        {
            Sequence = deed.Number,
            Operation = operation,
            Target = name.Target,

            // Only what one sees has a version that one can know; one in eight is out of date.
            Expected = terms.Readers.Kind == AccessKind.Everyone && random.Next(3) == 0
                ? (present?.Version ?? 0) + (random.Next(8) == 0 ? 1UL : 0)
                : null,
            Terms = isSet && (present is null || random.Next(2) == 0) ? terms : null,
            KeyUtf8 = Encoding.UTF8.GetBytes(name.Key),
            Path = isSet || operation == AttributeOperation.Delete ? default : PathIn(path),
            Value = hasStamp ? ValueOf(value, isSet ? kind : Plain, deed.Stamp) : default,
        }.Write(ref writer);
        client.Send(writer.WrittenSpan, deed);
    }

    /// <summary>Whether it may be persistent: the tester's members are nobody that the server knows again, and their ids do not last.</summary>
    private static bool CanLast(AttributeTarget target, string kind) => target.Kind is TargetKind.Room or TargetKind.Object && kind != ToOne;

    private static AttributeTerms TermsOf(string kind, AttributeFlags flags, uint reader) => new(
        flags,
        kind switch
        {
            ToOwner => new Access(AccessKind.Owner),
            ToRoles => new Access(AccessKind.Roles, EventDeeds.MemberRoles),
            ToOne => new Access(AccessKind.Member, reader),
            _ => new Access(AccessKind.Everyone),
        },
        new Access(kind is Open ? AccessKind.Everyone : AccessKind.Owner));

    private ReadOnlySpan<byte> ValueOf(Span<byte> destination, string kind, ulong stamp)
    {
        var writer = new MessagePackWriter(destination);
        if (kind == Map)
        {
            writer.WriteMapHeader(2);
            writer.WriteString("by"u8);
            writer.WriteUInt64(stamp);
            writer.WriteString("with"u8);
            writer.WriteString(new string('x', random.Next(MaxPadding)));
        }
        else
        {
            writer.WriteUInt64(stamp);
        }

        return destination[..writer.Written];
    }

    /// <summary>One key or two; what is on the way is always a map.</summary>
    private ReadOnlySpan<byte> PathIn(Span<byte> destination)
    {
        var writer = new MessagePackWriter(destination);
        if (random.Next(3) == 0)
        {
            writer.WriteString("in"u8);
        }

        writer.WriteString(random.Next(3) switch { 0 => "a"u8, 1 => "b"u8, _ => "c"u8 });
        return destination[..writer.Written];
    }
}
