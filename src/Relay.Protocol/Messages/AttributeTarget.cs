using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>What an attribute is of.</summary>
public enum TargetKind : byte
{
    /// <summary>The room.</summary>
    Room = 0,

    /// <summary>An object.</summary>
    Object = 1,

    /// <summary>A member.</summary>
    Member = 2,

    /// <summary>A member with regard to an object: its vote on it, its progress in it.</summary>
    ObjectMember = 3,
}

/// <summary>The room, object or member that an attribute is of. protocol-spec.md §11.2.</summary>
/// <remarks>Wire: <c>u8 kind | [varint object] | [varint member]</c>, as the kind has them.</remarks>
/// <param name="Kind">Which of them.</param>
/// <param name="Object">The object's id, or 0.</param>
/// <param name="Member">The member's id, or 0.</param>
public readonly record struct AttributeTarget(TargetKind Kind, uint Object = 0, uint Member = 0)
{
    /// <summary>The most bytes that it takes.</summary>
    public const int MaxSize = 1 + 5 + 5;

    private bool HasObject => Kind is TargetKind.Object or TargetKind.ObjectMember;

    private bool HasMember => Kind is TargetKind.Member or TargetKind.ObjectMember;

    /// <summary>An attribute of the room.</summary>
    public static AttributeTarget OfRoom() => default;

    /// <summary>An attribute of an object.</summary>
    /// <param name="id">The object's id.</param>
    public static AttributeTarget OfObject(uint id) => new(TargetKind.Object, id);

    /// <summary>An attribute of a member.</summary>
    /// <param name="id">The member's id.</param>
    public static AttributeTarget OfMember(uint id) => new(TargetKind.Member, 0, id);

    /// <summary>An attribute of a member with regard to an object.</summary>
    /// <param name="objectId">The object's id.</param>
    /// <param name="memberId">The member's id.</param>
    public static AttributeTarget OfObjectMember(uint objectId, uint memberId) => new(TargetKind.ObjectMember, objectId, memberId);

    /// <summary>Writes it.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.WriteByte((byte)Kind);
        if (HasObject)
        {
            writer.WriteVarint(Object);
        }

        if (HasMember)
        {
            writer.WriteVarint(Member);
        }
    }

    internal static AttributeTarget Read(scoped ref BodyReader reader)
    {
        byte kind = reader.ReadByte();
        if (kind > (byte)TargetKind.ObjectMember)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        var target = new AttributeTarget((TargetKind)kind);
        uint id = target.HasObject ? reader.ReadVarint32() : 0;
        return target with { Object = id, Member = target.HasMember ? reader.ReadVarint32() : 0 };
    }
}
