using System.Diagnostics;
using Relay.Protocol;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms.World;

/// <summary>Writing attributes: checks, then does, then tells those who may see it. protocol-spec.md §11.4.</summary>
internal static class AttributeDeeds
{
    private const int MaxNodes = 1024;

    [ThreadStatic]
    private static byte[]? _scratch;

    private static ReadOnlySpan<byte> EmptyMap => [0x80];

    /// <summary>Sets, merges into or deletes an attribute.</summary>
    /// <param name="world">Where.</param>
    /// <param name="actor">Who; null for the server.</param>
    /// <param name="message">What.</param>
    /// <param name="version">The version that the attribute has now.</param>
    public static Fault Set(RoomWorld world, Member? actor, in SetAttribute message, out ulong version)
    {
        version = 0;
        if (!world.Has(message.Target))
        {
            return Fault.NotFound(
                "The object or member that the attribute is of is not in the room.",
                message.Target.Object != 0 ? message.Target.Object : message.Target.Member);
        }

        AttributeSet? attributes = world.AttributesOf(message.Target, make: false);
        StoredAttribute? present = attributes?.Find(message.KeyUtf8);
        AttributeTerms terms = message.Terms ?? present?.Terms ?? AttributeTerms.Default;
        Fault fault = MayWrite(world, actor, message.Target, present);
        fault = fault.IsNone ? Names.CheckKey(actor, message.Target.Kind, message.KeyUtf8) : fault;
        fault = fault.IsNone && message.Expected is { } expected && expected != (present?.Version ?? 0)
            ? new Fault(
                CloseCode.Conflict, "The attribute has the version in value, not the one expected.", expected, present?.Version ?? 0)
            : fault;
        fault = fault.IsNone && message.Operation != AttributeOperation.Delete
            ? MayPin(actor, terms.Flags & ~(present?.Terms.Flags ?? AttributeFlags.None))
            : fault;
        fault = fault.IsNone && message.Operation != AttributeOperation.Delete ? MayLast(world, message.Target, terms) : fault;
        fault = fault.IsNone && ((terms.Flags | (present?.Terms.Flags ?? 0)) & AttributeFlags.Persistent) != 0
            ? world.Keeper?.MayChange(message.Target) ?? Fault.None
            : fault;
        if (!fault.IsNone)
        {
            return fault;
        }

        if (message.Operation == AttributeOperation.Delete)
        {
            if (present is null)
            {
                return Fault.NotFound("No such attribute.", 0);
            }

            Delete(world, attributes!, present);
            world.News.Publish();
            return Fault.None;
        }

        fault = NewValue(world.Room.Options, present, message, out ReadOnlySpan<byte> value);
        fault = fault.IsNone && present is null && (attributes?.Count ?? 0) >= world.Room.Options.MaxAttributesPerTarget
            ? new Fault(
                CloseCode.QuotaExceeded, "It has as many attributes as it may.", world.Room.Options.MaxAttributesPerTarget,
                attributes!.Count + 1)
            : fault;
        fault = fault.IsNone
            ? HasRoomFor(world, present is null ? 1 : 0, value.Length + (present is null ? message.KeyUtf8.Length : -present.Value.Length))
            : fault;
        if (!fault.IsNone)
        {
            return fault;
        }

        if (present is null)
        {
            version = AddNew(world, actor, message.Target, message.KeyUtf8, terms, value).Version;
        }
        else
        {
            Change(world, actor, present, terms, value, message);
            version = present.Version;
        }

        world.News.Publish();
        return Fault.None;
    }

    /// <summary>Adds an attribute that is known to be allowed, and gathers the news.</summary>
    public static StoredAttribute AddNew(
        RoomWorld world, Member? author, AttributeTarget target, ReadOnlySpan<byte> key, AttributeTerms terms, ReadOnlySpan<byte> value)
    {
        StoredAttribute added = PutBack(world, author, target, key, terms, value);
        world.Keeper?.Changed(added);
        return added;
    }

    /// <summary>Adds an attribute that is stored already, and gathers the news.</summary>
    public static StoredAttribute PutBack(
        RoomWorld world, Member? author, AttributeTarget target, ReadOnlySpan<byte> key, AttributeTerms terms, ReadOnlySpan<byte> value)
    {
        var added = new StoredAttribute(target, key.ToArray()) { Terms = terms };
        added.SetValue(value);
        world.AttributesOf(target, make: true)!.Add(added);
        world.Count(added);
        Sign(world, added, author);
        Sight.Tell(added, world);
        return added;
    }

    /// <summary>Has the server merge something into an attribute of its own, or remove it there, and tells so; the path is known to
    /// fit.</summary>
    public static void Merge(RoomWorld world, StoredAttribute merged, in SetAttribute message)
    {
        byte[] value = new byte[MessagePackSubKey.MaxSize(merged.Value.Length, message.Path.Length, message.Value.Length)];
        MessagePackStatus status = message.Operation == AttributeOperation.Merge
            ? MessagePackSubKey.TrySet(merged.Value, message.Path, message.Value, value, out int written)
            : MessagePackSubKey.TryRemove(merged.Value, message.Path, value, out written);
        Debug.Assert(status == MessagePackStatus.Ok, "A path that does not fit.");
        Change(world, null, merged, merged.Terms, value.AsSpan(0, written), message);
        world.News.Publish();
    }

