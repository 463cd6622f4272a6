using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>
/// AVIF: an ISO media file of pictures (its <c>meta</c> box), of an animation (<c>moov</c>), or of both. The size that is shown is that of
/// the primary picture, turned if it says so; what is judged is what any part of it claims.
/// </summary>
internal sealed class Avif : Format
{
    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        if (Iso.ReadBrands(head, out bool isTooShort) is not { } brands)
        {
            return isTooShort ? Sniffed.TooShort : null;
        }

        bool mayBe = brands[0].Is("avif") || brands[0].Is("avis") || brands[0].Is("mif1") || brands[0].Is("msf1") || brands[0].Is("miaf");
        return mayBe && Array.Exists(brands, brand => brand.Is("avif") || brand.Is("avis")) ? Sniffed.Known(FileType.Avif) : null;
    }

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        if (await Iso.ReadFileAsync(reader).ConfigureAwait(false) is not { } file)
        {
            return reader.Failure;
        }

        if (!file.HasData)
        {
            return Inspection.Unsound("it has no data");
        }

        (long Width, long Height)? picture = null, film = null;
        long frames = 1;
        if (file.Movie is { } movie)
        {
            if (await ReadTracksAsync(reader, movie).ConfigureAwait(false) is not { } tracks)
            {
                return reader.Failure;
            }

            (film, frames) = ((tracks.Width, tracks.Height), Math.Max(tracks.Frames, 1));
        }

        if (file.Meta is { } meta)
        {
            picture = await ReadItemsAsync(reader, meta).ConfigureAwait(false);
            if (picture is null)
            {
                return reader.Failure;
            }
        }

        if ((picture ?? film) is not { } shown)
        {
            return Inspection.Unsound("it has no picture");
        }

        (long width, long height) = film ?? shown;
        return reader.Limits.Judge(shown.Width, shown.Height, frames)
            ?? reader.Limits.Judge(width, height, frames)
            ?? Inspection.Picture(type, shown.Width, shown.Height, (int)frames);
    }

    /// <summary>Reads the pictures' properties.</summary>
    /// <returns>The size of the primary one; null if there is none, or another is too large.</returns>
    private static async ValueTask<(long Width, long Height)?> ReadItemsAsync(ContentReader reader, IsoBox meta)
    {
        // Meta is a full box: four bytes of version and flags come before what is in it.
        long from = meta.Body + 4;
        if (await Iso.FindAsync(reader, from, meta.End, "pitm").ConfigureAwait(false) is not { } primary
            || await ReadNumberAsync(reader, primary).ConfigureAwait(false) is not { } item
            || await Iso.FindAsync(reader, from, meta.End, "iprp").ConfigureAwait(false) is not { } properties
            || await Iso.FindAsync(reader, properties.Body, properties.End, "ipco").ConfigureAwait(false) is not { } list
            || await Iso.FindAsync(reader, properties.Body, properties.End, "ipma").ConfigureAwait(false) is not { } map
            || await ReadMapAsync(reader, map, item).ConfigureAwait(false) is not { } numbers)
        {
            return null;
        }

        (long Width, long Height)? size = null;
        bool isOnItsSide = false;
        int number = 1;
        for (long offset = list.Body; offset < list.End; number++)
        {
            if (await Iso.ReadAsync(reader, offset, list.End).ConfigureAwait(false) is not { } property)
            {
                return null;
            }

            bool isSize = property.Name.Is("ispe"), isPrimary = numbers.Contains(number);
            if (isSize)
            {
                if (!await reader.SeeAsync(property.Body, 12).ConfigureAwait(false))
                {
                    return null;
                }

                long width = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen[4..]);
                long height = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen[8..]);
                if (reader.Limits.Judge(width, height) is { } problem)
                {
                    reader.Fail(problem);
                    return null;
                }

                size = isPrimary ? (width, height) : size;
            }
            else if (isPrimary && property.Name.Is("irot"))
            {
                if (!await reader.SeeAsync(property.Body, 1).ConfigureAwait(false))
                {
                    return null;
                }

                // In quarters of a turn.
                isOnItsSide = (reader.Seen[0] & 1) != 0;
            }

            offset = property.End;
        }

        if (size is not { } known)
        {
            reader.Fail(Inspection.Unsound("it does not say how large it is"));
            return null;
        }

        return isOnItsSide ? (known.Height, known.Width) : known;
    }

    /// <summary>Reads the number in a full box: of two bytes in version 0, of four in others.</summary>
    private static async ValueTask<uint?> ReadNumberAsync(ContentReader reader, IsoBox box)
    {
        if (!await reader.SeeAsync(box.Body, 6).ConfigureAwait(false))
        {
            return null;
        }

        if (reader.Seen[0] == 0)
        {
            return BinaryPrimitives.ReadUInt16BigEndian(reader.Seen[4..]);
        }

        return await reader.SeeAsync(box.Body, 8).ConfigureAwait(false) ? BinaryPrimitives.ReadUInt32BigEndian(reader.Seen[4..]) : null;
    }

    /// <summary>Finds the properties of an item.</summary>
    /// <returns>Their numbers, counted from 1.</returns>
    private static async ValueTask<int[]?> ReadMapAsync(ContentReader reader, IsoBox map, uint item)
    {
        if (!await reader.SeeAsync(map.Body, 8).ConfigureAwait(false))
        {
            return null;
        }

        int idLength = reader.Seen[0] == 0 ? 2 : 4, length = (reader.Seen[3] & 1) == 0 ? 1 : 2;
        uint entries = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen[4..]);
        for (long offset = map.Body + 8; entries > 0 && offset < map.End; entries--)
        {
            if (!reader.TakePart() || !await reader.SeeAsync(offset, idLength + 1).ConfigureAwait(false))
            {
                return null;
            }

            uint id = idLength == 2 ? BinaryPrimitives.ReadUInt16BigEndian(reader.Seen) : BinaryPrimitives.ReadUInt32BigEndian(reader.Seen);
            int count = reader.Seen[idLength];
            offset += idLength + 1;
            if (id == item)
            {
                return await reader.SeeAsync(offset, count * length).ConfigureAwait(false) ? Numbers(reader.Seen, length) : null;
            }

            offset += count * length;
        }

        reader.Fail(Inspection.Unsound("its picture has no properties"));
        return null;
    }

    /// <summary>Each has a bit in front that says whether it must be understood.</summary>
    private static int[] Numbers(ReadOnlySpan<byte> bytes, int length)
    {
        int[] numbers = new int[bytes.Length / length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = length == 1 ? bytes[i] & 0x7F : BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]) & 0x7FFF;
        }

        return numbers;
    }

    /// <summary>Reads what the tracks of an animation claim.</summary>
    /// <returns>The largest of each; null if something is wrong with one.</returns>
    private static async ValueTask<(long Width, long Height, long Frames)?> ReadTracksAsync(ContentReader reader, IsoBox movie)
    {
        (long Width, long Height, long Frames) most = default;
        for (long offset = movie.Body; offset < movie.End;)
        {
            if (await Iso.ReadAsync(reader, offset, movie.End).ConfigureAwait(false) is not { } track)
            {
                return null;
            }

            offset = track.End;
            if (!track.Name.Is("trak"))
            {
                continue;
            }

            if (await Iso.FindAsync(reader, track.Body, track.End, "tkhd").ConfigureAwait(false) is not { } head
                || await Iso.FindAsync(reader, track.Body, track.End, "mdia").ConfigureAwait(false) is not { } media
                || await Iso.FindAsync(reader, media.Body, media.End, "minf").ConfigureAwait(false) is not { } information
                || await Iso.FindAsync(reader, information.Body, information.End, "stbl").ConfigureAwait(false) is not { } table
                || await Iso.FindAsync(reader, table.Body, table.End, "stsz").ConfigureAwait(false) is not { } samples)
            {
                return null;
            }

            // Both end a track's head, in numbers of 16 bits and as many behind the point.
            if (!await reader.SeeAsync(head.End - 8, 8).ConfigureAwait(false))
            {
                return null;
            }

            int width = BinaryPrimitives.ReadUInt16BigEndian(reader.Seen), height = BinaryPrimitives.ReadUInt16BigEndian(reader.Seen[4..]);
            if (!await reader.SeeAsync(samples.Body, 12).ConfigureAwait(false))
            {
                return null;
            }

            uint frames = BinaryPrimitives.ReadUInt32BigEndian(reader.Seen[8..]);
            most = (Math.Max(most.Width, width), Math.Max(most.Height, height), Math.Max(most.Frames, frames));
        }

        return most;
    }
}
