using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Host.Files.Images;

/// <summary>What a variant is written as.</summary>
internal enum VariantFormat
{
    /// <summary>WebP: transparent and animated if the original is.</summary>
    Webp,

    /// <summary>PNG: transparent if the original is; of an animation the first frame.</summary>
    Png,

    /// <summary>JPEG, on white; of an animation the first frame.</summary>
    Jpg,
}

/// <summary>The name of a variant, as in <c>256.webp</c>. There are 21, so a file's variants can be listed, and its owner's space
/// bounded.</summary>
/// <param name="Size">Its longest side in pixels: one of <see cref="Sizes"/>. What is smaller is not enlarged.</param>
/// <param name="Format">What it is written as.</param>
internal readonly record struct VariantName(int Size, VariantFormat Format)
{
    private static readonly int[] AllowedSizes = [64, 128, 256, 512, 1024, 2048, 4096];

    /// <summary>The sizes that there are.</summary>
    public static ReadOnlySpan<int> Sizes => AllowedSizes;

    /// <summary>Every name that there is.</summary>
    public static IEnumerable<VariantName> All =>
        from size in AllowedSizes from format in Enum.GetValues<VariantFormat>() select new VariantName(size, format);

    /// <summary>Its media type.</summary>
    public string MediaType => Format switch
    {
        VariantFormat.Webp => "image/webp",
        VariantFormat.Png => "image/png",
        _ => "image/jpeg",
    };

    /// <summary>Its ending: <c>webp</c>, <c>png</c> or <c>jpg</c>.</summary>
    public string Extension => Format switch
    {
        VariantFormat.Webp => "webp",
        VariantFormat.Png => "png",
        _ => "jpg",
    };

    /// <summary>Reads a name. Each variant has exactly one: no other case, no zeros before the number.</summary>
    /// <param name="text">What was asked for.</param>
    /// <param name="name">The name.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out VariantName name)
    {
        foreach (VariantName candidate in All)
        {
            if (text == candidate.ToString())
            {
                name = candidate;
                return true;
            }
        }

        name = default;
        return false;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Size}.{Extension}");
}
