using Relay.Client.Transport;
using Relay.Protocol;
using Relay.Protocol.Frames;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;
using Relay.Protocol.Transforms;

namespace Relay.Client;

/// <content>Objects: making, changing, owning, locking. protocol-spec.md §11.3 and §11.5.</content>
public sealed partial class RelayClient
{
    /// <summary>Makes an object, which this client owns then. Needs <see cref="RoomPermissions.CreateObjects"/>. protocol-spec.md
    /// §11.3.</summary>
    /// <param name="spec">What it is to be like.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The new object's id. What the server made of it comes as state, before this or after it.</returns>
    /// <exception cref="RelayException">Refused: 4403, 4404 (no such parent), 4411 (value: the object that has the name), 4413 and 4414 and
    /// 4422 (a name or an attribute's value; the tree has too many levels), 4424 (the place), 4432 (too many objects or attributes), 4439,
    /// 4500, 4410 outside a room, 4429; or too much waits while away (1013), the message is too long (1009), the answer was lost (1006), or
    /// the client ended.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">A parent is given by id and by name, a text does not fit 255 bytes, an attribute's terms are
    /// none, or the scale is out of range.</exception>
    public async Task<uint> CreateObjectAsync(ObjectSpec spec, CancellationToken cancellationToken = default) =>
        (uint)await AskAsync(DraftOf(spec, Room), cancellationToken).ConfigureAwait(false);

    /// <summary>Changes an object: what is left out stays. Needs <see cref="RoomPermissions.CreateObjects"/> for one's own object,
    /// <see cref="RoomPermissions.EditObjects"/> for another's. protocol-spec.md §11.3.</summary>
    /// <param name="id">Which object.</param>
    /// <param name="parent">The object that it moves under with all that is under it; 0 for the root.</param>
    /// <param name="type">Its type.</param>
    /// <param name="name">Its name; empty for none.</param>
    /// <param name="flags"><see cref="ObjectFlags.Persistent"/> and <see cref="ObjectFlags.Fixed"/>, both as they are to be; nothing
    /// else.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4404, 4411 (value: the object that has the name), 4414 (limit: levels), 4415 (value: the
    /// parent), 4421 (value: who has locked it), 4422; and as for <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">A text does not fit 255 bytes, or there are other flags.</exception>
    public Task UpdateObjectAsync(
        uint id,
        uint? parent = null,
        string? type = null,
        string? name = null,
        ObjectFlags? flags = null,
        CancellationToken cancellationToken = default)
    {
        if (((flags ?? 0) & ~(ObjectFlags.Persistent | ObjectFlags.Fixed)) != 0)
        {
            throw new ArgumentException("Only Persistent and Fixed can be changed.", nameof(flags));
        }

        byte[] frame = new byte[600];
        var writer = new FrameWriter(frame);
        new UpdateObject
        {
            Object = id,
            Fields = (parent is null ? 0 : ObjectFields.Parent) | (type is null ? 0 : ObjectFields.Type) |
                (name is null ? 0 : ObjectFields.Name) | (flags is null ? 0 : ObjectFields.Flags),
            Parent = parent ?? 0,
            TypeUtf8 = ShortText.Encode(type ?? "", "A type", nameof(type)),
            NameUtf8 = ShortText.Encode(name ?? "", "A name", nameof(name)),
            Flags = flags ?? 0,
        }.Write(ref writer);
        return AskAsync(Draft.From(frame, writer.Written), cancellationToken);
    }

    /// <summary>Removes an object, all that is under it, and all their attributes. Needs <see cref="RoomPermissions.CreateObjects"/> for
    /// one's own object, <see cref="RoomPermissions.EditObjects"/> for another's. protocol-spec.md §11.3.</summary>
    /// <param name="id">Which object.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403, 4404, 4421 (value: who has locked it); and as for
    /// <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task RemoveObjectAsync(uint id, CancellationToken cancellationToken = default)
    {
        byte[] frame = new byte[32];
        var writer = new FrameWriter(frame);
        new RemoveObject { Object = id }.Write(ref writer);
        return AskAsync(Draft.From(frame, writer.Written), cancellationToken);
    }