    /// <summary>Checks an attribute that a new object is to be born with.</summary>
    public static Fault CheckNew(RoomWorld world, Member? actor, ReadOnlySpan<byte> key, AttributeTerms terms, ReadOnlySpan<byte> value)
    {
        Fault fault = Names.CheckKey(actor, TargetKind.Object, key);
        fault = fault.IsNone ? MayPin(actor, terms.Flags) : fault;
        fault = fault.IsNone ? MayLast(world, AttributeTarget.OfObject(0), terms) : fault;
        return fault.IsNone ? CheckValue(world.Room.Options, value) : fault;
    }

    /// <summary>Checks attributes that are to be copied for a clone.</summary>
    public static Fault MayCopy(RoomWorld world, Member? actor, IEnumerable<StoredAttribute> copies)
    {
        AttributeFlags flags = AttributeFlags.None;
        int count = 0;
        long bytes = 0;
        foreach (StoredAttribute copy in copies)
        {
            count++;
            bytes += copy.Key.Length + copy.Value.Length;
            flags |= copy.Terms.Flags;
        }

        return MayPin(actor, flags) is { IsNone: false } fault ? fault : HasRoomFor(world, count, bytes);
    }

    public static Fault HasRoomFor(RoomWorld world, int more, long bytes)
    {
        RoomOptions options = world.Room.Options;
        if (world.AttributeCount + more > options.MaxAttributes)
        {
            return new Fault(
                CloseCode.QuotaExceeded, "The room has as many attributes as it may.", options.MaxAttributes, world.AttributeCount + more);
        }

        return bytes > 0 && world.StateBytes + bytes > options.MaxStateBytes
            ? new Fault(
                CloseCode.QuotaExceeded, "The room's attributes take as many bytes as they may.", options.MaxStateBytes,
                world.StateBytes + bytes)
            : Fault.None;
    }

    /// <summary>What a member wrote that vanishes with it.</summary>
    public static void DropEphemeral(RoomWorld world, Member author)
    {
        foreach (StoredAttribute attribute in author.Ephemeral.ToArray())
        {
            Delete(world, world.AttributesOf(attribute.Target, make: false)!, attribute);
        }
    }

    private static Fault MayWrite(RoomWorld world, Member? actor, AttributeTarget target, StoredAttribute? present)
    {
        if (actor is null)
        {
            return Fault.None;
        }

        Access writers = present?.Terms.Writers ?? AttributeTerms.Default.Writers;
        bool own = Sight.Names(writers, target, actor, world);
        Deed deed = target.Kind switch
        {
            TargetKind.Room => Deed.SetRoomAttribute,
            TargetKind.Object => Deed.SetObjectAttribute,
            TargetKind.Member => Deed.SetMemberAttribute,
            _ => Deed.SetObjectMemberAttribute,
        };
        Fault fault = Permissions.Check(actor, deed, own);
        if (own && !fault.IsNone && Permissions.Check(actor, deed, own: false).IsNone)
        {
            // Whoever may write what is another's may write what is named theirs.
            fault = Fault.None;
        }

        return fault.IsNone && target.Kind == TargetKind.Object && world.Find(target.Object) is { } place && place.IsLockedFor(actor.Id) &&
            (actor.Permissions & RoomPermissions.EditObjects) == 0
            ? ObjectDeeds.LockedBy(place)
            : fault;
    }

    private static Fault MayPin(Member? actor, AttributeFlags flags) =>
        (flags & AttributeFlags.Persistent) != 0 ? Permissions.Check(actor, Deed.Pin) : Fault.None;

    /// <summary>Whether something can be persistent at all: who is named must be known beyond this stay.</summary>
    private static Fault MayLast(RoomWorld world, AttributeTarget target, AttributeTerms terms)
    {
        if ((terms.Flags & AttributeFlags.Persistent) == 0)
        {
            return Fault.None;
        }

        if (terms.Readers.Kind == AccessKind.Member || terms.Writers.Kind == AccessKind.Member)
        {
            uint named = terms.Readers.Kind == AccessKind.Member ? terms.Readers.Argument : terms.Writers.Argument;
            return new Fault(
                CloseCode.BadValue, "A persistent attribute cannot be for the one member in value: ids of members do not last.", 0, named);
        }

        return target.Kind is TargetKind.Member or TargetKind.ObjectMember &&
            world.Room.Find(target.Member)?.Receiver.Connection.Who.UserId is null
            ? new Fault(
                CloseCode.BadValue, "An attribute of the member in value cannot be persistent: nobody knows who it is.", 0, target.Member)
            : Fault.None;
    }

