using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>Whom an <see cref="Access"/> names.</summary>
public enum AccessKind : byte
{
    /// <summary>Every member of the room.</summary>
    Everyone = 0,

    /// <summary>Whoever owns the target: the object's owner, the member itself; of the room, members whose role may set room
    /// attributes.</summary>
    Owner = 1,

    /// <summary>One member.</summary>
    Member = 2,

    /// <summary>The members of some roles.</summary>
    Roles = 3,
}

/// <summary>Who may see an attribute, or who may write it. protocol-spec.md §11.2.</summary>
/// <remarks>Wire: <c>u8 kind | [varint argument]</c>; the argument is there for one member (its id) and for roles (a mask, bit n for role
/// n).</remarks>
/// <param name="Kind">Whom it names.</param>
/// <param name="Argument">The member's id, or the mask of roles; otherwise 0.</param>
public readonly record struct Access(AccessKind Kind, uint Argument = 0)
{
    /// <summary>The most bytes that it takes.</summary>
    public const int MaxSize = 1 + 5;

    private bool HasArgument => Kind is AccessKind.Member or AccessKind.Roles;

    /// <summary>Writes it.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        writer.WriteByte((byte)Kind);
        if (HasArgument)
        {
            writer.WriteVarint(Argument);
        }
    }

    internal static Access Read(scoped ref BodyReader reader)
    {
        byte kind = reader.ReadByte();
        if (kind > (byte)AccessKind.Roles)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        var access = new Access((AccessKind)kind);
        return access.HasArgument ? access with { Argument = reader.ReadVarint32() } : access;
    }
}