    /// <summary>Copies an object and all that is under it, with the attributes that are cloneable and that this client sees. This client
    /// owns the copies. Needs <see cref="RoomPermissions.CreateObjects"/>. protocol-spec.md §11.3.</summary>
    /// <param name="id">Which object.</param>
    /// <param name="parent">The object that the copy comes under; default 0, the root.</param>
    /// <param name="name">The name of the topmost copy, which nothing else may have; default none. The others have none.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <returns>The id of the topmost copy.</returns>
    /// <exception cref="RelayException">Refused: 4404, 4411, 4414, 4422, 4432; and as for <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentException">The name does not fit 255 bytes.</exception>
    public async Task<uint> CloneObjectAsync(uint id, uint parent = 0, string name = "", CancellationToken cancellationToken = default)
    {
        byte[] frame = new byte[300];
        int written = Write(frame, ShortText.Encode(name, "A name", nameof(name)));
        return (uint)await AskAsync(Draft.From(frame, written), cancellationToken).ConfigureAwait(false);

        int Write(byte[] destination, byte[] utf8)
        {
            var writer = new FrameWriter(destination);
            new CloneObject { Object = id, Parent = parent, NameUtf8 = utf8 }.Write(ref writer);
            return writer.Written;
        }
    }

    /// <summary>Makes this client the owner of an object. Of several that take it at once from the same owner exactly one gets it. Needs
    /// <see cref="RoomPermissions.TakeObjects"/>. protocol-spec.md §11.5.</summary>
    /// <param name="id">Which object.</param>
    /// <param name="expectedOwner">The member that owns it now, 0 for nobody: <see cref="RoomObject.Owner"/>.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4412 (value: the present owner), 4403 (also for an object that is fixed), 4404, 4421
    /// (value: who has locked it), 4432; and as for <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task TakeAsync(uint id, uint expectedOwner, CancellationToken cancellationToken = default) =>
        ClaimAsync(id, ClaimAction.Take, expectedOwner, cancellationToken);

    /// <summary>Makes another member the owner of an object. For its owner, or with <see cref="RoomPermissions.EditObjects"/>.
    /// protocol-spec.md §11.5.</summary>
    /// <param name="id">Which object.</param>
    /// <param name="member">The new owner.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403, 4404 (no such object or member), 4421 (value: who has locked it), 4432; and as for
    /// <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task GiveAsync(uint id, uint member, CancellationToken cancellationToken = default) =>
        ClaimAsync(id, ClaimAction.Give, member, cancellationToken);

    /// <summary>Leaves an object without an owner. For its owner, or with <see cref="RoomPermissions.EditObjects"/>. protocol-spec.md
    /// §11.5.</summary>
    /// <param name="id">Which object.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403, 4404, 4421 (value: who has locked it); and as for
    /// <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task ReleaseAsync(uint id, CancellationToken cancellationToken = default) =>
        ClaimAsync(id, ClaimAction.Release, 0, cancellationToken);

    /// <summary>
    /// Locks an object: until it is unlocked, gets another owner, the time is up or this client leaves the room, others can neither move
    /// nor change it. Again: anew for so long from now on. For its owner, or anybody if there is none; needs
    /// <see cref="RoomPermissions.LockObjects"/>. protocol-spec.md §11.5.
    /// </summary>
    /// <param name="id">Which object.</param>
    /// <param name="duration">How long, in whole milliseconds up to 2^32 − 1 (49 days), kept to a quarter of a second; default
    /// <c>null</c>: no end.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403, 4404, 4421 (value: who has locked it); and as for
    /// <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The duration is not positive, or too long.</exception>
    public Task LockAsync(uint id, TimeSpan? duration = null, CancellationToken cancellationToken = default) =>
        ClaimAsync(id, ClaimAction.Lock, Units(duration, TimeSpan.FromMilliseconds(1), nameof(duration)), cancellationToken);

