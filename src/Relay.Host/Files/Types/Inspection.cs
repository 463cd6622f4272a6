using Relay.Host.Files.Store;

namespace Relay.Host.Files.Types;

/// <summary>How an inspection ended.</summary>
internal enum InspectionStatus
{
    /// <summary>It is of a type that is taken, and sound as far as one can tell without decoding it.</summary>
    Sound,

    /// <summary>It is of no type that is taken, or is something else as well (HTTP 415).</summary>
    NotAllowed,

    /// <summary>It is cut off, or not built as its type is (HTTP 422).</summary>
    Unsound,

    /// <summary>It has more of something than it may have (HTTP 422).</summary>
    TooMuch,

    /// <summary>It could not be read; what it is nobody knows.</summary>
    StoreFailed,
}

/// <summary>What a file is, and whether it is sound.</summary>
internal sealed record Inspection
{
    private Inspection()
    {
    }

    /// <summary>How the inspection ended.</summary>
    public required InspectionStatus Status { get; init; }

    /// <summary>For people, after "The file is refused: ": why it is not sound, as "it is HTML". Empty if it is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What it is, if it is sound; otherwise null.</summary>
    public FileType? Type { get; init; }

    /// <summary>Of a picture how wide it is shown, in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Of a picture how high it is shown, in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Of a picture how many frames it has; otherwise 0.</summary>
    public int Frames { get; init; }

    /// <summary>Whether it is an animation.</summary>
    public bool IsAnimated => Frames > 1;

    /// <summary>Of a model whether parts of it are in other files, so that it is not whole by itself.</summary>
    public bool HasExternalParts { get; init; }

    /// <summary>Of what it has too much of, the most that it may have.</summary>
    public long Limit { get; init; }

    /// <summary>Of what it has too much of, how much it has, or how much it has at least: counting ends at what is over.</summary>
    public long Value { get; init; }

    /// <summary>If it could not be read, why; for logs.</summary>
    public StoreOutcome Outcome { get; init; } = StoreOutcome.Done;

    /// <summary>It is sound.</summary>
    /// <param name="type">What it is.</param>
    public static Inspection Sound(FileType type) => new() { Status = InspectionStatus.Sound, Type = type };

    /// <summary>It is a sound picture.</summary>
    /// <param name="type">What it is.</param>
    /// <param name="width">How wide it is shown; judged before.</param>
    /// <param name="height">How high it is shown; judged before.</param>
    /// <param name="frames">How many frames it has; judged before.</param>
    public static Inspection Picture(FileType type, long width, long height, int frames = 1) =>
        Sound(type) with { Width = (int)width, Height = (int)height, Frames = frames };

    /// <summary>It is refused for what it is.</summary>
    /// <param name="reason">Why, as "it is HTML".</param>
    public static Inspection NotAllowed(string reason) => new() { Status = InspectionStatus.NotAllowed, Reason = reason };

    /// <summary>It is not built as it should be.</summary>
    /// <param name="reason">Why, as "it has no end".</param>
    public static Inspection Unsound(string reason) => new() { Status = InspectionStatus.Unsound, Reason = reason };

    /// <summary>It has too much of something.</summary>
    /// <param name="what">Of what, as "frames".</param>
    /// <param name="value">How much it has, or has at least.</param>
    /// <param name="limit">How much it may have.</param>
    public static Inspection TooMuch(string what, long value, long limit) => new()
    {
        Status = InspectionStatus.TooMuch,
        Reason = $"it has {value} {what}, and may have {limit}",
        Value = value,
        Limit = limit,
    };

    /// <summary>It could not be read.</summary>
    /// <param name="outcome">Why.</param>
    public static Inspection Failed(StoreOutcome outcome) =>
        new() { Status = InspectionStatus.StoreFailed, Reason = "it cannot be read just now", Outcome = outcome };
}
