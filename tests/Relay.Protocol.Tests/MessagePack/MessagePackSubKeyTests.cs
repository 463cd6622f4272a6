using FsCheck;
using FsCheck.Fluent;
using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>One key of an encoded map replaced, added or removed, with all other bytes as they were.</summary>
public class MessagePackSubKeyTests
{
    [Theory]
    // Replaced where it stands; the rest keeps its bytes, however it is encoded.
    [InlineData("82a16101a16202", "a161", "c3", "82a161c3a16202")]
    [InlineData("82a16101a16202", "a162", "cd0005", "82a16101a162cd0005")]
    [InlineData("de0002d90161d005a16202", "a162", "c0", "de0002d90161d005a162c0")]
    // A key is the same key however its length is encoded, and keeps its encoding.
    [InlineData("81da00016101", "a161", "02", "81da00016102")]
    [InlineData("81a16101", "d90161", "02", "81a16102")]
    // Added at the end of its map; the count changes, so the header is the shortest.
    [InlineData("80", "a161", "01", "81a16101")]
    [InlineData("df00000001a16101", "a162", "02", "82a16101a16202")]
    [InlineData("8fc0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0", "a161", "01", "de0010c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0a16101")]
    // Nested: what surrounds it stays.
    [InlineData("83a17801a16181a16202a17903", "a161a162", "c3", "83a17801a16181a162c3a17903")]
    [InlineData("83a17801a16180a17903", "a161a162", "c3", "83a17801a16181a162c3a17903")]
    [InlineData("81a17801", "a161a162a163", "c3", "82a17801a16181a16281a163c3")]
    // Of a key that occurs twice, the last is meant, and stays alone.
    [InlineData("83a16101a16202a16103", "a161", "c3", "82a16202a161c3")]
    [InlineData("84a16101a16202a16103a16204", "a161", "c3", "83a16202a161c3a16204")]
    [InlineData("82a16101a16181a16202", "a161a162", "c3", "81a16181a162c3")]
    [InlineData("83a16181a16202a16180a17801", "a161a162", "c3", "82a16181a162c3a17801")]
    // Keys of other types are not it: bin "a", nil, 97.
    [InlineData("83c4016101c0026103", "a161", "c3", "84c4016101c0026103a161c3")]
    // The empty key is a key.
    [InlineData("81a001", "a0", "02", "81a002")]
    public void Set_gives_exactly(string map, string path, string value, string expected)
    {
        byte[] destination = new byte[MessagePackSubKey.MaxSize(map.Length / 2, path.Length / 2, value.Length / 2)];
        MessagePackStatus status = MessagePackSubKey.TrySet(
            MessagePackValues.Bytes(map), MessagePackValues.Bytes(path), MessagePackValues.Bytes(value), destination, out int written);
        Assert.Equal((MessagePackStatus.Ok, expected), (status, MessagePackTree.Hex(destination.AsSpan(0, written))));

        // With a byte less there is no room, and nothing is promised.
        for (int room = 0; room < written; room++)
        {
            status = MessagePackSubKey.TrySet(
                MessagePackValues.Bytes(map), MessagePackValues.Bytes(path), MessagePackValues.Bytes(value), destination.AsSpan(0, room), out int none);
            Assert.Equal((MessagePackStatus.NoRoom, 0), (status, none));
        }
    }

    [Theory]
    [InlineData("82a16101a16202", "a161", "81a16202")]
    [InlineData("81a16101", "a161", "80")]
    [InlineData("de0001a16101", "a161", "80")]
    [InlineData("83a16101a16202a16103", "a161", "81a16202")]
    [InlineData("82a16181a16202a17903", "a161a162", "82a16180a17903")]
    // What is not there needs no removing.
    [InlineData("de0001a16101", "a162", "de0001a16101")]
    [InlineData("80", "a161a162", "80")]
    [InlineData("82a16180a17903", "a161a162", "82a16180a17903")]
    [InlineData("82a16180a17903", "a162a161", "82a16180a17903")]
    public void Remove_gives_exactly(string map, string path, string expected)
    {
        byte[] destination = new byte[map.Length / 2];
        MessagePackStatus status = MessagePackSubKey.TryRemove(MessagePackValues.Bytes(map), MessagePackValues.Bytes(path), destination, out int written);
        Assert.Equal((MessagePackStatus.Ok, expected), (status, MessagePackTree.Hex(destination.AsSpan(0, written))));
    }

