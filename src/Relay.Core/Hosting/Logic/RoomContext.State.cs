using System.Text;
using Relay.Core.Rooms;
using Relay.Core.Rooms.World;
using Relay.Protocol;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Core.Hosting;

/// <content>Objects beyond their making, attributes, and what may be read.</content>
public sealed partial class RoomContext
{
    /// <summary>Changes an object, or moves it in the tree, whoever owns or has locked it.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">What is to be otherwise.</param>
    /// <param name="expected">What must hold of the object as it is at that moment. Called on the room's thread: it must not wait. Default
    /// null: anything.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <exception cref="RoomRefusedException">4404 no such object or parent, 4411 name taken, 4412 it is not as expected, 4414 too deep,
    /// 4415 under itself, 4422 a name or flags that are not allowed.</exception>
    public Task UpdateObjectAsync(
        uint id, ObjectChange change, Func<ObjectImage, bool>? expected = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        byte[] type = Encoding.UTF8.GetBytes(change.Type ?? ""), name = Encoding.UTF8.GetBytes(change.Name ?? "");
        const ObjectFlags Allowed = ObjectFlags.Persistent | ObjectFlags.Fixed;
        if (change.Flags is { } flags && (flags & ~Allowed) != 0)
        {
            return Refused(new Fault(CloseCode.BadValue, "Only the flags in limit can be asked for.", (byte)Allowed, (byte)flags));
        }

        return _calls.CallAsync(
            (Shard _, Room room, out ulong value) =>
            {
                value = 0;
                return IsAsExpected(room, id, expected, out Fault other) ? ObjectDeeds.Update(
                    room.World,
                    null,
                    new UpdateObject
                    {
                        Object = id,
                        Fields = change.Fields,
                        Parent = change.Parent ?? 0,
                        TypeUtf8 = type,
                        NameUtf8 = name,
                        Flags = change.Flags ?? 0,
                    }) : other;
            },
            cancellationToken);
    }

