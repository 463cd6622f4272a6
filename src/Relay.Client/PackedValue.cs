using System.Text;
using Relay.Protocol.MessagePack;

namespace Relay.Client;

/// <summary>
/// One MessagePack value to send. Text, numbers, booleans and encoded bytes become one by themselves:
/// <c>SetAttributeAsync(target, "topic", "Chess")</c>. protocol-spec.md §11.2.
/// </summary>
/// <remarks>Maps and arrays are made with <see cref="MessagePackWriter"/>. Bytes are taken as they are: whether they are a value is for the
/// server to check (Error 4422). The default value holds no bytes, which is none.</remarks>
public readonly struct PackedValue
{
    /// <summary>Takes a value that is encoded already.</summary>
    /// <param name="encoded">Exactly one MessagePack value; must not change until it was sent.</param>
    public PackedValue(ReadOnlyMemory<byte> encoded) => Bytes = encoded;

    /// <summary>Nil.</summary>
    public static PackedValue Nil { get; } = new(new byte[] { 0xC0 });

    /// <summary>The encoded value.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>A str.</summary>
    /// <param name="text">UTF-16; a surrogate without its other half becomes U+FFFD.</param>
    public static implicit operator PackedValue(string text)
    {
        const int LongestHeader = 5;
        byte[] room = new byte[LongestHeader + Encoding.UTF8.GetByteCount(text)];
        var writer = new MessagePackWriter(room);
        writer.WriteString(text.AsSpan());
        return Take(room, writer);
    }

    /// <summary>An integer, in its shortest format.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator PackedValue(long value)
    {
        byte[] room = new byte[9];
        var writer = new MessagePackWriter(room);
        writer.WriteInt64(value);
        return Take(room, writer);
    }

    /// <summary>A float 64.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator PackedValue(double value)
    {
        byte[] room = new byte[9];
        var writer = new MessagePackWriter(room);
        writer.WriteDouble(value);
        return Take(room, writer);
    }

    /// <summary>False or true.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator PackedValue(bool value)
    {
        byte[] room = new byte[1];
        var writer = new MessagePackWriter(room);
        writer.WriteBoolean(value);
        return Take(room, writer);
    }

    /// <summary>A value that is encoded already.</summary>
    /// <param name="encoded">Exactly one MessagePack value; must not change until it was sent.</param>
    public static implicit operator PackedValue(byte[] encoded) => new(encoded);

    /// <summary>A value that is encoded already.</summary>
    /// <param name="encoded">Exactly one MessagePack value; must not change until it was sent.</param>
    public static implicit operator PackedValue(ReadOnlyMemory<byte> encoded) => new(encoded);

    private static PackedValue Take(byte[] room, in MessagePackWriter writer) => new(room.AsMemory(0, writer.Written));
}
