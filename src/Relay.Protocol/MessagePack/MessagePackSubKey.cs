namespace Relay.Protocol.MessagePack;

/// <summary>
/// Replaces, adds or removes one key inside an encoded map, at any depth, and leaves all other bytes as they are. Of a map that it changes,
/// only the header may be written anew, and only if its count changes.
/// </summary>
/// <remarks>
/// A path is the keys that lead to the place, outermost first, each as a MessagePack str and nothing between: what
/// <see cref="MessagePackWriter.WriteString(ReadOnlySpan{byte})"/> makes of them one after another. A key of a map matches if it is a str
/// with the same bytes, however its length is encoded. Where a key occurs more than once the last one counts, as it does for those who
/// read the map, and of a key on the path the others are left out. Limits are not checked: the result may be larger or deeper than the
/// map, so it is for the validator.
/// </remarks>
public static class MessagePackSubKey
{
    /// <summary>Bytes that are always enough for the result of <see cref="TrySet"/>. A removal makes nothing longer.</summary>
    /// <param name="mapLength">Bytes of the map.</param>
    /// <param name="pathLength">Bytes of the path.</param>
    /// <param name="valueLength">Bytes of the value.</param>
    public static int MaxSize(int mapLength, int pathLength, int valueLength)
    {
        // Only the map that gets a new key has a higher count, which adds 2 bytes at most; each map made for a key takes 1.
        return (int)Math.Min(int.MaxValue, (long)mapLength + pathLength + pathLength + valueLength + 2);
    }

    /// <summary>Writes a map anew in which the key at a path has a value: in its place if it has one, otherwise at the end of its map. Maps
    /// that the path needs and that are not there are made.</summary>
    /// <param name="map">One encoded map; for what is not there yet, an empty one (0x80).</param>
    /// <param name="path">The keys, at least one.</param>
    /// <param name="value">One encoded value.</param>
    /// <param name="destination">Where the new map goes; it must not overlap the rest. <see cref="MaxSize"/> is enough.</param>
    /// <param name="written">Its bytes; 0 unless the answer is Ok.</param>
    /// <returns>Ok; WrongType if something on the path is not a map, or a key in it not a str; OutOfRange if it has no keys; NoRoom;
    /// Truncated, Malformed, TooDeep (512 levels) or TrailingBytes if the map, the value or the path is not well formed; BadText for a key
    /// in the path.</returns>
    public static MessagePackStatus TrySet(
        ReadOnlySpan<byte> map, ReadOnlySpan<byte> path, ReadOnlySpan<byte> value, Span<byte> destination, out int written)
    {
        written = 0;
        MessagePackStatus status = CheckOne(value);
        return status == MessagePackStatus.Ok ? Edit(map, path, value, remove: false, destination, out written) : status;
    }

    /// <summary>Writes a map anew without the key at a path. If the key is not there, nothing is missing: all keys stay. A map that becomes
    /// empty stays too.</summary>
    /// <param name="map">One encoded map.</param>
    /// <param name="path">The keys, at least one.</param>
    /// <param name="destination">Where the new map goes; it must not overlap the rest. As many bytes as the map has are enough.</param>
    /// <param name="written">Its bytes; 0 unless the answer is Ok.</param>
    /// <returns>As <see cref="TrySet"/>.</returns>
    public static MessagePackStatus TryRemove(ReadOnlySpan<byte> map, ReadOnlySpan<byte> path, Span<byte> destination, out int written) =>
        Edit(map, path, default, remove: true, destination, out written);

    private static MessagePackStatus Edit(
        ReadOnlySpan<byte> map, ReadOnlySpan<byte> path, ReadOnlySpan<byte> value, bool remove, Span<byte> destination, out int written)
    {
        written = 0;
        MessagePackStatus status = CheckPath(path);
        if (status != MessagePackStatus.Ok || (status = CheckOne(map)) != MessagePackStatus.Ok)
        {
            return status;
        }

        var keys = new MessagePackReader(path);
        var writer = new MessagePackWriter(destination);
        int level = 0;
        while (true)
        {
            int keyStart = keys.Position;
            keys.TryReadString(out ReadOnlySpan<byte> key);
            bool last = keys.Remaining == 0;
            if (!Places.TryFind(map, level, key, out Places places))
            {
                return MessagePackStatus.WrongType;
            }

            bool stays = !remove || (places.Matches > 0 && !last);
            int count = places.Count - places.Matches + (stays ? 1 : 0);
            WriteHeader(ref writer, map[level..places.Entries], places.Count, count);
            if (places.Matches == 0)
            {
                writer.WriteRaw(map[places.Entries..places.End]);
                if (!remove)
                {
                    WriteNew(ref writer, path[keyStart..], value);
                }

                level = places.End;
                break;
            }

            WriteOthers(ref writer, map, places, key);
            if (stays)
            {
                writer.WriteRaw(map[places.Key..places.Value]);
            }

            if (last)
            {
                writer.WriteRaw(value);
                level = places.ValueEnd;
                break;
            }

            level = places.Value;
        }

        // What follows of this map and of those around it has no key of the path in it: they were looked through for the last.
        writer.WriteRaw(map[level..]);
        written = writer.Overflowed ? 0 : writer.Written;
        return writer.Overflowed ? MessagePackStatus.NoRoom : MessagePackStatus.Ok;
    }

