using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>A box of an ISO media file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Body">Where that begins which is in it.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct IsoBox(FourCc Name, long Body, long End);

/// <summary>The boxes of a file that say what is in it.</summary>
/// <param name="Meta">Pictures; null if there is none.</param>
/// <param name="Movie">Tracks; null if there is none.</param>
/// <param name="HasData">Whether there is that of which these speak.</param>
internal readonly record struct IsoFile(IsoBox? Meta, IsoBox? Movie, bool HasData);

/// <summary>The ISO base media file format (ISO/IEC 14496-12), the container of MP4 and AVIF: boxes in boxes.</summary>
internal static class Iso
{
    // A recording in fragments may have a hundred thousand boxes, and each costs a read at another place. Players see them as they get
    // there.
    private const int MostTopBoxes = 1_000;

    /// <summary>Reads the brands that a file begins with: the major one, and then those that it is compatible with.</summary>
    /// <param name="head">The first bytes of the file.</param>
    /// <param name="isTooShort">Whether they end before the brands do.</param>
    /// <returns>The brands, at least the major one; null if the file does not begin so.</returns>
    public static FourCc[]? ReadBrands(ReadOnlySpan<byte> head, out bool isTooShort)
    {
        // The first two bytes of the box's length are zero, for so much has room in a head.
        bool mayBe = head is [] or [0] or [0, 0, ..];
        isTooShort = mayBe && head.Length < 8 && (head.Length <= 4 || "ftyp"u8.StartsWith(head[4..]));
        if (!mayBe || isTooShort || !head[4..].StartsWith("ftyp"u8))
        {
            return null;
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length is < 16 or > FileTypes.HeadLength || length % 4 != 0)
        {
            return null;
        }

        isTooShort = length > head.Length;
        if (isTooShort)
        {
            return null;
        }

        // The version of the major brand is between it and the others.
        var brands = new FourCc[((int)length / 4) - 3];
        for (int i = 0; i < brands.Length; i++)
        {
            brands[i] = FourCc.Read(head[(i == 0 ? 8 : 12 + (4 * i))..]);
        }

        return brands;
    }

    /// <summary>Walks through the boxes that are in no other.</summary>
    /// <param name="reader">The file.</param>
    /// <returns>Null if they do not fill the file.</returns>
    public static async ValueTask<IsoFile?> ReadFileAsync(ContentReader reader)
    {
        IsoBox? meta = null, movie = null;
        bool hasData = false;
        long offset = 0;
        for (int count = 0; offset < reader.Length && count < MostTopBoxes; count++)
        {
            if (await ReadAsync(reader, offset, reader.Length).ConfigureAwait(false) is not { } box)
            {
                return null;
            }

            meta ??= box.Name.Is("meta") ? box : null;
            movie ??= box.Name.Is("moov") ? box : null;
            hasData |= box.Name.Is("mdat");
            offset = box.End;
        }

        return new IsoFile(meta, movie, hasData);
    }

    /// <summary>Reads the head of a box.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="offset">Where it begins.</param>
    /// <param name="end">Where that ends in which it is.</param>
    /// <returns>Null if it does not fit in there.</returns>
    public static async ValueTask<IsoBox?> ReadAsync(ContentReader reader, long offset, long end)
    {
        if (!reader.TakePart() || !await reader.SeeAsync(offset, 8).ConfigureAwait(false))
        {
            return null;
        }

        ulong length = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen), room = (ulong)(end - offset);
        FourCc name = FourCc.Read(reader.Seen[4..]);
        long body = offset + 8;
        if (length == 1)
        {
            body += 8;
            if (!await reader.SeeAsync(offset, 16).ConfigureAwait(false))
            {
                return null;
            }

            length = BinaryPrimitives.ReadUInt64BigEndian(reader.Seen[8..]);
        }
        else if (length == 0)
        {
            // The last one, of a length that was not known when it was begun.
            length = room;
        }

        if (length > room)
        {
            reader.Fail(end == reader.Length ? reader.CutOff : Inspection.Unsound($"its box {name} is longer than what it is in"));
            return null;
        }

        if (length < (ulong)(body - offset))
        {
            reader.Fail(Inspection.Unsound($"its box {name} is shorter than its head"));
            return null;
        }

        return new IsoBox(name, body, offset + (long)length);
    }

    /// <summary>Finds the first box of a name in another.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="from">Where the boxes in the other begin.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="name">The name.</param>
    /// <returns>Null if there is none; what should have it is no good then.</returns>
    public static async ValueTask<IsoBox?> FindAsync(ContentReader reader, long from, long end, string name)
    {
        while (from < end)
        {
            if (await ReadAsync(reader, from, end).ConfigureAwait(false) is not { } box)
            {
                return null;
            }

            if (box.Name.Is(name))
            {
                return box;
            }

            from = box.End;
        }

        reader.Fail(Inspection.Unsound($"it has no box {name} where one should be"));
        return null;
    }
}
