namespace Relay.Protocol.MessagePack;

/// <summary>What a value may cost those who read it. The default value allows nothing.</summary>
public readonly struct MessagePackLimits
{
    /// <summary>The highest <see cref="MaxDepth"/>: the validator keeps one word a level on its stack.</summary>
    public const int HighestMaxDepth = 512;

    private readonly int _maxDepth;

    /// <summary>Bytes of the whole encoded value, at least 1 for any value.</summary>
    public required int MaxBytes { get; init; }

    /// <summary>Levels of arrays and maps in each other: 0 to <see cref="HighestMaxDepth"/>. 0 allows no array and no map, 1 a flat
    /// one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not in its range.</exception>
    public required int MaxDepth
    {
        get => _maxDepth;
        init => _maxDepth = (uint)value <= HighestMaxDepth
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The depth is limited by HighestMaxDepth.");
    }

    /// <summary>Values in all: each scalar, each array, each map, each key. At least 1 for any value.</summary>
    public required int MaxNodes { get; init; }

    /// <summary>Whether every key of every map must be a str, as readers in most languages expect.</summary>
    public bool TextKeysOnly { get; init; }
}
