namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes WAV, and WebP of one colour, whose codes have no bits at all: any size takes 25 bytes.</summary>
internal static class RiffFile
{
    public static byte[] Wav(int samples, params byte[][] others) => Riff("WAVE", [
        Chunk("fmt ", Bytes.Join(
            Bytes.Little16(1), Bytes.Little16(1), Bytes.Little32(8_000), Bytes.Little32(8_000), Bytes.Little16(1), Bytes.Little16(8))),
        Chunk("data", [.. Enumerable.Repeat((byte)0x80, samples)]),
        .. others]);

    public static byte[] WebP(int width, int height) => Riff("WEBP", Lossless(width, height));

    public static byte[] Animated(int width, int height, int frames) => Riff("WEBP", [
        Extended(width, height, isAnimated: true),
        Chunk("ANIM", new byte[6]),
        .. Enumerable.Repeat(Frame(width, height), frames)]);

    public static byte[] Extended(int width, int height, bool isAnimated) =>
        Chunk("VP8X", Bytes.Join([(byte)(isAnimated ? 2 : 0), 0, 0, 0], Bytes.Little24(width - 1), Bytes.Little24(height - 1)));

    public static byte[] Frame(int width, int height, int x = 0, int y = 0) => Chunk("ANMF", Bytes.Join(
        Bytes.Little24(x / 2), Bytes.Little24(y / 2), Bytes.Little24(width - 1), Bytes.Little24(height - 1), Bytes.Little24(100), [0],
        Lossless(width, height)));

    public static byte[] Lossless(int width, int height)
    {
        // The size, no alpha, version 0; no transform, no cache, one group of codes; then green, red, blue, alpha and distance, each of
        // one symbol of 8 bits (the last of one bit).
        (int Value, int Bits)[] fields =
        [
            (width - 1, 14), (height - 1, 14), (0, 1), (0, 3), (0, 3),
            (0b101, 3), (0x40, 8), (0b101, 3), (0x80, 8), (0b101, 3), (0xC0, 8), (0b101, 3), (0xFF, 8), (0b001, 3), (0, 1),
        ];
        byte[] data = new byte[20];
        data[0] = 0x2F;
        int at = 8;
        foreach ((int value, int bits) in fields)
        {
            for (int bit = 0; bit < bits; bit++, at++)
            {
                data[at / 8] |= (byte)((value >> bit & 1) << (at % 8));
            }
        }

        return Chunk("VP8L", data);
    }

    public static byte[] Riff(string form, params byte[][] chunks)
    {
        byte[] all = Bytes.Join(chunks);
        return Bytes.Join(Bytes.Text("RIFF"), Bytes.Little32(all.Length + 4), Bytes.Text(form), all);
    }

    public static byte[] Chunk(string name, params byte[] data) =>
        Bytes.Join(Bytes.Text(name), Bytes.Little32(data.Length), data, new byte[data.Length % 2]);
}
