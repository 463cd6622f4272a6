namespace Relay.Host.Files.Types;

/// <summary>What a type of file is for; limits of size go by it.</summary>
internal enum FileKind
{
    /// <summary>A picture, still or animated.</summary>
    Image,

    /// <summary>Sound.</summary>
    Audio,

    /// <summary>Moving pictures; files of this kind may also hold sound alone.</summary>
    Video,

    /// <summary>A 3D model.</summary>
    Model,

    /// <summary>A document.</summary>
    Document,
}
