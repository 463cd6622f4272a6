using Relay.Core.Rooms.Stores;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Host.Tests.Storage.Kit;

/// <summary>Things to store.</summary>
internal static class Sample
{
    /// <summary>What SQL, LIKE, drivers or JSON could take for something else; astral characters and letters with marks among them.</summary>
    public static string[] Awkward { get; } =
    [
        "'; DROP TABLE rooms; --", "\" OR \"\"=\"", @"%_\", "$1 ?1 @room :room", "E'\\x00'", "{\"a\":[1]}", "\U0001F600\U00010348", "e\u0301\u200D\u202E", "Straße İI",
        "tab\tline\nend\u007F", "--", "/*", ";", " ", "\uFFFD\uFFFF",
    ];

    public static AttributeTerms Terms { get; } = new(AttributeFlags.Persistent, new Access(AccessKind.Roles, uint.MaxValue), new Access(AccessKind.Owner));

    public static StoredObject Object(uint id, uint parent = 0, string name = "") => new()
    {
        Id = id,
        Parent = parent,
        Name = name,
        Flags = ObjectFlags.Persistent | ObjectFlags.Placed,
        Type = "ball",
        Creator = "anna",
        Place = Place(id),
    };

    public static StoredPlace Place(double at) => new(new Transform(at, -at, 1e-9, 0.5f, -0.5f, 0.5f, -0.5f), 1.5f);

    public static StoredValue Value(uint o, string user, string key, params byte[] value) => new(new AttributeName(o, user, key), Terms, value);

    /// <summary>A room of many objects, each with some attributes of 16 bytes.</summary>
    public static RoomChanges Large(string room, int objects, int attributes) => new()
    {
        Room = room,
        LastObject = (uint)objects,
        Objects = [.. Enumerable.Range(1, objects).Select(id => Object((uint)id, (uint)(id / 10), $"thing {id}"))],
        Attributes = [.. Enumerable.Range(1, objects).SelectMany(id => Enumerable.Range(0, attributes).Select(key => Value((uint)id, "", $"key{key}", new byte[16])))],
    };
}
