using System.Globalization;
using Relay.Protocol.MessagePack;

namespace Relay.Protocol.Tests;

/// <summary>
/// A value as tests build and compare it. <see cref="Json"/> says all about it but the width of its encoding, with numbers and bytes as
/// strings that no JSON library bends; tests/interop/msgpack.mjs writes and reads the same notation.
/// </summary>
internal abstract record MessagePackTree
{
    public abstract string Json { get; }

    public abstract void Write(ref MessagePackWriter writer);

    public byte[] Encode(int room = 1 << 20)
    {
        var writer = new MessagePackWriter(new byte[room]);
        Write(ref writer);
        Assert.False(writer.Overflowed);
        return writer.WrittenSpan.ToArray();
    }

    public sealed override string ToString() => Json;

    /// <summary>Reads one value through the reader's public methods.</summary>
    /// <returns><c>null</c> if it is not well formed, or deeper than <paramref name="depth"/>.</returns>
    public static MessagePackTree? Read(ref MessagePackReader reader, int depth = 100)
    {
        switch (reader.PeekType())
        {
            case MessagePackType.Nil:
                return Is(reader.TryReadNil()) ? new Nil() : null;
            case MessagePackType.Boolean:
                return Is(reader.TryReadBoolean(out bool boolean)) ? new Bool(boolean) : null;
            case MessagePackType.Integer:
                MessagePackStatus status = reader.TryReadInt64(out long signed);
                return Is(status) ? new Int(signed)
                    : status == MessagePackStatus.OutOfRange && Is(reader.TryReadUInt64(out ulong unsigned)) ? new Int(unsigned)
                    : null;
            case MessagePackType.Float:
                return Is(reader.TryReadSingle(out float single)) ? new Float32(single)
                    : Is(reader.TryReadDouble(out double number)) ? new Float64(number)
                    : null;
            case MessagePackType.String:
                return Is(reader.TryReadString(out ReadOnlySpan<byte> utf8)) ? new Str(utf8.ToArray()) : null;
            case MessagePackType.Binary:
                return Is(reader.TryReadBinary(out ReadOnlySpan<byte> bytes)) ? new Bin(bytes.ToArray()) : null;
            case MessagePackType.Extension:
                return Is(reader.TryReadTimestamp(out MessagePackTimestamp time)) ? new Time(time)
                    : Is(reader.TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data)) ? new Ext(type, data.ToArray())
                    : null;
            case MessagePackType.Array:
                return depth > 0 && Is(reader.TryReadArrayHeader(out int count)) && ReadAll(ref reader, depth, count) is { } items
                    ? new Arr(items)
                    : null;
            case MessagePackType.Map:
                return depth > 0 && Is(reader.TryReadMapHeader(out int pairs)) && ReadAll(ref reader, depth, pairs * 2) is { } entries
                    ? new Map(entries)
                    : null;
            default:
                return null;
        }
    }

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static bool Is(MessagePackStatus status) => status == MessagePackStatus.Ok;

    private static MessagePackTree[]? ReadAll(ref MessagePackReader reader, int depth, int count)
    {
        // A count never passes the bytes that are left, so an array of it may be made.
        var items = new MessagePackTree[count];
        for (int i = 0; i < count; i++)
        {
            if (Read(ref reader, depth - 1) is not { } item)
            {
                return null;
            }

            items[i] = item;
        }

        return items;
    }

    public sealed record Nil : MessagePackTree
    {
        public override string Json => "null";

        public override void Write(ref MessagePackWriter writer) => writer.WriteNil();
    }

    public sealed record Bool(bool Value) : MessagePackTree
    {
        public override string Json => Value ? "true" : "false";

        public override void Write(ref MessagePackWriter writer) => writer.WriteBoolean(Value);
    }

    public sealed record Int(Int128 Value) : MessagePackTree
    {
        public override string Json => $$"""{"int":"{{Value.ToString(CultureInfo.InvariantCulture)}}"}""";

        public override void Write(ref MessagePackWriter writer)
        {
            if (Value < 0)
            {
                writer.WriteInt64((long)Value);
            }
            else
            {
                writer.WriteUInt64((ulong)Value);
            }
        }
    }

    public sealed record Float32(float Value) : MessagePackTree
    {
        public override string Json => $$"""{"f32":"{{BitConverter.SingleToUInt32Bits(Value):x8}}"}""";

        public override void Write(ref MessagePackWriter writer) => writer.WriteSingle(Value);
    }

    public sealed record Float64(double Value) : MessagePackTree
    {
        public override string Json => $$"""{"f64":"{{BitConverter.DoubleToUInt64Bits(Value):x16}}"}""";

        public override void Write(ref MessagePackWriter writer) => writer.WriteDouble(Value);
    }

    public sealed record Str(byte[] Utf8) : MessagePackTree
    {
        public Str(string text)
            : this(System.Text.Encoding.UTF8.GetBytes(text))
        {
        }

        public override string Json => $$"""{"str":"{{Hex(Utf8)}}"}""";

        public override void Write(ref MessagePackWriter writer) => writer.WriteString(Utf8);
    }

    public sealed record Bin(byte[] Bytes) : MessagePackTree
    {
        public override string Json => $$"""{"bin":"{{Hex(Bytes)}}"}""";

        public override void Write(ref MessagePackWriter writer) => writer.WriteBinary(Bytes);
    }

    public sealed record Ext(sbyte Type, byte[] Data) : MessagePackTree
    {
        public override string Json => $$"""{"ext":[{{Type}},"{{Hex(Data)}}"]}""";

        public override void Write(ref MessagePackWriter writer) => writer.WriteExtension(Type, Data);
    }

    public sealed record Time(MessagePackTimestamp Value) : MessagePackTree
    {
        public override string Json => $$"""{"time":["{{Value.Seconds}}",{{Value.Nanoseconds}}]}""";

        public override void Write(ref MessagePackWriter writer) => writer.WriteTimestamp(Value);
    }

    public sealed record Arr(MessagePackTree[] Items) : MessagePackTree
    {
        public override string Json => $"[{string.Join(',', Items.Select(item => item.Json))}]";

        public override void Write(ref MessagePackWriter writer)
        {
            writer.WriteArrayHeader(Items.Length);
            foreach (MessagePackTree item in Items)
            {
                item.Write(ref writer);
            }
        }
    }

    /// <param name="Entries">Key, value, key, value and so on.</param>
    public sealed record Map(MessagePackTree[] Entries) : MessagePackTree
    {
        public override string Json => $$"""{"map":[{{string.Join(',', Entries.Chunk(2).Select(pair => $"[{pair[0].Json},{pair[1].Json}]"))}}]}""";

        public override void Write(ref MessagePackWriter writer)
        {
            writer.WriteMapHeader(Entries.Length / 2);
            foreach (MessagePackTree item in Entries)
            {
                item.Write(ref writer);
            }
        }
    }
}
