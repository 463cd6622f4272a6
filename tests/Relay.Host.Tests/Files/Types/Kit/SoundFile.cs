namespace Relay.Host.Tests.Files.Types.Kit;

/// <summary>Makes MP3, FLAC, Ogg and WebM: all silence.</summary>
internal static class SoundFile
{
    private static readonly byte[] OpusHead = Bytes.Join(Bytes.Text("OpusHead"), [1, 1, 0, 0], Bytes.Little32(48_000), [0, 0, 0]);
    private static readonly byte[] OpusSilence = [0xF8, 0xFF, 0xFE];

    /// <summary>MPEG-1, layer III, 128 kb/s, 44.1 kHz, mono.</summary>
    public static byte[] Mp3(int frames = 6) =>
        Bytes.Join([.. Enumerable.Repeat(Bytes.Join([0xFF, 0xFB, 0x90, 0xC0], new byte[413]), frames)]);

    /// <summary>A tag with so many bytes in it.</summary>
    public static byte[] Id3(int length, bool hasFoot = false) => Bytes.Join(
        Bytes.Text("ID3"),
        [4, 0, (byte)(hasFoot ? 0x10 : 0)],
        [(byte)(length >> 21 & 127), (byte)(length >> 14 & 127), (byte)(length >> 7 & 127), (byte)(length & 127)],
        new byte[length + (hasFoot ? 10 : 0)]);

    /// <summary>44.1 kHz, 16 bits, mono, in blocks of 192 samples that are all the same.</summary>
    public static byte[] Flac(params byte[][] others)
    {
        byte[] information = Bytes.Join(
            Bytes.Big16(192), Bytes.Big16(192), new byte[6], Bytes.Big32((44_100L << 12) | (15 << 4)), Bytes.Big32(192), new byte[16]);
        byte[] head = [0xFF, 0xF8, 0x19, 0x08, 0x00];
        byte[] frame = Bytes.Join(head, [Crc8(head)], [0, 0, 0]);
        return Bytes.Join([
            Bytes.Text("fLaC"), [0, 0, 0, 34], information, .. others, FlacBlock(0x84, Bytes.Join(new byte[4], Bytes.Little32(0))),
            frame, Bytes.Big16(Crc16(frame))]);
    }

    public static byte[] FlacBlock(byte kind, byte[] data) => Bytes.Join([kind], Bytes.Big32(data.Length)[1..], data);

    public static byte[] Ogg() => Bytes.Join(
        OggPage(2, 0, 0, OpusHead),
        OggPage(0, 0, 1, Bytes.Join(Bytes.Text("OpusTags"), Bytes.Little32(4), Bytes.Text("test"), Bytes.Little32(0))),
        OggPage(4, 2_880, 2, OpusSilence, OpusSilence, OpusSilence));

    /// <summary>A page with short packets.</summary>
    public static byte[] OggPage(byte flags, long position, int number, params byte[][] packets)
    {
        byte[] page = Bytes.Join(
            Bytes.Text("OggS"), [0, flags], BitConverter.GetBytes(position), Bytes.Little32(7), Bytes.Little32(number), new byte[4],
            [(byte)packets.Length, .. packets.Select(packet => (byte)packet.Length)], Bytes.Join(packets));
        uint crc = 0;
        foreach (byte each in page)
        {
            crc ^= (uint)each << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = crc >> 31 == 0 ? crc << 1 : (crc << 1) ^ 0x04C11DB7;
            }
        }

        return Bytes.Put(page, 22, Bytes.Little32(crc));
    }

    /// <summary>WebM, or Matroska under its own name; as recorded, without a length, or as written afterwards.</summary>
    public static byte[] WebM(string type = "webm", bool isRecorded = false)
    {
        byte[] head = Element("1A45DFA3",
            Element("4286", [1]), Element("42F7", [1]), Element("42F2", [4]), Element("42F3", [8]),
            Element("4282", Bytes.Text(type)), Element("4287", [4]), Element("4285", [2]));
        byte[] body = Bytes.Join(
            Element("1549A966",
                Element("2AD7B1", [0x0F, 0x42, 0x40]), Element("4D80", Bytes.Text("test")), Element("5741", Bytes.Text("test"))),
            Element("1654AE6B", Element("AE",
                Element("D7", [1]), Element("73C5", [1]), Element("83", [2]),
                Element("86", Bytes.Text("A_OPUS")), Element("63A2", OpusHead),
                Element("E1", Element("B5", [0x47, 0x3B, 0x80, 0x00]), Element("9F", [1])))),
            Element("1F43B675", [
                Element("E7", [0]),
                .. Enumerable.Range(0, 5).Select(i => Element("A3", [0x81, 0, (byte)(20 * i), 0x80], OpusSilence))]));
        return isRecorded
            ? Bytes.Join(head, Convert.FromHexString("18538067"), [0x01, 255, 255, 255, 255, 255, 255, 255], body)
            : Bytes.Join(head, Element("18538067", body));
    }

    /// <summary>An element of EBML, with a length of four bytes.</summary>
    public static byte[] Element(string id, params byte[][] parts)
    {
        byte[] data = Bytes.Join(parts);
        return Bytes.Join(Convert.FromHexString(id), Bytes.Big32(0x10000000 | data.Length), data);
    }

    private static byte Crc8(byte[] bytes)
    {
        int crc = 0;
        foreach (byte each in bytes)
        {
            crc ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80) == 0 ? crc << 1 : (crc << 1) ^ 0x107;
            }
        }

        return (byte)crc;
    }

    private static int Crc16(byte[] bytes)
    {
        int crc = 0;
        foreach (byte each in bytes)
        {
            crc ^= each << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x18005;
            }
        }

        return crc & 0xFFFF;
    }
}
