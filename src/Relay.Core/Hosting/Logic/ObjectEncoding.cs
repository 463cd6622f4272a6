using System.Text;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Core.Hosting;

/// <summary>Puts a new object of a handler's into the form in which clients ask for one, so that the same deed makes it.</summary>
internal static class ObjectEncoding
{
    private const ObjectFlags Allowed = ObjectFlags.Persistent | ObjectFlags.Placed | ObjectFlags.Fixed;

    /// <summary>The body of a CreateObject frame.</summary>
    /// <exception cref="RoomRefusedException">It cannot be said in one.</exception>
    public static byte[] Encode(NewObject made, RoomSpace space)
    {
        var message = new CreateObject
        {
            Flags = made.Flags | (made.Place is null ? 0 : ObjectFlags.Placed) | (made.ParentName is null ? 0 : ObjectFlags.ParentByName),
            Parent = made.Parent,
            ParentNameUtf8 = Bytes("The parent's name", made.ParentName ?? ""),
            TypeUtf8 = Bytes("A type", made.Type),
            NameUtf8 = Bytes("A name", made.Name),
        };
        PackedTransform packed = default;
        Fault fault = (made.Flags & ~Allowed) != 0
            ? new Fault(CloseCode.BadValue, "Only the flags in limit can be asked for.", (byte)Allowed, (byte)made.Flags)
            : made.Place is { } place ? Pack(space, place, made.Extension, out packed) : Fault.None;
        long size = FrameHeader.Size + (5 * (1 + byte.MaxValue)) + TransformRecord.MaxSize +
            made.Attributes.Sum(attribute => (long)InitialAttribute.MaxOverhead + attribute.Value.Length);
        if (fault.IsNone && size > FrameHeader.MaxBodyLength)
        {
            fault = new Fault(
                CloseCode.PayloadTooLarge, "The attributes are larger than the limit (bytes).", FrameHeader.MaxBodyLength, size);
        }

        if (!fault.IsNone)
        {
            throw new RoomRefusedException(fault);
        }

        var writer = new FrameWriter(new byte[size]);
        message.Begin(ref writer, made.Attributes.Count);
        foreach (NewAttribute attribute in made.Attributes)
        {
            new InitialAttribute
            {
                KeyUtf8 = Bytes("A key", attribute.Key),
                Terms = attribute.Terms ?? AttributeTerms.Default,
                Value = attribute.Value.Span,
            }.Write(ref writer);
        }

        if (made.Place is not null)
        {
            TransformRecord.Write(ref writer, space, packed, made.Extension);
        }

        writer.EndFrame(FrameType.CreateObject);
        return writer.WrittenSpan[FrameHeader.Size..].ToArray();
    }

    /// <summary>Packs a place by a room's measures.</summary>
    public static Fault Pack(RoomSpace space, in Transform place, in TransformExtension extension, out PackedTransform packed) =>
        space.TryPack(place, out packed) switch
        {
            PackStatus.NotFinite => new Fault(CloseCode.BadValue, "The place is not made of finite numbers."),
            PackStatus.OutOfBounds => new Fault(CloseCode.OutOfBounds, "The place lies outside the room."),
            _ when !extension.IsValid => new Fault(
                CloseCode.BadValue, "The scale is not a number from 0.0001 to 10,000.", TransformExtension.MaxScale, extension.Scale),
            _ => Fault.None,
        };

    private static byte[] Bytes(string what, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Fault fault = Names.Check(what, utf8, mayBeEmpty: true);
        return fault.IsNone ? utf8 : throw new RoomRefusedException(fault);
    }
}
