using System.Globalization;
using Xunit.Abstractions;

namespace Relay.Host.Tests;

/// <summary>Figures that a test prints. None is judged: the machine may be anybody's.</summary>
internal static class Measured
{
    public static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        long start = TimeProvider.System.GetTimestamp();
        await work();
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>Prints a line into the test's result and to the console.</summary>
    public static void Print(this ITestOutputHelper output, FormattableString text)
    {
        string line = text.ToString(CultureInfo.InvariantCulture);
        output.WriteLine(line);
        Console.WriteLine(line);
    }
}
