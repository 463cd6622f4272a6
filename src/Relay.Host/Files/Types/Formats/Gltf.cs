namespace Relay.Host.Files.Types.Formats;

/// <summary>glTF 2.0 as JSON. It is told from other JSON by its first property.</summary>
internal sealed class Gltf : Format
{
    private static readonly string[] Properties =
    [
        "accessors", "animations", "asset", "buffers", "bufferViews", "cameras", "extensions", "extensionsRequired", "extensionsUsed",
        "extras", "images", "materials", "meshes", "nodes", "samplers", "scene", "scenes", "skins", "textures",
    ];

    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> rest = head.TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty)
        {
            return Sniffed.TooShort;
        }

        if (rest[0] != '{')
        {
            return null;
        }

        rest = rest[1..].TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty)
        {
            return Sniffed.TooShort;
        }

        if (rest[0] != '"')
        {
            return null;
        }

        foreach (string property in Properties)
        {
            Sniffed? sniffed = BySignature(rest, System.Text.Encoding.ASCII.GetBytes($"\"{property}\""), FileType.Gltf);
            if (sniffed is not null)
            {
                return sniffed;
            }
        }

        return null;
    }

    public override ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type) =>
        GltfJson.InspectAsync(reader, 0, reader.Length, type);
}
