namespace Relay.Host.Files.Store;

/// <summary>
/// What a sealed file is called where it is kept. Sealed with a master key: its content's hash. Sealed with a token: a keyed hash of that,
/// so that who sees the disk cannot tell whether a file which he knows is there, and the same content under two tokens is two files.
/// </summary>
/// <param name="Hex">64 digits and small letters.</param>
internal readonly record struct FileName(string Hex)
{
    /// <summary>Where it lies, in folders of some hundreds even when there are millions: <c>ab/cd/abcd…</c>.</summary>
    public string Path => $"{Hex[..2]}/{Hex[2..4]}/{Hex}";

    /// <summary>Reads a path that was listed.</summary>
    /// <param name="path">The path, with slashes.</param>
    /// <returns>Null if it is none of ours.</returns>
    public static FileName? Parse(string path)
    {
        bool isName = ContentHash.TryParse(path[(path.LastIndexOf('/') + 1)..], out ContentHash hash);
        return isName && new FileName(hash.Hex) is var name && name.Path == path ? name : null;
    }

    public override string ToString() => Hex;
}
