using System.Text;

namespace Relay.Core.Rooms;

/// <summary>
/// Which names a room may have: letters and digits of any script and <c>- _ . : / ~ @ +</c>, without "..", not beginning or ending with
/// "/". So a name can stand in a log line, a URL or a file path without surprises: no control, direction or white-space characters.
/// protocol-spec.md §6.1.
/// </summary>
internal static class RoomName
{
    public static bool IsValid(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (utf8.IsEmpty || utf8.Length > maxBytes || utf8[0] == '/' || utf8[^1] == '/' || utf8.IndexOf(".."u8) >= 0)
        {
            return false;
        }

        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out Rune rune, out int length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            if (!(Rune.IsLetterOrDigit(rune) || (rune.IsAscii && "-_.:/~@+".Contains((char)rune.Value, StringComparison.Ordinal))))
            {
                return false;
            }

            utf8 = utf8[length..];
        }

        return true;
    }
}
