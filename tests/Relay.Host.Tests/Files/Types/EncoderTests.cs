using Relay.Host.Files.Types;
using Relay.Host.Tests.Files.Types.Kit;

namespace Relay.Host.Tests.Files.Types;

/// <summary>Pictures from real encoders: those that variants are made with.</summary>
public sealed class EncoderTests
{
    [Theory]
    [InlineData("image/jpeg", "a.jpg", "jpegsave in.png a.jpg", 1)]
    [InlineData("image/jpeg", "a.jpg", "jpegsave in.png a.jpg --interlace --restart-interval 2", 1)]
    [InlineData("image/png", "a.png", "pngsave in.png a.png --interlace --bitdepth 4 --palette", 1)]
    [InlineData("image/webp", "a.webp", "webpsave in.png a.webp", 1)]
    [InlineData("image/webp", "a.webp", "webpsave in.png a.webp --lossless", 1)]
    [InlineData("image/webp", "a.webp", "webpsave film.gif[n=-1] a.webp", 3)]
    [InlineData("image/gif", "a.gif", "gifsave film.gif[n=-1] a.gif", 3)]
    [InlineData("image/avif", "a.avif", "heifsave in.png a.avif --compression av1 --effort 0", 1)]
    public async Task EncodedPicture_isSound(string type, string output, string arguments, int frames)
    {
        string directory = Directory.CreateTempSubdirectory("relay-types-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(directory, "in.png"), PngFile.Of(66, 34));
            await File.WriteAllBytesAsync(Path.Combine(directory, "film.gif"), GifFile.Of(66, 34, 3));
            await using (var vips = ChildProcess.Start("vips", arguments.Split(' '), directory: directory))
            {
                Assert.True(await vips.ExitAsync() == 0, vips.ToString());
            }

            byte[] file = await File.ReadAllBytesAsync(Path.Combine(directory, output));
            Assert.Equal(Inspection.Picture(FileType.OfMediaType(type)!, 66, 34, frames), await Content.InspectAsync(file));
            Assert.NotEqual(InspectionStatus.Sound, (await Content.InspectAsync(file[..(file.Length / 2)])).Status);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
