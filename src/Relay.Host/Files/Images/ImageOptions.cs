namespace Relay.Host.Files.Images;

/// <summary>How variants of images are made, section <c>Relay:Files:Images</c>. Read once, at start.</summary>
internal sealed class ImageOptions
{
    /// <summary>What makes them: libvips' <c>vipsthumbnail</c>, by its name on the <c>PATH</c> or by its path. Default
    /// <c>vipsthumbnail</c>; empty turns variants off.</summary>
    public string Program { get; set; } = "vipsthumbnail";

    /// <summary>How many are made at a time. Default half of the processors, at least one: the other half is the rooms'. Range 1 to
    /// 64.</summary>
    public int MaxConcurrent { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>How many may wait for their turn; who comes then is asked to come again. Default 64: a page full of pictures. Range 0 to
    /// 10,000.</summary>
    public int MaxWaiting { get; set; } = 64;

    /// <summary>How long one may take, and how long it may wait for its turn. Default 20 s: what is allowed takes 6 s at the most on a
    /// slow processor. Range 100 ms to 5 minutes.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Address space that making one may take, in bytes. Default 1 GiB: about 200 MiB is the program itself, the rest does for
    /// <see cref="MaxPixels"/> in each format but 16-bit PNG. Range 256 MiB to 1 TiB.</summary>
    public long MaxMemory { get; set; } = 1L << 30;

    /// <summary>Pixels of the original, of all frames where all are wanted; judged by its header, before anything is decoded. Default
    /// 100,000,000: what large cameras take. Range 1 to 10,000,000,000.</summary>
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>Says what is wrong, if anything, in one line each.</summary>
    public IEnumerable<string> Validate()
    {
        foreach ((string name, long value, long least, long most) in new[]
        {
            (nameof(MaxConcurrent), MaxConcurrent, 1, 64),
            (nameof(MaxWaiting), MaxWaiting, 0, 10_000),
            (nameof(MaxMemory), MaxMemory, 1L << 28, 1L << 40),
            (nameof(MaxPixels), MaxPixels, 1, 10_000_000_000),
        })
        {
            if (value < least || value > most)
            {
                yield return $"Relay:Files:Images:{name} must be {least} to {most}; it is {value}.";
            }
        }

        TimeSpan shortest = TimeSpan.FromMilliseconds(100), longest = TimeSpan.FromMinutes(5);
        if (Timeout < shortest || Timeout > longest)
        {
            yield return $"Relay:Files:Images:{nameof(Timeout)} must be {shortest} to {longest}; it is {Timeout}.";
        }
    }
}
