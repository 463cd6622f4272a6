namespace Relay.Host.Api.Rooms;

/// <summary>A room as one file: what it is like, and everything in it that is persistent. People, roles and bans are not in it.</summary>
internal sealed record RoomFile
{
    /// <summary>The version that this program writes, and the newest that it reads.</summary>
    public const int Newest = 1;

    /// <summary>What the file is.</summary>
    public const string Kind = "relay-room";

    /// <summary><see cref="Kind"/>.</summary>
    public required string Format { get; init; }

    /// <summary>The version of the format: 1.</summary>
    public required int Version { get; init; }

    /// <summary>The room's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its title.</summary>
    public string Title { get; set; } = "";

    /// <summary>Its description.</summary>
    public string Description { get; set; } = "";

    /// <summary>Its settings.</summary>
    public RoomSettings Settings { get; set; } = new();

    /// <summary>The highest id that an object ever had.</summary>
    public uint LastObject { get; init; }

    /// <summary>Its objects, parents before their children.</summary>
    public IReadOnlyList<FileObject> Objects { get; set; } = [];

    /// <summary>Attributes of the room and its objects.</summary>
    public IReadOnlyList<FileAttribute> Attributes { get; set; } = [];
}

/// <summary>An object in a file.</summary>
internal sealed record FileObject
{
    /// <summary>Its id.</summary>
    public required uint Id { get; init; }

    /// <summary>The object under which it stands; 0 for the root.</summary>
    public uint Parent { get; init; }

    /// <summary>The name of the parent that it waits for.</summary>
    public string AwaitedParent { get; set; } = "";

    /// <summary>Persistent 1, placed 2, fixed 4: as on the wire.</summary>
    public required byte Flags { get; init; }

    /// <summary>What it is.</summary>
    public string Type { get; set; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Whether the server made it.</summary>
    public bool IsServers { get; init; }

    /// <summary>x, y, z in metres, a unit quaternion x, y, z, w, and the scale if there is one; null for nowhere.</summary>
    public IReadOnlyList<double>? Place { get; init; }
}

/// <summary>An attribute in a file.</summary>
internal sealed record FileAttribute
{
    /// <summary>The object; 0 for the room.</summary>
    public uint Object { get; init; }

    /// <summary>Its key.</summary>
    public required string Key { get; init; }

    /// <summary>Its flags, as on the wire.</summary>
    public required byte Flags { get; init; }

    /// <summary>Who sees it: kind and argument, as on the wire.</summary>
    public required IReadOnlyList<uint> Readers { get; init; }

    /// <summary>Who writes it: kind and argument, as on the wire.</summary>
    public required IReadOnlyList<uint> Writers { get; init; }

    /// <summary>One MessagePack value, in base64.</summary>
    public required byte[] Value { get; init; }
}