    [Theory]
    [InlineData("01", "a161", "01", MessagePackStatus.WrongType)]
    [InlineData("9101", "a161", "01", MessagePackStatus.WrongType)]
    [InlineData("81a16101", "a161a162", "01", MessagePackStatus.WrongType)]
    [InlineData("81a161c0", "a161a162", "01", MessagePackStatus.WrongType)]
    [InlineData("82a16180a16101", "a161a162", "01", MessagePackStatus.WrongType)]
    [InlineData("80", "01", "01", MessagePackStatus.WrongType)]
    [InlineData("80", "a16101", "01", MessagePackStatus.WrongType)]
    [InlineData("80", "", "01", MessagePackStatus.OutOfRange)]
    [InlineData("80", "a1", "01", MessagePackStatus.Truncated)]
    [InlineData("80", "a1ff", "01", MessagePackStatus.BadText)]
    [InlineData("80", "c1", "01", MessagePackStatus.Malformed)]
    [InlineData("", "a161", "01", MessagePackStatus.Truncated)]
    [InlineData("81a161", "a161", "01", MessagePackStatus.Truncated)]
    [InlineData("82a16101a162", "a161", "01", MessagePackStatus.Truncated)]
    [InlineData("81a161c1", "a161", "01", MessagePackStatus.Malformed)]
    [InlineData("8000", "a161", "01", MessagePackStatus.TrailingBytes)]
    [InlineData("80", "a161", "", MessagePackStatus.Truncated)]
    [InlineData("80", "a161", "0101", MessagePackStatus.TrailingBytes)]
    [InlineData("80", "a161", "91c1", MessagePackStatus.Malformed)]
    public void What_cannot_be_done_is_refused(string map, string path, string value, MessagePackStatus expected)
    {
        byte[] destination = new byte[100];
        MessagePackStatus status = MessagePackSubKey.TrySet(
            MessagePackValues.Bytes(map), MessagePackValues.Bytes(path), MessagePackValues.Bytes(value), destination, out int written);
        Assert.Equal((expected, 0), (status, written));
        if (value == "01")
        {
            status = MessagePackSubKey.TryRemove(MessagePackValues.Bytes(map), MessagePackValues.Bytes(path), destination, out written);
            Assert.Equal((expected, 0), (status, written));
        }
    }

    [Fact]
    public void Path_is_as_long_as_a_value_may_be_deep()
    {
        byte[] path = [.. Enumerable.Repeat((byte)0xA0, MessagePackLimits.HighestMaxDepth)];
        byte[] destination = new byte[MessagePackSubKey.MaxSize(1, path.Length, 1)];
        Assert.Equal(MessagePackStatus.Ok, MessagePackSubKey.TrySet([0x80], path, [0xC0], destination, out int written));
        Assert.Equal((2 * path.Length) + 1, written);
        Assert.Equal(MessagePackStatus.Ok, new MessagePackReader(destination.AsSpan(0, written)).TrySkip());
        Assert.Equal(MessagePackStatus.TooDeep, MessagePackSubKey.TrySet([0x80], [.. path, 0xA0], [0xC0], destination, out _));
        Assert.Equal(int.MaxValue, MessagePackSubKey.MaxSize(int.MaxValue, int.MaxValue, int.MaxValue));
    }

    [Fact]
    public void Result_is_what_a_dictionary_gives()
    {
        Gen<(byte[] Map, string[] Path, MessagePackTree? Value)> cases =
            from map in EncodedMap(2)
            from length in Gen.Choose(1, 3)
            from path in Key.ArrayOf(length)
            from value in Gen.OneOf(Gen.Constant<MessagePackTree?>(null), Small, Small, Gen.Constant<MessagePackTree?>(new MessagePackTree.Map([])))
            select (map, path, value);
        int done = 0;
        Properties.ForAll(
            cases,
            one =>
            {
                Dictionary<string, object> model = Model(one.Map);
                bool possible = Apply(model, one.Path, one.Value?.Encode());
                byte[] path = one.Path.SelectMany(key => new MessagePackTree.Str(key).Encode()).ToArray();
                byte[] value = one.Value?.Encode() ?? [];
                byte[] destination = new byte[one.Value is null ? one.Map.Length : MessagePackSubKey.MaxSize(one.Map.Length, path.Length, value.Length)];
                MessagePackStatus status = one.Value is null
                    ? MessagePackSubKey.TryRemove(one.Map, path, destination, out int written)
                    : MessagePackSubKey.TrySet(one.Map, path, value, destination, out written);
                Assert.Equal(possible ? MessagePackStatus.Ok : MessagePackStatus.WrongType, status);
                if (possible)
                {
                    byte[] result = destination[..written];
                    Assert.Equal(Show(model), Show(Model(result)));
                    Assert.Equal(new MessagePackVerdict(MessagePackStatus.Ok, written, 0, 0), MessagePackValidator.Check(result, MessagePackValues.Wide));
                    Assert.InRange(Entries(result).Count(entry => entry.Key == one.Path[0]), 0, 1);
                    Assert.Equal(
                        Entries(one.Map).Where(entry => entry.Key != one.Path[0]).Select(entry => entry.Hex),
                        Entries(result).Where(entry => entry.Key != one.Path[0]).Select(entry => entry.Hex));
                    done++;
                }
            },
            tests: 1_000);
        Assert.InRange(done, 300, 1_000);
    }