    /// <summary>Ends the lock of an object. For its holder, or with <see cref="RoomPermissions.EditObjects"/>. protocol-spec.md
    /// §11.5.</summary>
    /// <param name="id">Which object.</param>
    /// <param name="cancellationToken">Stops waiting; the request is not taken back.</param>
    /// <exception cref="RelayException">Refused: 4403, 4404; and as for <see cref="CreateObjectAsync"/>.</exception>
    /// <exception cref="RelaySessionLostException">The client came back without its session: it is not known what was done.</exception>
    public Task UnlockAsync(uint id, CancellationToken cancellationToken = default) =>
        ClaimAsync(id, ClaimAction.Unlock, 0, cancellationToken);

    private static Draft DraftOf(ObjectSpec spec, RoomInfo? room)
    {
        if (spec.ParentName is not null && spec.Parent != 0)
        {
            throw new ArgumentException("The parent is given by id or by name, not both.", nameof(spec));
        }

        byte[][] keys = [.. spec.Attributes.Select(static attribute => ShortText.Encode(attribute.Key, "A key", nameof(spec)))];
        int size = 900 + spec.Attributes.Sum(static attribute => InitialAttribute.MaxOverhead + attribute.Value.Bytes.Length);
        byte[] frame = new byte[size];
        var writer = new FrameWriter(frame);
        new CreateObject
        {
            Flags = spec.Flags,
            Parent = spec.Parent,
            ParentNameUtf8 = ShortText.Encode(spec.ParentName ?? "", "A name", nameof(spec)),
            TypeUtf8 = ShortText.Encode(spec.Type, "A type", nameof(spec)),
            NameUtf8 = ShortText.Encode(spec.Name, "A name", nameof(spec)),
        }.Begin(ref writer, keys.Length);
        for (int i = 0; i < keys.Length; i++)
        {
            ObjectAttribute attribute = spec.Attributes[i];
            new InitialAttribute
            {
                Terms = attribute.Terms ?? AttributeTerms.Default,
                KeyUtf8 = keys[i],
                Value = attribute.Value.Bytes.Span,
            }.Write(ref writer);
        }

        if (spec.Place is { } place)
        {
            WritePlace(ref writer, place, spec.PlaceExtension, room);
        }

        writer.EndFrame(FrameType.CreateObject);
        return CreateObject.TryRead(frame.AsSpan(FrameHeader.Size, writer.Written - FrameHeader.Size), out _) == ReadStatus.Ok
            ? Draft.From(frame, writer.Written)
            : throw new ArgumentException("An attribute has terms that there are not.", nameof(spec));
    }

    private static void WritePlace(ref FrameWriter writer, in Transform place, TransformExtension extension, RoomInfo? room)
    {
        Check(extension);
        if (room is null)
        {
            throw Refused(CloseCode.NotInRoom, "A place is told by the measures of the room, and the client is in none.");
        }

        if (room.Space.TryPack(place, out PackedTransform packed) is not PackStatus.Ok and var status)
        {
            throw status == PackStatus.OutOfBounds
                ? Refused(CloseCode.OutOfBounds, "The place lies outside the room.")
                : Refused(CloseCode.BadValue, "A coordinate of the place is not a finite number.");
        }

        TransformRecord.Write(ref writer, room.Space, packed, extension);

        static RelayException Refused(CloseCode code, string text) => new(new Refusal(FrameType.CreateObject, 0, code, 0, 0, text));
    }

    /// <summary>A duration in whole units, rounded up; 0 for no end.</summary>
    private static uint Units(TimeSpan? duration, TimeSpan unit, string parameter)
    {
        if (duration is not { } time)
        {
            return 0;
        }

        double units = Math.Ceiling((double)time.Ticks / unit.Ticks);
        return units is >= 1 and <= uint.MaxValue
            ? (uint)units
            : throw new ArgumentOutOfRangeException(
                parameter, time, $"The time must be more than zero and at most {uint.MaxValue} times {unit}.");
    }

    private Task<ulong> ClaimAsync(uint id, ClaimAction action, uint argument, CancellationToken cancellationToken)
    {
        byte[] frame = new byte[32];
        var writer = new FrameWriter(frame);
        new Claim { Object = id, Action = action, Argument = argument }.Write(ref writer);
        return AskAsync(Draft.From(frame, writer.Written), cancellationToken);
    }
}
