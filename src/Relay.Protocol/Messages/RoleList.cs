using Relay.Protocol.Primitives;

namespace Relay.Protocol.Messages;

/// <summary>The roles of a room, in order: role 0 first. Part of <see cref="Joined"/>. protocol-spec.md §11.6.</summary>
/// <remarks>Wire: <c>u8 roles | roles × (varint permissions | string8 name)</c>.</remarks>
public ref struct RoleList
{
    /// <summary>The most roles that a room has: a mask of roles is 32 bits.</summary>
    public const int MaxRoles = 32;

    private BodyReader _reader;
    private int _left;

    /// <summary>Stands before the first role.</summary>
    /// <param name="encoded">From <see cref="Joined.Roles"/>.</param>
    public RoleList(ReadOnlySpan<byte> encoded)
    {
        _reader = new BodyReader(encoded);
        _left = _reader.ReadByte();
        Count = _left;
    }

    /// <summary>How many roles.</summary>
    public int Count { get; }

    /// <summary>Gives the next role.</summary>
    /// <param name="permissions">What its members may do.</param>
    /// <param name="nameUtf8">Its name.</param>
    /// <returns><c>false</c> after the last.</returns>
    public bool TryRead(out RoomPermissions permissions, out ReadOnlySpan<byte> nameUtf8)
    {
        permissions = default;
        nameUtf8 = default;
        if (_left == 0)
        {
            return false;
        }

        _left--;
        permissions = (RoomPermissions)_reader.ReadVarint32();
        nameUtf8 = _reader.ReadUtf8String8();
        return true;
    }

    /// <summary>Writes one role; the number of roles, a byte, comes before the first.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="permissions">What its members may do.</param>
    /// <param name="name">Its name, at most 255 bytes in UTF-8.</param>
    public static void WriteRole(ref FrameWriter writer, RoomPermissions permissions, string name)
    {
        writer.WriteVarint((uint)permissions);
        writer.WriteString8(name);
    }

    /// <summary>Checks the roles of a body and gives their bytes.</summary>
    internal static ReadOnlySpan<byte> Read(scoped ref BodyReader reader)
    {
        BodyReader start = reader;
        int from = reader.Position;
        int count = reader.ReadByte();
        if (count > MaxRoles)
        {
            reader.Fail(ReadStatus.BadValue);
        }

        for (int i = 0; i < count; i++)
        {
            reader.ReadVarint32();
            reader.ReadUtf8String8();
        }

        return start.Take(reader.Position - from);
    }
}
