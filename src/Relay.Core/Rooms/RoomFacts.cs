using Relay.Core.Rooms.World;
using Relay.Protocol.MessagePack;
using Relay.Protocol.Messages;

namespace Relay.Core.Rooms;

/// <summary>
/// The room's attribute <c>relay.room</c>: how it is set up, for its members to see. The server alone writes it, field by field, so that
/// whoever shows the settings learns which of them are stale. protocol-spec.md §11.2.
/// </summary>
internal static class RoomFacts
{
    private const int MaxField = 4 * 1024;

    private static readonly byte[] Capacity = Text("capacity"), Roles = Text("roles");

    private static readonly AttributeTerms Terms =
        new(AttributeFlags.None, new Access(AccessKind.Everyone), new Access(AccessKind.Roles));

    public static ReadOnlySpan<byte> KeyUtf8 => "relay.room"u8;

    /// <summary>Says what is wrong with <see cref="RoomOptions.Info"/>, if anything.</summary>
    public static string? Check(RoomOptions options)
    {
        if (options.Info.IsEmpty)
        {
            return null;
        }

        var limits = new MessagePackLimits { MaxBytes = options.MaxAttributeBytes, MaxDepth = options.MaxAttributeDepth, MaxNodes = 1024 };
        MessagePackVerdict verdict = MessagePackValidator.Check(options.Info.Span, limits);
        if (verdict.Status != MessagePackStatus.Ok)
        {
            return $"must be one MessagePack map of at most {options.MaxAttributeBytes} bytes: " +
                $"{verdict.Status} at byte {verdict.Position}.";
        }

        return TryRead(options.Info.Span, out _)
            ? null
            : "must be a MessagePack map whose keys are strings of at most 253 bytes other than capacity and roles.";
    }

    /// <summary>Tells how a room is set up now: makes the attribute, or changes what is different.</summary>
    public static void Tell(Room room)
    {
        List<Field> now = FieldsOf(room);
        if (room.World.Attributes.Find(KeyUtf8) is not { } told)
        {
            byte[] value = Map(now);
            AttributeDeeds.AddNew(room.World, null, AttributeTarget.OfRoom(), KeyUtf8, Terms, value);
            room.World.News.Publish();
            return;
        }

        TryRead(told.Value, out List<Field> before, isOurs: true);
        foreach (Field field in now)
        {
            if (!before.Exists(old => old.Key.AsSpan().SequenceEqual(field.Key) && old.Value.AsSpan().SequenceEqual(field.Value)))
            {
                Change(room.World, told, AttributeOperation.Merge, field);
            }
        }

        foreach (Field gone in before)
        {
            if (!now.Exists(field => field.Key.AsSpan().SequenceEqual(gone.Key)))
            {
                Change(room.World, told, AttributeOperation.RemovePath, gone);
            }
        }
    }

    private static void Change(RoomWorld world, StoredAttribute told, AttributeOperation operation, Field field) =>
        AttributeDeeds.Merge(world, told, new SetAttribute
        {
            Operation = operation,
            Target = AttributeTarget.OfRoom(),
            KeyUtf8 = KeyUtf8,
            Path = field.Key,
            Value = operation == AttributeOperation.Merge ? field.Value : default,
        });

    private static List<Field> FieldsOf(Room room)
    {
        byte[] bytes = new byte[MaxField];
        var capacity = new MessagePackWriter(bytes);
        capacity.WriteUInt64((ulong)room.Options.Capacity);
        var fields = new List<Field> { new(Capacity, capacity.WrittenSpan.ToArray()) };
        var roles = new MessagePackWriter(bytes);
        roles.WriteArrayHeader(room.Roles.Count);
        foreach (RoomRole role in room.Roles)
        {
            roles.WriteMapHeader(2);
            roles.WriteString("name"u8);
            roles.WriteString(role.Name);
            roles.WriteString("permissions"u8);
            roles.WriteUInt64((uint)role.Permissions);
        }

        fields.Add(new Field(Roles, roles.WrittenSpan.ToArray()));
        TryRead(room.Options.Info.Span, out List<Field> given);
        fields.AddRange(given);
        return fields;
    }

    private static byte[] Map(List<Field> fields)
    {
        byte[] bytes = new byte[5 + fields.Sum(field => field.Key.Length + field.Value.Length)];
        var writer = new MessagePackWriter(bytes);
        writer.WriteMapHeader(fields.Count);
        foreach (Field field in fields)
        {
            writer.WriteRaw(field.Key);
            writer.WriteRaw(field.Value);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Takes a map apart.</summary>
    /// <param name="map">The map; empty for none.</param>
    /// <param name="fields">What is in it, keys and values as they are encoded.</param>
    /// <param name="isOurs">Whether it may have the server's own fields.</param>
    /// <returns>False if it is not one, or another than it may be.</returns>
    private static bool TryRead(ReadOnlySpan<byte> map, out List<Field> fields, bool isOurs = false)
    {
        fields = [];
        if (map.IsEmpty)
        {
            return true;
        }

        var reader = new MessagePackReader(map);
        if (reader.TryReadMapHeader(out int count) != MessagePackStatus.Ok)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (reader.PeekType() != MessagePackType.String || reader.TryReadString(out ReadOnlySpan<byte> name) != MessagePackStatus.Ok ||
                reader.TryReadRaw(out ReadOnlySpan<byte> value) != MessagePackStatus.Ok)
            {
                return false;
            }

            byte[] key = Text(name);
            if (!isOurs && (key.Length > byte.MaxValue || key.AsSpan().SequenceEqual(Capacity) || key.AsSpan().SequenceEqual(Roles)))
            {
                return false;
            }

            // Of a key that comes twice the last counts.
            fields.RemoveAll(earlier => earlier.Key.AsSpan().SequenceEqual(key));
            fields.Add(new Field(key, value.ToArray()));
        }

        return true;
    }

    private static byte[] Text(string text) => Text(System.Text.Encoding.UTF8.GetBytes(text));

    private static byte[] Text(ReadOnlySpan<byte> utf8)
    {
        byte[] bytes = new byte[utf8.Length + 5];
        var writer = new MessagePackWriter(bytes);
        writer.WriteString(utf8);
        return writer.WrittenSpan.ToArray();
    }

    private readonly record struct Field(byte[] Key, byte[] Value);
}
