using System.Text;
using Relay.Core.Rooms;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>A change of a room's objects or attributes that a member asks for and that has not been made yet. protocol-spec.md §11.3 to
/// §11.5.</summary>
public sealed class StateRequest
{
    private StateRequest(RoomMember sender, FrameType type)
    {
        Sender = sender;
        Type = type;
    }

    /// <summary>Who asks, as they were when its turn came.</summary>
    public RoomMember Sender { get; }

    /// <summary>What is asked for: <see cref="FrameType.CreateObject"/>, <see cref="FrameType.UpdateObject"/>,
    /// <see cref="FrameType.RemoveObject"/>, <see cref="FrameType.CloneObject"/>, <see cref="FrameType.Claim"/> or
    /// <see cref="FrameType.SetAttribute"/>.</summary>
    public FrameType Type { get; }

    /// <summary>The object that it is about; 0 for CreateObject, and for SetAttribute unless the attribute is of one.</summary>
    public uint Object { get; private init; }

    /// <summary>CreateObject: all of it; a place that lies outside the room is left out. Otherwise null.</summary>
    public NewObject? New { get; private init; }

    /// <summary>UpdateObject: what is to change.</summary>
    public ObjectFields Fields { get; private init; }

    /// <summary>UpdateObject with <see cref="ObjectFields.Parent"/> and CloneObject: the new parent, 0 for the root.</summary>
    public uint Parent { get; private init; }

    /// <summary>UpdateObject with <see cref="ObjectFields.Type"/>: the new type.</summary>
    public string ObjectType { get; private init; } = "";

    /// <summary>UpdateObject with <see cref="ObjectFields.Name"/> and CloneObject: the new name.</summary>
    public string Name { get; private init; } = "";

    /// <summary>UpdateObject with <see cref="ObjectFields.Flags"/>: the new flags.</summary>
    public ObjectFlags Flags { get; private init; }

    /// <summary>Claim: what for.</summary>
    public ClaimAction Action { get; private init; }

    /// <summary>Claim: as the action says.</summary>
    public uint Argument { get; private init; }

    /// <summary>SetAttribute: what the attribute is of.</summary>
    public AttributeTarget Target { get; private init; }

    /// <summary>SetAttribute: what is to be done.</summary>
    public AttributeOperation Operation { get; private init; }

    /// <summary>SetAttribute: the attribute's key.</summary>
    public string Key { get; private init; } = "";

    /// <summary>SetAttribute, to merge and to remove: the keys that lead to the place, each as a MessagePack str.</summary>
    public ReadOnlyMemory<byte> Path { get; private init; }

    /// <summary>SetAttribute, to set and to merge: the value as the member sent it; nobody has checked that it is one.</summary>
    public ReadOnlyMemory<byte> Value { get; private init; }

    /// <summary>SetAttribute: new terms; null for those that it has.</summary>
    public AttributeTerms? Terms { get; private init; }

    /// <summary>Reads what a member asks for; the road has checked that it is well formed.</summary>
    internal static StateRequest Read(RoomMember sender, in Command command, RoomSpace space)
    {
        ReadOnlySpan<byte> body = command.Payload!.Frames;
        switch (command.Type)
        {
            case FrameType.CreateObject:
                CreateObject.TryRead(body, out CreateObject create);
                return new StateRequest(sender, command.Type) { New = ReadNew(create, space) };
            case FrameType.UpdateObject:
                UpdateObject.TryRead(body, out UpdateObject update);
                return new StateRequest(sender, command.Type)
                {
                    Object = update.Object,
                    Fields = update.Fields,
                    Parent = update.Parent,
                    ObjectType = Text(update.TypeUtf8),
                    Name = Text(update.NameUtf8),
                    Flags = update.Flags,
                };
            case FrameType.RemoveObject:
                RemoveObject.TryRead(body, out RemoveObject remove);
                return new StateRequest(sender, command.Type) { Object = remove.Object };
            case FrameType.CloneObject:
                CloneObject.TryRead(body, out CloneObject clone);
                return new StateRequest(sender, command.Type) { Object = clone.Object, Parent = clone.Parent, Name = Text(clone.NameUtf8) };
            case FrameType.Claim:
                Claim.TryRead(body, out Claim claim);
                return new StateRequest(sender, command.Type) { Object = claim.Object, Action = claim.Action, Argument = claim.Argument };
            default:
                SetAttribute.TryRead(body, out SetAttribute set);
                return new StateRequest(sender, command.Type)
                {
                    Object = set.Target.Object,
                    Target = set.Target,
                    Operation = set.Operation,
                    Key = Text(set.KeyUtf8),
                    Path = set.Path.ToArray(),
                    Value = set.Value.ToArray(),
                    Terms = set.Terms,
                };
        }
    }

    private static NewObject ReadNew(CreateObject create, RoomSpace space)
    {
        var attributes = new List<NewAttribute>();
        while (create.TryReadAttribute(out InitialAttribute attribute))
        {
            attributes.Add(new NewAttribute(Text(attribute.KeyUtf8), attribute.Value.ToArray(), attribute.Terms));
        }

        ReadStatus status = TransformRecord.TryRead(create.Place, space, out PackedTransform place, out TransformExtension extension);
        bool byName = (create.Flags & ObjectFlags.ParentByName) != 0;
        return new NewObject
        {
            Type = Text(create.TypeUtf8),
            Name = Text(create.NameUtf8),
            Flags = create.Flags & ~ObjectFlags.ParentByName,
            Parent = create.Parent,
            ParentName = byName ? Text(create.ParentNameUtf8) : null,
            Place = status == ReadStatus.Ok && space.Contains(place) ? space.Unpack(place) : null,
            Extension = status == ReadStatus.Ok ? extension : default,
            Attributes = attributes,
        };
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
