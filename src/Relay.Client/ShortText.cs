using System.Text;

namespace Relay.Client;

/// <summary>Text that goes into a field of at most 255 bytes. protocol-spec.md §3.3.</summary>
internal static class ShortText
{
    /// <summary>Gives its UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="parameter">The caller's parameter.</param>
    /// <exception cref="ArgumentException">It is longer than the field.</exception>
    public static byte[] Encode(string text, string what, string parameter)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return utf8.Length <= byte.MaxValue
            ? utf8
            : throw new ArgumentException($"{what} takes at most 255 bytes of UTF-8; this one takes {utf8.Length}.", parameter);
    }
}
