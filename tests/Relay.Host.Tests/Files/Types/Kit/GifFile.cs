namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes GIF. Its codes have 8 bits each and are started again before they would have more: so pixels are bytes.</summary>
internal static class GifFile
{
    public static byte[] End { get; } = [0x3B];

    public static byte[] Of(int width, int height, int frames = 1, params byte[][] others) =>
        Bytes.Join([Screen(width, height), .. others, .. Enumerable.Range(0, frames).Select(i => Frame(width, height, i % 2)), End]);

    /// <summary>Many frames of one pixel each, on a screen of any size.</summary>
    public static byte[] Claim(int width, int height, int frames)
    {
        var file = new Bytes().Add(Screen(width, height));
        byte[] frame = Frame(1, 1);
        for (int i = 0; i < frames; i++)
        {
            file.Add(frame);
        }

        return file.Add(End).ToArray();
    }

    public static byte[] Screen(int width, int height) =>
        Bytes.Join(Bytes.Text("GIF89a"), Bytes.Little16(width), Bytes.Little16(height), [0xF0, 0, 0, 0, 0, 0, 255, 255, 255]);

    public static byte[] Frame(int width, int height, int colour = 0)
    {
        var codes = new Bytes();
        for (int left = width * height; left > 0; left -= 126)
        {
            codes.Add(0x80).Add([.. Enumerable.Repeat((byte)colour, Math.Min(left, 126))]);
        }

        return Bytes.Join(
            Graphics(), [0x2C, 0, 0, 0, 0], Bytes.Little16(width), Bytes.Little16(height), [0, 7], Blocks(codes.Add(0x81).ToArray()));
    }

    public static byte[] Comment(string text) => Bytes.Join([0x21, 0xFE], Blocks(Bytes.Text(text)));

    private static byte[] Graphics() => [0x21, 0xF9, 4, 0, 10, 0, 0, 0];

    private static byte[] Blocks(byte[] data) => [.. data.Chunk(255).SelectMany(block => (byte[])[(byte)block.Length, .. block]), 0];
}
