using Relay.Protocol.Frames;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Protocol.Messages;

/// <summary>Server → client: the receiver is now in a room, with this slot and these measures. protocol-spec.md §6.2.</summary>
/// <remarks>
/// Body: <c>varint sequence | string8 room | u64 epoch | varint member | varint slot | u8 generation | f64 minX | f64 minY | f64 minZ |
/// f64 precision | varint stepsX | varint stepsY | varint stepsZ | varint tickMicros | varint ageUnitMicros | varint capacity |
/// varint maxObjects | varint maxValue | u8 roles | roles × (varint permissions | string8 name)</c>.
/// </remarks>
public readonly ref struct Joined
{
    /// <summary>The sequence of the Join that is answered.</summary>
    public ulong Sequence { get; init; }

    /// <summary>The room's name in UTF-8, as it was asked for.</summary>
    public ReadOnlySpan<byte> RoomUtf8 { get; init; }

    /// <summary>A random number that names this life of the room; sequences and versions count within it. Never 0.</summary>
    public ulong Epoch { get; init; }

    /// <summary>The receiver's member id, unique within the epoch; never 0.</summary>
    public uint Member { get; init; }

    /// <summary>The slot of the receiver's avatar.</summary>
    public uint Slot { get; init; }

    /// <summary>The generation of that slot; updates must name it.</summary>
    public byte Generation { get; init; }

    /// <summary>Bounds and precision of positions in this room; <c>null</c> only before reading.</summary>
    public RoomSpace? Space { get; init; }

    /// <summary>Microseconds between batches; 0 means that changes leave at once.</summary>
    public uint TickMicros { get; init; }

    /// <summary>Microseconds for one unit of a sample's age. §8.2.</summary>
    public uint AgeUnitMicros { get; init; }

    /// <summary>The most members that the room takes.</summary>
    public uint Capacity { get; init; }

    /// <summary>The most objects that the receiver may own.</summary>
    public uint MaxObjects { get; init; }

    /// <summary>The most bytes of an attribute's value.</summary>
    public uint MaxValue { get; init; }

    /// <summary>The room's roles as they stand on the wire, from their number on: see <see cref="RoleList"/>.</summary>
    public ReadOnlySpan<byte> Roles { get; init; }

    /// <summary>Reads a body.</summary>
    /// <param name="body">The frame's body.</param>
    /// <param name="message">The message when the answer is <see cref="ReadStatus.Ok"/>.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> body, out Joined message)
    {
        var reader = new BodyReader(body);
        ulong sequence = reader.ReadVarint();
        ReadOnlySpan<byte> room = reader.ReadUtf8String8();
        ulong epoch = reader.ReadUInt64();
        uint member = reader.ReadVarint32();
        uint slot = reader.ReadVarint32();
        byte generation = reader.ReadByte();
        RoomSpace? space = RoomSpace.Read(ref reader);

        message = new Joined
        {
            Sequence = sequence,
            RoomUtf8 = room,
            Epoch = epoch,
            Member = member,
            Slot = slot,
            Generation = generation,
            Space = space,
            TickMicros = reader.ReadVarint32(),
            AgeUnitMicros = reader.ReadVarint32(),
            Capacity = reader.ReadVarint32(),
            MaxObjects = reader.ReadVarint32(),
            MaxValue = reader.ReadVarint32(),
            Roles = RoleList.Read(ref reader),
        };
        return reader.Finish();
    }

    /// <summary>Writes the whole frame. <see cref="Space"/> must be set.</summary>
    /// <param name="writer">Where to.</param>
    public void Write(ref FrameWriter writer)
    {
        RoomSpace space = Space ?? throw new InvalidOperationException("Joined.Space must be set before writing.");
        writer.BeginFrame();
        writer.WriteVarint(Sequence);
        writer.WriteBytes8(RoomUtf8);
        writer.WriteUInt64(Epoch);
        writer.WriteVarint(Member);
        writer.WriteVarint(Slot);
        writer.WriteByte(Generation);
        space.Write(ref writer);
        writer.WriteVarint(TickMicros);
        writer.WriteVarint(AgeUnitMicros);
        writer.WriteVarint(Capacity);
        writer.WriteVarint(MaxObjects);
        writer.WriteVarint(MaxValue);
        if (Roles.IsEmpty)
        {
            // Left out: no roles, which is a count of 0 on the wire.
            writer.WriteByte(0);
        }

        writer.WriteRaw(Roles);
        writer.EndFrame(FrameType.Joined);
    }
}
