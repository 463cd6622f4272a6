namespace Relay.Conformance.Tests.Kit;

/// <summary>Bounds for waits, far above what anything here takes: only a mistake gets there, and no verdict hangs on a slow
/// machine.</summary>
internal static class Patience
{
    /// <summary>For something that must happen.</summary>
    public static TimeSpan Long { get; } = TimeSpan.FromSeconds(30);

    /// <summary>For something that should happen, though it may also happen later.</summary>
    public static TimeSpan Short { get; } = TimeSpan.FromSeconds(10);
}
