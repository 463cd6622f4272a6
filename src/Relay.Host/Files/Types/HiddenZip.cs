using System.Buffers.Binary;

namespace Relay.Host.Files.Types;

/// <summary>
/// Finds a ZIP archive that is also something else. ZIP is read from its end, so one can stand in the last chunk, comment or frame of a
/// sound file, and be run as a Java archive. Random bytes are not taken for one: its directory must be where its end says.
/// </summary>
internal static class HiddenZip
{
    // The end of the directory, and the longest comment behind it.
    private const int EndLength = 22, Reach = EndLength + 65_535;

    // By chance there is one such signature in 65,000 files; of several, one may be meant to hide the next.
    private const int MostSignatures = 16;

    /// <summary>Looks for one.</summary>
    /// <param name="reader">The file.</param>
    /// <returns>Null if there is none.</returns>
    public static async ValueTask<Inspection?> FindAsync(ContentReader reader)
    {
        int count = 0;
        long offset = Math.Max(0, reader.Length - Reach);
        while (reader.Has(offset, EndLength))
        {
            if (!await reader.SeeSomeAsync(offset, EndLength).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            int at = reader.Seen.IndexOf("PK\u0005\u0006"u8);
            if (at < 0)
            {
                offset += reader.Seen.Length - 3;
                continue;
            }

            offset += at;
            if (!reader.Has(offset, EndLength))
            {
                break;
            }

            if (!await reader.SeeAsync(offset, EndLength).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            uint size = BinaryPrimitives.ReadUInt32LittleEndian(reader.Seen[12..]);
            uint start = BinaryPrimitives.ReadUInt32LittleEndian(reader.Seen[16..]);
            if (++count > MostSignatures
                || await IsAsync(reader, offset - size, "PK\u0001\u0002").ConfigureAwait(false)
                || await IsAsync(reader, start, "PK\u0001\u0002").ConfigureAwait(false)
                || await IsAsync(reader, offset - 20, "PK\u0006\u0007").ConfigureAwait(false))
            {
                return Inspection.NotAllowed("it has a ZIP archive in it");
            }

            offset += 4;
        }

        return null;
    }

    private static async ValueTask<bool> IsAsync(ContentReader reader, long offset, string signature) =>
        reader.Has(offset, 4) && await reader.SeeAsync(offset, 4).ConfigureAwait(false) && FourCc.Read(reader.Seen).Is(signature);
}
