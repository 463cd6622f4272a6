namespace Relay.Host.Files;

/// <summary>An upload that was begun.</summary>
internal sealed record UploadRow
{
    /// <summary>Its id: 22 characters that nobody guesses.</summary>
    public required string Id { get; init; }

    /// <summary>Whose.</summary>
    public required string Account { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Who may see it then: a <see cref="FileVisibility"/> in small letters.</summary>
    public required string Visibility { get; init; }

    /// <summary>Whose members may see it then, if it is a room's.</summary>
    public string? Room { get; init; }

    /// <summary>Bytes that were announced; null for no word about it.</summary>
    public long? Length { get; init; }

    /// <summary>Bytes that were set aside for it.</summary>
    public long Reserved { get; init; }

    /// <summary>When it was begun, in Unix milliseconds.</summary>
    public long Created { get; init; }

    /// <summary>When it goes, in Unix milliseconds.</summary>
    public long Expires { get; init; }

    /// <summary>What it is called in the store, once that is known.</summary>
    public string? File { get; init; }

    /// <summary>Whether the file is there.</summary>
    public bool IsDone { get; init; }

    /// <summary>SHA-256 of the file that it has become, in hex.</summary>
    public string? Hash { get; init; }
}
