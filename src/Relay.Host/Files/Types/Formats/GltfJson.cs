using System.Buffers;
using System.Text.Json;

namespace Relay.Host.Files.Types.Formats;

/// <summary>The JSON of a model: whether it is JSON at all, of which version of glTF, and whether it is whole by itself. It is read piece
/// by piece; only a text that is longer than a window takes more memory.</summary>
internal sealed class GltfJson
{
    private JsonReaderState _state;
    private string? _section, _field;
    private bool _hasVersion, _isOther, _hasExternalParts;

    /// <summary>Inspects it.</summary>
    /// <param name="reader">The file.</param>
    /// <param name="offset">Where the JSON begins.</param>
    /// <param name="length">How long it is; within the file.</param>
    /// <param name="type">What the file is if it is right.</param>
    public static async ValueTask<Inspection> InspectAsync(ContentReader reader, long offset, long length, FileType type)
    {
        if (length > reader.Limits.MaxJsonLength)
        {
            return Inspection.TooMuch("bytes of JSON", length, reader.Limits.MaxJsonLength);
        }

        var json = new GltfJson();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ContentReader.WindowLength);
        try
        {
            long end = offset + length;
            int held = 0;
            do
            {
                int count = (int)Math.Min(buffer.Length - held, end - offset);
                if (!await reader.CopyAsync(offset, buffer.AsMemory(held, count)).ConfigureAwait(false))
                {
                    return reader.Failure;
                }

                offset += count;
                held += count;
                int read = json.Read(buffer.AsSpan(0, held), isLast: offset == end);
                if (read < 0)
                {
                    return Inspection.Unsound("its JSON is damaged or cut off");
                }

                buffer.AsSpan(read, held - read).CopyTo(buffer);
                held -= read;
                if (held == buffer.Length)
                {
                    byte[] larger = ArrayPool<byte>.Shared.Rent(2 * held);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
            while (offset < end);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return json._isOther ? Inspection.NotAllowed("it is glTF of a version other than 2")
            : json._hasVersion ? Inspection.Sound(type) with { HasExternalParts = json._hasExternalParts }
            : Inspection.Unsound("it does not say of which version of glTF it is");
    }

    /// <summary>Reads what there is.</summary>
    /// <returns>How much of it is done with; -1 if it is no JSON.</returns>
    private int Read(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var reader = new Utf8JsonReader(bytes, isLast, _state);
        try
        {
            while (reader.Read())
            {
                Note(ref reader);
            }
        }
        catch (JsonException)
        {
            return -1;
        }

        _state = reader.CurrentState;
        return (int)reader.BytesConsumed;
    }

    /// <summary>Notes <c>asset.version</c>, <c>asset.minVersion</c>, and <c>uri</c> of each of <c>buffers</c> and <c>images</c>.</summary>
    private void Note(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.CurrentDepth == 1)
            {
                _section = reader.ValueTextEquals("asset"u8) ? "asset"
                    : reader.ValueTextEquals("buffers"u8) || reader.ValueTextEquals("images"u8) ? "parts"
                    : null;
            }

            _field = _section == "asset" && reader.CurrentDepth == 2 && reader.ValueTextEquals("version"u8) ? "version"
                : _section == "asset" && reader.CurrentDepth == 2 && reader.ValueTextEquals("minVersion"u8) ? "minVersion"
                : _section == "parts" && reader.CurrentDepth == 3 && reader.ValueTextEquals("uri"u8) ? "uri"
                : null;
            return;
        }

        if (reader.TokenType == JsonTokenType.String && _field is not null)
        {
            ReadOnlySpan<byte> value = reader.ValueSpan;
            bool isTwo = value.StartsWith("2."u8);
            _hasVersion |= _field == "version" && isTwo;
            _isOther |= _field != "uri" && !isTwo;
            _hasExternalParts |= _field == "uri" && !value.StartsWith("data:"u8);
        }

        _field = null;
    }
}
