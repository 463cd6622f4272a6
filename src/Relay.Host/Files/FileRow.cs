namespace Relay.Host.Files;

/// <summary>A content in the store, and, where it was asked for with one, somebody's holding of it.</summary>
internal sealed record FileRow
{
    /// <summary>What it is called in the store, 64 hex digits.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of the content in hex.</summary>
    public required string Hash { get; init; }

    /// <summary>Bytes of content.</summary>
    public long Length { get; init; }

    /// <summary>The media type that the content was found to be of.</summary>
    public required string Type { get; init; }

    /// <summary>Of images, in pixels, as they are shown.</summary>
    public long? Width { get; init; }

    /// <summary>Of images, in pixels, as they are shown.</summary>
    public long? Height { get; init; }

    /// <summary>Of an animation how many; 1 for any other image, 0 for what is none.</summary>
    public long Frames { get; init; }

    /// <summary>Whose the holding is.</summary>
    public string Account { get; init; } = "";

    /// <summary>What its owner calls it: anything but a path.</summary>
    public string Name { get; init; } = "";

    /// <summary>Who may see it: a <see cref="FileVisibility"/> in small letters.</summary>
    public string Visibility { get; init; } = "owner";

    /// <summary>Whether anybody may see it.</summary>
    public bool IsPublic => Visibility == "public";

    /// <summary>Whose members may see it, if it is a room's.</summary>
    public string? Room { get; init; }

    /// <summary>When it came, in Unix milliseconds.</summary>
    public long Created { get; init; }

    /// <summary>When it goes, in Unix milliseconds, unless it is in a room by then; null: it was claimed.</summary>
    public long? Expires { get; init; }
}
