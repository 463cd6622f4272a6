namespace Relay.Host.Tests.Storage.Kit;

/// <summary>Tests that mount a file system, which only root may.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrivilegedTheoryAttribute : TheoryAttribute
{
    public PrivilegedTheoryAttribute()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Skip = "Only root mounts file systems.";
        }
    }
}
