using System.Globalization;

namespace Relay.Host.Tests.Storage.Kit;

/// <summary>A test that mounts a file system, which only root may.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrivilegedFactAttribute : FactAttribute
{
    public PrivilegedFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Skip = "Only root mounts file systems.";
        }
    }
}

/// <summary>A file system of its own, which can be full or read-only.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string directory) => Directory = directory;

    public string Directory { get; }

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        string directory = System.IO.Directory.CreateTempSubdirectory("relay-disk-").FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes.ToString(CultureInfo.InvariantCulture)}m", "tmpfs", directory);
        return new SmallDisk(directory);
    }

    /// <summary>Mounts it with other options.</summary>
    /// <param name="options">"ro" or "rw".</param>
    public Task RemountAsync(string options) => RunAsync("mount", "-o", $"remount,{options}", Directory);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Directory);
        System.IO.Directory.Delete(Directory);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using ChildProcess process = ChildProcess.Start(program, arguments);
        int result = await process.ExitAsync();
        Assert.True(result == 0, $"{program} ended with {result}: {process}");
    }
}