    /// <summary>Copies an object and everything under it, with the attributes that are cloneable. What is made has no owner.</summary>
    /// <param name="id">Which.</param>
    /// <param name="parent">The object under which the copy stands; 0 for the root.</param>
    /// <param name="name">The copy's name; empty for none.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <returns>The copy's id.</returns>
    /// <exception cref="RoomRefusedException">4404 no such object or parent, 4411 name taken, 4414 too deep, 4422 a name that is not
    /// allowed, 4432 too many.</exception>
    public async Task<uint> CloneObjectAsync(uint id, uint parent = 0, string name = "", CancellationToken cancellationToken = default)
    {
        byte[] nameUtf8 = Encoding.UTF8.GetBytes(name);
        return (uint)await _calls.CallAsync(
            (Shard shard, Room room, out ulong value) =>
            {
                Fault fault = ObjectDeeds.Clone(
                    room.World, null, new CloneObject { Object = id, Parent = parent, NameUtf8 = nameUtf8 }, shard.Now, out uint copy);
                value = copy;
                return fault;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives an object to a member, or to nobody, whoever owns or has locked it.</summary>
    /// <param name="id">Which.</param>
    /// <param name="member">The new owner's id; 0 for nobody.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <exception cref="RoomRefusedException">4404 no such object or member, 4432 the member owns as many as it may.</exception>
    public Task GiveObjectAsync(uint id, uint member, CancellationToken cancellationToken = default) => _calls.CallAsync(
        (Shard _, Room room, out ulong value) =>
        {
            value = 0;
            return room.World.Find(id) is { } given ? ClaimDeeds.HandOn(room.World, null, given, member) : ObjectDeeds.NoSuchObject(id);
        },
        cancellationToken);

    /// <summary>Sets an attribute of the room, an object or a member.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">1 to 64 bytes of UTF-8 without control characters.</param>
    /// <param name="value">One MessagePack value.</param>
    /// <param name="terms">Who sees and who writes it; null for those that it has, or for a new one: everyone sees it, the owner of the
    /// target writes it.</param>
    /// <param name="expected">The version that it must have, 0 for "it must not exist". Default null: any.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <returns>The version that it has now.</returns>
    /// <exception cref="RoomRefusedException">4404 no such object or member, 4412 another version (value), 4413, 4414 or 4422 a value or
    /// key that is not allowed, 4432 too many.</exception>
    public Task<ulong> SetAttributeAsync(
        AttributeTarget target,
        string key,
        ReadOnlyMemory<byte> value,
        AttributeTerms? terms = null,
        ulong? expected = null,
        CancellationToken cancellationToken = default)
    {
        byte[] keyUtf8 = Encoding.UTF8.GetBytes(key), copy = value.ToArray();
        return _calls.CallAsync(
            (Shard _, Room room, out ulong version) => AttributeDeeds.Set(
                room.World,
                null,
                new SetAttribute { Target = target, KeyUtf8 = keyUtf8, Value = copy, Terms = terms, Expected = expected },
                out version),
            cancellationToken);
    }

    /// <summary>Sets a value inside the map that an attribute is; maps on the way, and the attribute, are made if they are not
    /// there.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">1 to 64 bytes of UTF-8 without control characters.</param>
    /// <param name="path">The keys that lead to the place, outermost first; at least one, together at most 255 bytes as
    /// MessagePack.</param>
    /// <param name="value">One MessagePack value.</param>
    /// <param name="terms">As for <see cref="SetAttributeAsync"/>.</param>
    /// <param name="expected">The version that it must have, 0 for "it must not exist". Default null: any.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <returns>The version that it has now.</returns>
    /// <exception cref="RoomRefusedException">As for <see cref="SetAttributeAsync"/>; 4422 also for a path that does not lead
    /// there.</exception>
    public Task<ulong> MergeAttributeAsync(
        AttributeTarget target,
        string key,
        IReadOnlyList<string> path,
        ReadOnlyMemory<byte> value,
        AttributeTerms? terms = null,
        ulong? expected = null,
        CancellationToken cancellationToken = default) =>
        AtPathAsync(AttributeOperation.Merge, target, key, path, value, terms, expected, cancellationToken);

    /// <summary>Removes what is at a path inside the map that an attribute is; if nothing is there, nothing changes but the
    /// version.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="path">The keys that lead to the place, outermost first; at least one, together at most 255 bytes as
    /// MessagePack.</param>
    /// <param name="expected">The version that it must have. Default null: any.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <returns>The version that it has now.</returns>
    /// <exception cref="RoomRefusedException">As for <see cref="MergeAttributeAsync"/>.</exception>
    public Task<ulong> RemoveFromAttributeAsync(
        AttributeTarget target,
        string key,
        IReadOnlyList<string> path,
        ulong? expected = null,
        CancellationToken cancellationToken = default) =>
        AtPathAsync(AttributeOperation.RemovePath, target, key, path, default, null, expected, cancellationToken);

    /// <summary>Deletes an attribute.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="expected">The version that it must have. Default null: any.</param>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <exception cref="RoomRefusedException">4404 no such attribute, 4412 another version (value).</exception>
    public Task DeleteAttributeAsync(
        AttributeTarget target, string key, ulong? expected = null, CancellationToken cancellationToken = default)
    {
        byte[] keyUtf8 = Encoding.UTF8.GetBytes(key);
        return _calls.CallAsync(
            (Shard _, Room room, out ulong version) => AttributeDeeds.Set(
                room.World,
                null,
                new SetAttribute { Operation = AttributeOperation.Delete, Target = target, KeyUtf8 = keyUtf8, Expected = expected },
                out version),
            cancellationToken);
    }

    /// <summary>Copies one attribute.</summary>
    /// <param name="target">What it is of.</param>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="RoomRefusedException">4404 the room has ended.</exception>
    public Task<InspectedAttribute?> FindAttributeAsync(AttributeTarget target, string key, CancellationToken cancellationToken = default)
    {
        byte[] keyUtf8 = Encoding.UTF8.GetBytes(key);
        return AskAsync(
            (_, room) => room.World.AttributesOf(target, make: false)?.Find(keyUtf8) is { } found
                ? new InspectedAttribute(found, RolesOf(room))
                : null,
            cancellationToken);
    }

    /// <summary>Copies the attributes of the room, an object or a member.</summary>
    /// <param name="target">What they are of.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if the object or member is not there.</returns>
    /// <exception cref="RoomRefusedException">4404 the room has ended.</exception>
    public Task<IReadOnlyList<InspectedAttribute>?> AttributesAsync(
        AttributeTarget target, CancellationToken cancellationToken = default) =>
        AskAsync(
            (_, room) => room.World.Has(target) ? RoomInspection.Copy(room.World.AttributesOf(target, make: false), RolesOf(room)) : null,
            cancellationToken);

    /// <summary>Copies one object with its attributes.</summary>
    /// <param name="id">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="RoomRefusedException">4404 the room has ended.</exception>
    public Task<InspectedObject?> FindObjectAsync(uint id, CancellationToken cancellationToken = default) => AskAsync(
        (_, room) => room.World.Find(id) is { } found ? new InspectedObject(found, room, RolesOf(room)) : null, cancellationToken);

    /// <summary>Copies objects with their attributes, in the order of their ids.</summary>
    /// <param name="after">Only those with higher ids: the last id of the page before. Default 0: from the first.</param>
    /// <param name="most">The most that are told. Default <see cref="RelayInspector.DefaultMostObjects"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RoomRefusedException">4404 the room has ended.</exception>
    public Task<IReadOnlyList<InspectedObject>> ObjectsAsync(
        uint after = 0, int most = RelayInspector.DefaultMostObjects, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        return AskAsync<IReadOnlyList<InspectedObject>>(
            (_, room) =>
            {
                string[] roles = RolesOf(room);
                return [.. room.World.Objects.Values.Where(made => made.Id > after).OrderBy(made => made.Id).Take(most)
                    .Select(made => new InspectedObject(made, room, roles))];
            },
            cancellationToken);
    }

    /// <summary>Copies who is there, what and how the room stands.</summary>
    /// <param name="mostObjects">The most objects that are told. Default <see cref="RelayInspector.DefaultMostObjects"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RoomRefusedException">4404 the room has ended.</exception>
    public Task<RoomInspection> LookAsync(
        int mostObjects = RelayInspector.DefaultMostObjects, CancellationToken cancellationToken = default) =>
        AskAsync((shard, room) => new RoomInspection(room, shard.Now, mostObjects), cancellationToken);

    private static bool IsAsExpected(Room room, uint id, Func<ObjectImage, bool>? expected, out Fault fault)
    {
        fault = expected is null || room.World.Find(id) is not { } found || expected(new ObjectImage(found, room))
            ? Fault.None
            : new Fault(CloseCode.Conflict, "The object is not as expected any more.", Value: id);
        return fault.IsNone;
    }

    private static string[] RolesOf(Room room) => [.. room.Roles.Select(role => role.Name)];

    private static byte[] Encode(IReadOnlyList<string> path)
    {
        byte[][] keys = [.. path.Select(Encoding.UTF8.GetBytes)];
        var writer = new MessagePackWriter(new byte[keys.Sum(key => key.Length + 5)]);
        foreach (byte[] key in keys)
        {
            writer.WriteString(key);
        }

        return writer.WrittenSpan.ToArray();
    }

    private async Task<T> AskAsync<T>(Func<Shard, Room, T> ask, CancellationToken cancellationToken)
    {
        T answer = default!;
        await _calls.CallAsync(
            (Shard shard, Room room, out ulong value) =>
            {
                value = 0;
                answer = ask(shard, room);
                return Fault.None;
            },
            cancellationToken).ConfigureAwait(false);
        return answer;
    }

    private Task<ulong> AtPathAsync(
        AttributeOperation operation,
        AttributeTarget target,
        string key,
        IReadOnlyList<string> path,
        ReadOnlyMemory<byte> value,
        AttributeTerms? terms,
        ulong? expected,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] keyUtf8 = Encoding.UTF8.GetBytes(key), pathBytes = Encode(path), copy = value.ToArray();
        if (pathBytes.Length is 0 or > byte.MaxValue)
        {
            return Task.FromException<ulong>(new RoomRefusedException(new Fault(
                CloseCode.BadValue, "A path takes 1 to the limit of bytes.", byte.MaxValue, pathBytes.Length)));
        }

        return _calls.CallAsync(
            (Shard _, Room room, out ulong version) => AttributeDeeds.Set(
                room.World,
                null,
                new SetAttribute
                {
                    Operation = operation,
                    Target = target,
                    KeyUtf8 = keyUtf8,
                    Path = pathBytes,
                    Value = copy,
                    Terms = terms,
                    Expected = expected,
                },
                out version),
            cancellationToken);
    }
}
