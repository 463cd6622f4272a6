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
