using System.Buffers.Binary;

namespace Relay.Host.Files.Types.Formats;

/// <summary>GLB, glTF 2.0 in one file: a head that says how long all is, a chunk of JSON, and chunks of bytes.</summary>
internal sealed class Glb : Format
{
    private const int HeadLength = 12, ChunkHeadLength = 8;

    public override Sniffed? Sniff(ReadOnlySpan<byte> head)
    {
        Sniffed? sniffed = BySignature(head, "glTF"u8, FileType.Glb);
        return sniffed is not { Status: SniffStatus.Known } ? sniffed
            : head.Length < 8 ? Sniffed.TooShort
            : BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) == 2 ? sniffed
            : Sniffed.NotAllowed("it is glTF of a version other than 2");
    }

    public override async ValueTask<Inspection> InspectAsync(ContentReader reader, FileType type)
    {
        if (!await reader.SeeAsync(0, HeadLength).ConfigureAwait(false))
        {
            return reader.Failure;
        }

        long end = BinaryPrimitives.ReadUInt32LittleEndian(reader.Seen[8..]);
        if (end != reader.Length)
        {
            return end < reader.Length ? GoesOn(reader, end) : reader.CutOff;
        }

        Inspection? model = null;
        for (long offset = HeadLength; offset < end;)
        {
            if (!reader.TakePart() || !await reader.SeeAsync(offset, ChunkHeadLength).ConfigureAwait(false))
            {
                return reader.Failure;
            }

            long length = BinaryPrimitives.ReadUInt32LittleEndian(reader.Seen);
            FourCc name = FourCc.Read(reader.Seen[4..]);
            offset += ChunkHeadLength;
            if (length > end - offset)
            {
                return Inspection.Unsound("it has a chunk that is longer than it");
            }

            if (name.Is("JSON") != (model is null))
            {
                return Inspection.Unsound("its JSON is not at its beginning, once");
            }

            model ??= await GltfJson.InspectAsync(reader, offset, length, type).ConfigureAwait(false);
            if (model.Status != InspectionStatus.Sound)
            {
                return model;
            }

            offset += length;
        }

        return model ?? Inspection.Unsound("it has no JSON");
    }
}
