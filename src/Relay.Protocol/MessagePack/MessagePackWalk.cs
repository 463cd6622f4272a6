#if NET
using System.Runtime.CompilerServices;
#endif

namespace Relay.Protocol.MessagePack;

/// <summary>Goes through one value with all that it contains: once, forwards, without recursion and without allocating.</summary>
internal static class MessagePackWalk
{
    /// <summary>Walks over the value at a position.</summary>
    /// <param name="input">The whole input.</param>
    /// <param name="position">Where the value begins.</param>
    /// <param name="maxDepth">Levels of containers, 0 to <see cref="MessagePackLimits.HighestMaxDepth"/>.</param>
    /// <param name="maxNodes">Values in all.</param>
    /// <param name="contents">Whether to look at text and timestamps.</param>
    /// <param name="textKeys">Whether keys must be text.</param>
    /// <returns>Ok with the position behind the value, or what is wrong first.</returns>
#if NET
    [SkipLocalsInit] // A level is always written before it is read.
#endif
    public static MessagePackVerdict Over(ReadOnlySpan<byte> input, int position, int maxDepth, long maxNodes, bool contents, bool textKeys)
    {
        // The innermost open container: twice the values that it still lacks, plus one for a map. So the last two bits of a map that lacks
        // an even number of values, where a key comes next, are 01. The bytes left bound the number, so it fits. Those around it are on
        // the stack.
        uint open = 0;
        int depth = 0;
        Span<uint> around = stackalloc uint[maxDepth];

        // Counted when promised, so that a header is refused and not its last element.
        long nodes = 1;
        if (nodes > maxNodes)
        {
            return new MessagePackVerdict(MessagePackStatus.TooMany, position, maxNodes, nodes);
        }

        while (true)
        {
            MessagePackStatus status = MessagePackHeader.Read(input, position, out MessagePackHeader header);
            if (status != MessagePackStatus.Ok)
            {
                return status == MessagePackStatus.Truncated
                    ? new MessagePackVerdict(status, position, input.Length, position + header.Least)
                    : new MessagePackVerdict(status, position, 0, 0);
            }

            if (textKeys && (open & 3) == 1 && header.Type != MessagePackType.String)
            {
                return new MessagePackVerdict(MessagePackStatus.KeyNotText, position, 0, 0);
            }

            if (header.Type is MessagePackType.Array or MessagePackType.Map)
            {
                if (depth == maxDepth)
                {
                    return new MessagePackVerdict(MessagePackStatus.TooDeep, position, maxDepth, maxDepth + 1L);
                }

                bool isMap = header.Type == MessagePackType.Map;
                uint items = isMap ? header.Length * 2 : header.Length;
                nodes += items;
                if (nodes > maxNodes)
                {
                    return new MessagePackVerdict(MessagePackStatus.TooMany, position, maxNodes, nodes);
                }

                position += header.Size;
                if (items != 0)
                {
                    around[depth++] = open;
                    open = (items << 1) | (isMap ? 1u : 0u);
                    continue;
                }
            }
            else
            {
                if (contents && !HasSoundContents(input, position, header, out status))
                {
                    return new MessagePackVerdict(status, position, 0, 0);
                }

                position += header.Size + (int)header.Length;
            }

            // A value is complete, and with it perhaps the containers that it was the last of.
            while (true)
            {
                if (depth == 0)
                {
                    return new MessagePackVerdict(MessagePackStatus.Ok, position, 0, 0);
                }

                open -= 2;
                if (open > 1)
                {
                    break;
                }

                open = around[--depth];
            }
        }
    }

    private static bool HasSoundContents(ReadOnlySpan<byte> input, int position, in MessagePackHeader header, out MessagePackStatus status)
    {
        if (header.Type == MessagePackType.String)
        {
            status = MessagePackStatus.BadText;
            return Primitives.Utf8.IsValid(input.Slice(position + header.Size, (int)header.Length));
        }

        // Decoders in the field throw on a timestamp of another shape.
        status = MessagePackStatus.Malformed;
        return header.Type != MessagePackType.Extension
            || (sbyte)input[position + header.Size - 1] != MessagePackTimestamp.ExtensionType
            || MessagePackTimestamp.TryDecode(input.Slice(position + header.Size, (int)header.Length), out _);
    }
}
