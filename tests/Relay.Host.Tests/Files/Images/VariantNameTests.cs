using Relay.Host.Files.Images;

namespace Relay.Host.Tests.Files.Images;

/// <summary>Names of variants, and options.</summary>
public sealed class VariantNameTests
{
    [Theory]
    [InlineData("64.webp", 64, "image/webp")]
    [InlineData("512.png", 512, "image/png")]
    [InlineData("4096.jpg", 4096, "image/jpeg")]
    public void Name_isSizeAndFormat(string text, int size, string mediaType)
    {
        Assert.True(VariantName.TryParse(text, out VariantName name));
        Assert.Equal(size, name.Size);
        Assert.Equal(mediaType, name.MediaType);
        Assert.Equal(text, name.ToString());
    }

    [Fact]
    public void Names_are21_andEachReadsAsItself()
    {
        VariantName[] all = [.. VariantName.All];
        Assert.Equal(21, all.Distinct().Count());
        Assert.All(all, name => Assert.True(VariantName.TryParse(name.ToString(), out VariantName same) && same == name));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("256")]
    [InlineData(".webp")]
    [InlineData("256.")]
    [InlineData("256.WEBP")]
    [InlineData("256.jpeg")]
    [InlineData("256.gif")]
    [InlineData("0256.webp")]
    [InlineData("+256.webp")]
    [InlineData(" 256.webp")]
    [InlineData("256.webp ")]
    [InlineData("256.webp.png")]
    [InlineData("100.webp")]
    [InlineData("8192.webp")]
    [InlineData("-64.webp")]
    [InlineData("256.webp[Q=1]")]
    [InlineData("../256.webp")]
    [InlineData("２５６.webp")]
    public void Name_thatIsNone_isRefused(string? text) => Assert.False(VariantName.TryParse(text, out _));

    [Fact]
    public void Options_thatCannotWork_areOneLineEach()
    {
        Assert.Empty(new ImageOptions().Validate());
        var options = new ImageOptions
        {
            MaxConcurrent = 0,
            MaxWaiting = -1,
            MaxMemory = 1,
            MaxPixels = 0,
            Timeout = TimeSpan.Zero,
        };
        Assert.Equal(
            [
                "Relay:Files:Images:MaxConcurrent must be 1 to 64; it is 0.",
                "Relay:Files:Images:MaxWaiting must be 0 to 10000; it is -1.",
                "Relay:Files:Images:MaxMemory must be 268435456 to 1099511627776; it is 1.",
                "Relay:Files:Images:MaxPixels must be 1 to 10000000000; it is 0.",
                "Relay:Files:Images:Timeout must be 00:00:00.1000000 to 00:05:00; it is 00:00:00.",
            ],
            options.Validate());
    }
}