    private static Fault NewValue(RoomOptions options, StoredAttribute? present, in SetAttribute message, out ReadOnlySpan<byte> value)
    {
        value = message.Value;
        Fault fault = message.Operation == AttributeOperation.RemovePath ? Fault.None : CheckValue(options, message.Value);
        if (!fault.IsNone || message.Operation == AttributeOperation.Set)
        {
            return fault;
        }

        ReadOnlySpan<byte> map = present is null ? EmptyMap : present.Value;
        int size = MessagePackSubKey.MaxSize(map.Length, message.Path.Length, message.Value.Length);
        if (_scratch is null || _scratch.Length < size)
        {
            _scratch = new byte[Math.Max(size, 4096)];
        }

        MessagePackStatus status = message.Operation == AttributeOperation.Merge
            ? MessagePackSubKey.TrySet(map, message.Path, message.Value, _scratch, out int written)
            : MessagePackSubKey.TryRemove(map, message.Path, _scratch, out written);
        value = _scratch.AsSpan(0, written);
        return status == MessagePackStatus.Ok ? CheckValue(options, value) : NotMergeable(status, message.Path.Length);
    }

    private static Fault NotMergeable(MessagePackStatus status, int pathLength) => status == MessagePackStatus.WrongType
        ? new Fault(CloseCode.BadValue, "What is on the path is not a map, or a key of the path not a str (bytes of path).", 0, pathLength)
        : new Fault(CloseCode.BadValue, $"The path cannot be followed ({status}; bytes of path).", 0, pathLength);

    private static Fault CheckValue(RoomOptions options, ReadOnlySpan<byte> value)
    {
        var limits = new MessagePackLimits
        {
            MaxBytes = options.MaxAttributeBytes,
            MaxDepth = options.MaxAttributeDepth,
            MaxNodes = MaxNodes,
        };
        MessagePackVerdict verdict = MessagePackValidator.Check(value, limits);
        return verdict.Status switch
        {
            MessagePackStatus.Ok => Fault.None,
            MessagePackStatus.TooLarge =>
                new Fault(CloseCode.PayloadTooLarge, "The value is larger than the limit (bytes).", verdict.Limit, verdict.Measured),
            MessagePackStatus.TooDeep =>
                new Fault(CloseCode.TooDeep, "The value is nested deeper than the limit.", verdict.Limit, verdict.Measured),
            MessagePackStatus.TooMany =>
                new Fault(CloseCode.BadValue, "The value has more parts than the limit.", verdict.Limit, verdict.Measured),
            _ => new Fault(
                CloseCode.BadValue, $"The value is not one MessagePack value ({verdict.Status} at the byte in value).", value.Length,
                verdict.Position),
        };
    }

    private static void Delete(RoomWorld world, AttributeSet attributes, StoredAttribute gone)
    {
        if (gone.IsPersistent)
        {
            world.Keeper?.Removed(gone);
        }

        Sight.TellGone(gone, world);
        world.Remove(attributes, gone);
    }

    private static void Change(
        RoomWorld world, Member? author, StoredAttribute changed, AttributeTerms terms, ReadOnlySpan<byte> value, in SetAttribute message)
    {
        bool isMerge = message.Operation != AttributeOperation.Set && terms == changed.Terms;
        uint[] sawIt = terms.Readers == changed.Terms.Readers ? [] : Sight.ReadersOf(changed, world);
        bool lasted = changed.IsPersistent;
        world.Uncount(changed);
        changed.SetValue(value);
        changed.Terms = terms;
        world.Count(changed);
        if (changed.IsPersistent)
        {
            world.Keeper?.Changed(changed);
        }
        else if (lasted)
        {
            world.Keeper?.Removed(changed);
        }

        if (sawIt.Length > 0)
        {
            uint[] see = Sight.ReadersOf(changed, world);
            Sight.Hide(changed, [.. sawIt.Except(see)], world);
        }

        Sign(world, changed, author);
        if (!isMerge)
        {
            Sight.Tell(changed, world);
            return;
        }

        var entry = new StateEntry
        {
            Kind = StateKind.AttributeMerged,
            Target = changed.Target,
            KeyUtf8 = changed.Key,
            Version = changed.Version,
            Author = changed.Author,
            Path = message.Path,
            Value = message.Value,
        };
        int size = StateEntry.MaxAttributeOverhead + message.Value.Length;
        if (changed.IsPublic)
        {
            world.News.Tell(entry, size);
        }
        else
        {
            world.News.TellSome(entry, size, Sight.ReadersOf(changed, world));
        }
    }

    /// <summary>Whoever wrote it last is its author, and its version the number of the message that tells it.</summary>
    private static void Sign(RoomWorld world, StoredAttribute attribute, Member? author)
    {
        if (!attribute.IsPublic)
        {
            world.News.Publish();
        }

        world.Room.Find(attribute.Author)?.Ephemeral.Remove(attribute);
        attribute.Author = author?.Id ?? 0;
        attribute.Version = world.News.NextVersion;
        if (author is not null && (attribute.Terms.Flags & AttributeFlags.Ephemeral) != 0)
        {
            author.Ephemeral.Add(attribute);
        }
    }
}
