using System.Buffers.Binary;

namespace Relay.Host.Files.Types;

/// <summary>The four letters that name a chunk or a box.</summary>
/// <param name="Value">The letters, the first one highest.</param>
internal readonly record struct FourCc(uint Value)
{
    /// <summary>Whether these are letters of English, as in the names of PNG's chunks.</summary>
    public bool AreLetters =>
        char.IsAsciiLetter((char)First) && char.IsAsciiLetter((char)(Value >> 16 & 0xFF))
        && char.IsAsciiLetter((char)(Value >> 8 & 0xFF)) && char.IsAsciiLetter((char)(Value & 0xFF));

    /// <summary>The first of them.</summary>
    public byte First => (byte)(Value >> 24);

    /// <summary>Reads one.</summary>
    /// <param name="bytes">At least 4.</param>
    public static FourCc Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>Whether it is this one.</summary>
    /// <param name="name">4 characters of ASCII.</param>
    public bool Is(string name) => Value == ((uint)name[0] << 24 | (uint)name[1] << 16 | (uint)name[2] << 8 | name[3]);

    /// <summary>For people: what is no letter, digit or other mark is a question mark.</summary>
    public override string ToString() => string.Create(4, Value, static (text, value) =>
    {
        for (int i = 0; i < 4; i++)
        {
            char letter = (char)(value >> (24 - (8 * i)) & 0xFF);
            text[i] = letter is > ' ' and <= '~' ? letter : '?';
        }
    });
}