    private static void WriteHeader(ref MessagePackWriter writer, ReadOnlySpan<byte> header, int before, int after)
    {
        if (before == after)
        {
            writer.WriteRaw(header);
        }
        else
        {
            writer.WriteMapHeader(after);
        }
    }

    /// <summary>Writes the entries in front of the one that counts, without those of the same key.</summary>
    private static void WriteOthers(ref MessagePackWriter writer, ReadOnlySpan<byte> map, in Places places, ReadOnlySpan<byte> key)
    {
        if (places.Matches == 1)
        {
            writer.WriteRaw(map[places.Entries..places.Key]);
            return;
        }

        var reader = new MessagePackReader(map[places.Entries..places.Key], strict: false);
        while (reader.Remaining > 0)
        {
            int start = places.Entries + reader.Position;
            bool matches = Places.SkipKey(ref reader, key);
            reader.TrySkip();
            if (!matches)
            {
                writer.WriteRaw(map[start..(places.Entries + reader.Position)]);
            }
        }
    }

    /// <summary>Writes a key and, if it is not the last of the path, a map with the next one in it, and so on.</summary>
    private static void WriteNew(ref MessagePackWriter writer, ReadOnlySpan<byte> path, ReadOnlySpan<byte> value)
    {
        var keys = new MessagePackReader(path);
        while (keys.Remaining > 0)
        {
            if (keys.Position > 0)
            {
                writer.WriteMapHeader(1);
            }

            keys.TryReadRaw(out ReadOnlySpan<byte> key);
            writer.WriteRaw(key);
        }

        writer.WriteRaw(value);
    }

    private static MessagePackStatus CheckOne(ReadOnlySpan<byte> encoded)
    {
        var reader = new MessagePackReader(encoded);
        MessagePackStatus status = reader.TrySkip();
        return status == MessagePackStatus.Ok && reader.Remaining > 0 ? MessagePackStatus.TrailingBytes : status;
    }

    private static MessagePackStatus CheckPath(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return MessagePackStatus.OutOfRange;
        }

        var keys = new MessagePackReader(path);
        for (int depth = 0; keys.Remaining > 0; depth++)
        {
            MessagePackStatus status = depth < MessagePackLimits.HighestMaxDepth ? keys.TryReadString(out _) : MessagePackStatus.TooDeep;
            if (status != MessagePackStatus.Ok)
            {
                return status;
            }
        }

        return MessagePackStatus.Ok;
    }

    /// <summary>Where things lie in one map, as offsets in the whole input.</summary>
    private struct Places
    {
        /// <summary>Pairs in the map, and how many of them have the key.</summary>
        public int Count, Matches;

        /// <summary>Where the first entry begins and the last ends.</summary>
        public int Entries, End;

        /// <summary>The last match: where its key and its value begin, and where it ends.</summary>
        public int Key, Value, ValueEnd;

        /// <summary>Looks through the map at a position of an input that is known to be well formed.</summary>
        /// <returns>Whether it is a map.</returns>
        public static bool TryFind(ReadOnlySpan<byte> input, int position, ReadOnlySpan<byte> key, out Places places)
        {
            places = default;
            var reader = new MessagePackReader(input[position..], strict: false);
            if (reader.TryReadMapHeader(out places.Count) != MessagePackStatus.Ok)
            {
                return false;
            }

            places.Entries = position + reader.Position;
            for (int i = 0; i < places.Count; i++)
            {
                int start = position + reader.Position;
                bool matches = SkipKey(ref reader, key);
                int value = position + reader.Position;
                reader.TrySkip();
                if (matches)
                {
                    places.Matches++;
                    (places.Key, places.Value, places.ValueEnd) = (start, value, position + reader.Position);
                }
            }

            places.End = position + reader.Position;
            return true;
        }

        /// <summary>Moves behind a key, of whatever type.</summary>
        /// <returns>Whether it is the key.</returns>
        public static bool SkipKey(ref MessagePackReader reader, ReadOnlySpan<byte> key)
        {
            if (reader.TryReadString(out ReadOnlySpan<byte> found) == MessagePackStatus.Ok)
            {
                return found.SequenceEqual(key);
            }

            reader.TrySkip();
            return false;
        }
    }
}
