namespace Relay.Host.Bridges.NafUws;

/// <summary>Options of the endpoint for networked-aframe's <c>uws</c> adapter, section <c>Relay:Host:NafUws</c>. Read once, at
/// start.</summary>
internal sealed class NafUwsOptions
{
    private const string Section = "Relay:Host:NafUws";

    /// <summary>Whether the endpoint is there. Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>The path that takes WebSocket requests; others pay no attention. Default <c>/</c>: where the adapter goes if a page names
    /// no server. Pages at this path are served as before.</summary>
    public string Path { get; set; } = "/";

    /// <summary>
    /// Pages in a room; who comes then is in <c>ROOM--2</c>, and so on. Default 100, as the adapter's own server has it. Range 1 to 1,000.
    /// </summary>
    public int Occupancy { get; set; } = 100;

    /// <summary>The most connections at once. Default 1,000. Range 1 to 1,000,000. Beyond it: HTTP 503.</summary>
    public int MaxConnections { get; set; } = 1_000;

    /// <summary>Longest message, in bytes. Default 65,536: some 250 entities of a page in one update. Range 1,024 to 16,777,216. Beyond it:
    /// 1009.</summary>
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>Messages a second from one connection in the long run. Default 100: fifteen updates, and what a page's own components
    /// send. Range 1 to 100,000. Beyond it they are dropped; far beyond it: 4429.</summary>
    public int MessagesPerSecond { get; set; } = 100;

    /// <summary>Messages at once from one connection. Default 1,000: a page greets each newcomer with a message for each of its entities,
    /// and a hundred may come together. Range 1 to 100,000.</summary>
    public int MessageBurst { get; set; } = 1_000;

    /// <summary>Bytes a second from one connection in the long run. Default 262,144. Range 1,024 to 1,073,741,824. Beyond it as
    /// above.</summary>
    public int BytesPerSecond { get; set; } = 256 * 1024;

    /// <summary>Bytes at once from one connection. Default 1,048,576. Range: from <see cref="MaxMessageBytes"/> to 1,073,741,824.</summary>
    public int ByteBurst { get; set; } = 1024 * 1024;

    /// <summary>Bytes that may wait for a connection that does not read. Default 1,048,576. Range: from twice
    /// <see cref="MaxMessageBytes"/> to 1,073,741,824. Beyond it: cut off.</summary>
    public int QueueBytes { get; set; } = 1024 * 1024;

    /// <summary>A connection that says nothing and answers no ping for so long is cut off. Default 60 s, as the adapter's own server has
    /// it. Range 1 s to 1 h.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        if (!Path.StartsWith('/') || Path.AsSpan().ContainsAny("?#* "))
        {
            yield return $"{Section}:Path must start with / and hold no ?, #, * or space; it is \"{Path}\".";
        }

        const int Gibi = 1 << 30;
        foreach ((string name, int value, int min, int max) in new[]
        {
            (nameof(Occupancy), Occupancy, 1, 1_000),
            (nameof(MaxConnections), MaxConnections, 1, 1_000_000),
            (nameof(MaxMessageBytes), MaxMessageBytes, 1_024, 1 << 24),
            (nameof(MessagesPerSecond), MessagesPerSecond, 1, 100_000),
            (nameof(MessageBurst), MessageBurst, 1, 100_000),
            (nameof(BytesPerSecond), BytesPerSecond, 1_024, Gibi),
            (nameof(ByteBurst), ByteBurst, Math.Min(MaxMessageBytes, Gibi), Gibi),
            (nameof(QueueBytes), QueueBytes, (int)Math.Min(MaxMessageBytes * 2L, Gibi), Gibi),
        })
        {
            if (value < min || value > max)
            {
                yield return $"{Section}:{name} must be {min} to {max}; it is {value}.";
            }
        }

        if (IdleTimeout < TimeSpan.FromSeconds(1) || IdleTimeout > TimeSpan.FromHours(1))
        {
            yield return $"{Section}:IdleTimeout must be 00:00:01 to 01:00:00; it is {IdleTimeout}.";
        }
    }
}
