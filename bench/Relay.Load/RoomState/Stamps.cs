using System.Buffers.Text;
using Relay.Protocol.MessagePack;

namespace Relay.Load.RoomState;

/// <summary>Finds the stamp of a deed in what was made of it.</summary>
internal static class Stamps
{
    private const int MaxDepth = 8;

    /// <summary>Reads the first stamp in a value: a number, a str of digits with anything behind a space, or a map whose first value has
    /// one.</summary>
    public static bool TryFind(ReadOnlySpan<byte> value, out ulong stamp)
    {
        var reader = new MessagePackReader(value);
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            switch (reader.PeekType())
            {
                case MessagePackType.Integer:
                    return reader.TryReadUInt64(out stamp) == MessagePackStatus.Ok;
                case MessagePackType.String:
                    stamp = 0;
                    return reader.TryReadString(out ReadOnlySpan<byte> text) == MessagePackStatus.Ok &&
                        Utf8Parser.TryParse(text, out stamp, out _);
                case MessagePackType.Map:
                    if (reader.TryReadMapHeader(out int count) != MessagePackStatus.Ok || count == 0 ||
                        reader.TrySkip() != MessagePackStatus.Ok)
                    {
                        stamp = 0;
                        return false;
                    }

                    break;
                default:
                    stamp = 0;
                    return false;
            }
        }

        stamp = 0;
        return false;
    }
}
