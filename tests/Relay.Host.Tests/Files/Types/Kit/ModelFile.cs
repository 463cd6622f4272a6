namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes glTF: one triangle.</summary>
internal static class ModelFile
{
    private static readonly byte[] Triangle = Bytes.Join([.. new float[] { 0, 0, 0, 1, 0, 0, 0, 1, 0 }.Select(BitConverter.GetBytes)]);

    public static string Json(string buffer, string version = "2.0") =>
        $$$"""
        {"asset":{"version":"{{{version}}}","generator":"a test"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
        "meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
        "accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],
        "bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{{{{buffer}}}"byteLength":36}]}
        """;

    public static byte[] Gltf() =>
        Bytes.Text(Json($"\"uri\":\"data:application/octet-stream;base64,{Convert.ToBase64String(Triangle)}\","));

    public static byte[] Glb(params byte[][] others) => Glb(Json(""), [Chunk("BIN\0", Triangle), .. others]);

    public static byte[] Glb(string json, params byte[][] others)
    {
        byte[] chunks = Bytes.Join([Chunk("JSON", Bytes.Text(json.PadRight((json.Length + 3) / 4 * 4))), .. others]);
        return Bytes.Join(Bytes.Text("glTF"), Bytes.Little32(2), Bytes.Little32(12 + chunks.Length), chunks);
    }

    public static byte[] Chunk(string name, byte[] data) => Bytes.Join(Bytes.Little32(data.Length), Bytes.Text(name), data);
}
