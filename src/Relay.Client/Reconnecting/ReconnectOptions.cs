namespace Relay.Client;

/// <summary>How a <see cref="RelayClient"/> comes back when its connection breaks. Values are read when the client is made.
/// protocol-spec.md §5.8 and §9.</summary>
public sealed class ReconnectOptions
{
    private TimeSpan _firstDelay = TimeSpan.FromMilliseconds(250);
    private TimeSpan _longestDelay = TimeSpan.FromSeconds(10);
    private double _factor = 2;
    private TimeSpan? _giveUpAfter = TimeSpan.FromMinutes(5);
    private int _maxUnconfirmedMessages = 256;
    private int _maxUnconfirmedBytes = 1024 * 1024;

    /// <summary>
    /// Whether the client comes back by itself; default <c>true</c>. It does so after a connection that broke, fell silent, or ended with a
    /// code that may be retried (protocol-spec.md §9). <c>false</c>: the first connection's end is the client's.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Whether a client whose session was lost joins its room again by itself, with the same ticket; default <c>true</c>.
    /// </summary>
    public bool RejoinRoom { get; set; } = true;

    /// <summary>
    /// The first attempt comes after a random time between zero and this; default 250 ms, long enough to spread out those whose connections
    /// broke together, short enough not to be noticed. More than zero.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public TimeSpan FirstDelay
    {
        get => _firstDelay;
        set => _firstDelay = value > TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "FirstDelay must be more than zero.");
    }

    /// <summary>What the bound is multiplied by after each attempt; default 2. 1 to 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not 1 to 10.</exception>
    public double Factor
    {
        get => _factor;
        set => _factor = value is >= 1 and <= 10
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Factor must be 1 to 10.");
    }

    /// <summary>
    /// The bound grows no further than this; default 10 s, well below the 30 s that a server keeps a session. A connection that held for
    /// so long counts as good: the next break begins with <see cref="FirstDelay"/> again. More than zero, at most a day.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive, or more than a day.</exception>
    public TimeSpan LongestDelay
    {
        get => _longestDelay;
        set => _longestDelay = value > TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "LongestDelay must be more than zero and at most a day.");
    }

    /// <summary>
    /// After so long without a session the client ends, with a last attempt at that moment; <c>null</c>: never. Default 5 min: whoever
    /// waits longer would rather be asked. More than zero.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public TimeSpan? GiveUpAfter
    {
        get => _giveUpAfter;
        set => _giveUpAfter = value is null || value > TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "GiveUpAfter must be more than zero, or null for never.");
    }

    /// <summary>
    /// The most joins, leaves and events that are kept because the server has not confirmed them yet. Default 256: twice the burst that a
    /// server usually takes. 1 to 65,536. Beyond it sending waits while connected, and fails while away.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not 1 to 65,536.</exception>
    public int MaxUnconfirmedMessages
    {
        get => _maxUnconfirmedMessages;
        set => _maxUnconfirmedMessages = value is >= 1 and <= 65_536
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "MaxUnconfirmedMessages must be 1 to 65,536.");
    }

    /// <summary>
    /// The most bytes of those messages, frame headers included; a single longer one goes alone. Default 1,048,576 (1 MiB): 128 events of
    /// the largest usual size. 4,096 to 1,073,741,824. Beyond it as for <see cref="MaxUnconfirmedMessages"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not 4,096 to 1,073,741,824.</exception>
    public int MaxUnconfirmedBytes
    {
        get => _maxUnconfirmedBytes;
        set => _maxUnconfirmedBytes = value is >= 4096 and <= 1 << 30
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "MaxUnconfirmedBytes must be 4,096 to 1,073,741,824.");
    }

    /// <summary>
    /// Where the jitter comes from; default <c>null</c>: one of the client's own, seeded at random. Used by one thread at a time, but not
    /// to be shared between clients.
    /// </summary>
    public Random? Random { get; set; }
}
