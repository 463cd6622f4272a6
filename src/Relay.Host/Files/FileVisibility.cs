namespace Relay.Host.Files;

/// <summary>Who may see a file, beside its owner and operators.</summary>
internal enum FileVisibility
{
    /// <summary>Its owner alone.</summary>
    Owner,

    /// <summary>Who may enter its room.</summary>
    Room,

    /// <summary>Whoever knows its address.</summary>
    Public,
}

/// <summary>As it is written.</summary>
internal static class FileVisibilityWords
{
    /// <summary>The word: <c>owner</c>, <c>room</c> or <c>public</c>.</summary>
    public static string ToWord(this FileVisibility visibility) => visibility switch
    {
        FileVisibility.Public => "public",
        FileVisibility.Room => "room",
        _ => "owner",
    };

    /// <summary>Reads the word.</summary>
    /// <returns>Null if it is none.</returns>
    public static FileVisibility? Parse(string word) => word switch
    {
        "public" => FileVisibility.Public,
        "room" => FileVisibility.Room,
        "owner" => FileVisibility.Owner,
        _ => null,
    };
}
