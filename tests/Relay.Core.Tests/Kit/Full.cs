namespace Relay.Core.Tests.Kit;

/// <summary>How much a long test does: a taste in the normal run, all of it when everything is asked for
/// (<c>relay test --full</c>).</summary>
internal static class Full
{
    public static bool IsAsked { get; } = Environment.GetEnvironmentVariable("RELAY_TEST_FULL") == "1";

    public static int Or(int full, int normal) => IsAsked ? full : normal;
}
