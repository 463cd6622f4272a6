using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms.World;

/// <summary>Encoded state entries on their way into a frame, whose count must stand before them. Its memory is used again.</summary>
internal sealed class StateEntries
{
    private byte[] _bytes = new byte[256];

    public int Count { get; private set; }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Adds an entry.</summary>
    /// <param name="entry">What.</param>
    /// <param name="maxSize">The most bytes that it takes.</param>
    public void Add(scoped in StateEntry entry, int maxSize)
    {
        if (_bytes.Length - Length < maxSize)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + maxSize));
        }

        var writer = new FrameWriter(_bytes.AsSpan(Length));
        entry.Write(ref writer);
        Length += writer.Written;
        Count++;
    }

    public void Clear()
    {
        Length = 0;
        Count = 0;
    }
}