    private static Gen<MessagePackTree?> Small { get; } = Gen.OneOf(
        Gen.Elements(MessagePackValues.Integers).Select(edge => (MessagePackTree?)new MessagePackTree.Int(edge.Value)),
        Gen.Elements<MessagePackTree?>(new MessagePackTree.Nil(), new MessagePackTree.Str("text"), new MessagePackTree.Arr([new MessagePackTree.Map([])])));

    private static Gen<byte[]> Scalar { get; } = Small.Select(value => value!.Encode(100));

    private static Gen<string> Key { get; } = Gen.Elements("a", "b", "c", "");

    /// <summary>Maps with few different keys, so that they repeat, sometimes in longer forms than need be.</summary>
    private static Gen<byte[]> EncodedMap(int depth) =>
        from count in Gen.Choose(0, 5)
        from keys in Key.ArrayOf(count)
        from values in (depth == 0 ? Scalar : Gen.OneOf(Scalar, EncodedMap(depth - 1))).ArrayOf(count)
        from longer in Gen.Elements(false, true).ArrayOf(count + 1)
        select (byte[])
        [
            .. longer[count] ? [0xDE, 0, (byte)count] : new[] { (byte)(0x80 | count) },
            .. Enumerable.Range(0, count).SelectMany(i => (byte[])
            [
                .. longer[i] ? [0xD9, (byte)keys[i].Length] : new[] { (byte)(0xA0 | keys[i].Length) },
                .. System.Text.Encoding.UTF8.GetBytes(keys[i]),
                .. values[i],
            ]),
        ];


    private static Dictionary<string, object> Model(byte[] map)
    {
        var model = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach ((string key, string hex) in Entries(map))
        {
            byte[] entry = MessagePackValues.Bytes(hex);
            var reader = new MessagePackReader(entry);
            reader.TrySkip();
            byte[] value = entry[reader.Position..];
            model[key] = reader.PeekType() == MessagePackType.Map ? Model(value) : Convert.ToHexString(value);
        }

        return model;
    }

    private static List<(string Key, string Hex)> Entries(byte[] map)
    {
        var entries = new List<(string Key, string Hex)>();
        var reader = new MessagePackReader(map);
        Assert.Equal(MessagePackStatus.Ok, reader.TryReadMapHeader(out int count));
        for (; count > 0; count--)
        {
            int start = reader.Position;
            Assert.Equal(MessagePackStatus.Ok, reader.TryReadString(out ReadOnlySpan<byte> key));
            Assert.Equal(MessagePackStatus.Ok, reader.TrySkip());
            entries.Add((System.Text.Encoding.UTF8.GetString(key), Convert.ToHexString(map, start, reader.Position - start)));
        }

        return entries;
    }

    /// <returns>Whether all on the way is a map.</returns>
    private static bool Apply(Dictionary<string, object> map, string[] path, byte[]? value)
    {
        if (path.Length == 1)
        {
            if (value is null)
            {
                map.Remove(path[0]);
            }
            else
            {
                map[path[0]] = value is [0x80] ? new Dictionary<string, object>(StringComparer.Ordinal) : Convert.ToHexString(value);
            }

            return true;
        }

        if (!map.TryGetValue(path[0], out object? inner))
        {
            if (value is null)
            {
                return true;
            }

            map[path[0]] = inner = new Dictionary<string, object>(StringComparer.Ordinal);
        }

        return inner is Dictionary<string, object> next && Apply(next, path[1..], value);
    }

    private static string Show(object model) => model is Dictionary<string, object> map
        ? $"{{{string.Join(", ", map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}: {Show(entry.Value)}"))}}}"
        : (string)model;
}
