using Microsoft.Extensions.Diagnostics.HealthChecks;
using Relay.Host.Files.Images;
using Relay.Host.Tests.Files.Images.Kit;

namespace Relay.Host.Tests.Files.Images;

/// <summary>Without the program there are no variants, and nothing else is the matter.</summary>
public sealed class VariantsOffTests
{
    [Theory]
    [InlineData("", "Relay:Files:Images:Program is empty")]
    [InlineData("vipsthumbnail-7", "vipsthumbnail-7 is not installed (Debian package libvips-tools)")]
    [InlineData("/nowhere/vipsthumbnail", "Relay:Files:Images:Program names no file")]
    [InlineData("/bin/true", "the program does not tell its version")]
    [InlineData("/etc/passwd", "the program does not tell its version")]
    public async Task ProgramMissing_isSaid_andNothingThrows(string program, string problem)
    {
        await using var bed = new ImageBed(options => options.Program = program);
        await bed.Variants.StartAsync(default);
        Assert.Equal(problem, await bed.Variants.ProblemAsync(default));
        Assert.False(bed.Variants.IsOn);
        (VariantOutcome outcome, byte[] made) = await bed.TryMakeAsync(ImageBed.Source(Drawing.Quarters(20, 10), "image/png"), "64.webp");
        Assert.Equal(new VariantOutcome(VariantStatus.Off, $"Variants are off: {problem}."), outcome);
        Assert.Empty(made);
        Assert.Single(bed.Log.Lines, line => line == $"Images: variants off: {problem}. Originals are served all the same.");
        HealthCheckResult health = await new ImageVariantsHealth(bed.Variants).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Equal($"variants off: {problem}", health.Description);
    }

    [Fact]
    public async Task ProgramThere_isOn_andHealthNamesItsVersion()
    {
        await using var bed = new ImageBed();
        Assert.True(bed.Variants.IsOn);
        HealthCheckResult health = await new ImageVariantsHealth(bed.Variants).CheckHealthAsync(new HealthCheckContext());
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Matches(@"^variants on \(libvips [0-9]+\.[0-9]+\.[0-9]+\)$", health.Description);
        Assert.True(bed.Variants.IsOn);
    }

    [Fact]
    public async Task Readiness_saysThatVariantsAreOff_andIsHealthy()
    {
        await using RelayProgram program = await RelayProgram.StartAsync("--Relay:Files:Images:Program=");
        using HttpClient client = program.Client();
        Assert.Equal("Healthy\nfiles: variants off: Relay:Files:Images:Program is empty", await client.GetStringAsync("/health/ready"));
    }

    [Fact]
    public async Task OptionsThatCannotWork_endTheStart_inOneLine()
    {
        await using ChildProcess program = RelayProgram.Launch("--Relay:Files:Images:MaxPixels=0");
        Assert.Equal(2, await program.ExitAsync());
        Assert.Equal("relay: Relay:Files:Images:MaxPixels must be 1 to 10000000000; it is 0.", Assert.Single(program.Errors));
    }
}
