namespace Relay.Host.Files.Types;

/// <summary>How much a file may ask of those who show it. A few bytes can claim a picture of gigabytes; so pictures are judged by what they
/// claim, before anybody decodes them.</summary>
internal sealed class InspectionLimits
{
    /// <summary>The most pixels of a picture. Default 100,000,000: what the largest cameras make, and 400 MB for whoever decodes it as a
    /// whole.</summary>
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>The longest side of a picture in pixels. Default 30,000: a panorama has less, and many decoders end at 32,767.</summary>
    public int MaxSide { get; set; } = 30_000;

    /// <summary>The most frames of an animation. Default 2,000: a minute and more at 30 a second; what is longer is a video.</summary>
    public int MaxFrames { get; set; } = 2_000;

    /// <summary>The most pixels of an animation, counting the whole picture for each frame. Default 500,000,000: five times
    /// <see cref="MaxPixels"/>, as 500 frames of a megapixel; whoever makes a smaller one must decode all of them.</summary>
    public long MaxFramePixels { get; set; } = 500_000_000;

    /// <summary>The most parts (chunks, blocks, boxes, markers) that are walked through. Default 250,000: above a PNG of 100,000,000 pixels
    /// in chunks of 4 KiB; a file made of nothing but parts ends there, after some ten milliseconds.</summary>
    public int MaxParts { get; set; } = 250_000;

    /// <summary>The most bytes of a model's JSON. Default 16 MiB: buffers and pictures belong not into it but behind it, into a GLB. One
    /// text in it can be that long, and is in memory as a whole.</summary>
    public int MaxJsonLength { get; set; } = 16 * 1024 * 1024;

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    /// <param name="section">The path of these options, as <c>Relay:Files:Inspection</c>.</param>
    public IEnumerable<string> Validate(string section)
    {
        (string Name, long Value)[] all =
        [
            (nameof(MaxPixels), MaxPixels), (nameof(MaxSide), MaxSide), (nameof(MaxFrames), MaxFrames),
            (nameof(MaxFramePixels), MaxFramePixels), (nameof(MaxParts), MaxParts), (nameof(MaxJsonLength), MaxJsonLength),
        ];
        return all.Where(each => each.Value < 1).Select(each => $"{section}:{each.Name} must be at least 1; it is {each.Value}.");
    }

    /// <summary>Judges what a picture claims.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="frames">How many, or how many at least.</param>
    /// <returns>Null if it may be.</returns>
    internal Inspection? Judge(long width, long height, long frames = 1)
    {
        if (width < 1 || height < 1)
        {
            return Inspection.Unsound($"it says that it is {width} x {height} pixels");
        }

        if (Math.Max(width, height) > MaxSide)
        {
            return Inspection.TooMuch("pixels on one side", Math.Max(width, height), MaxSide);
        }

        // From here on nothing overflows: sides are below 2^31, frames below 2^32 and judged first.
        long pixels = width * height;
        return pixels > MaxPixels ? Inspection.TooMuch("pixels", pixels, MaxPixels)
            : frames > MaxFrames ? Inspection.TooMuch("frames", frames, MaxFrames)
            : frames > 1 && frames > MaxFramePixels / pixels ? Inspection.TooMuch("pixels in all frames", frames * pixels, MaxFramePixels)
            : null;
    }
}
