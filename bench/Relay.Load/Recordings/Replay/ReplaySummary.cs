using System.Globalization;
using Relay.Protocol;

namespace Relay.Load.Recordings.Replay;

/// <summary>What became of a replay, in a few lines.</summary>
internal static class ReplaySummary
{
    public static void Print(ReplayCounts counts, TextWriter output)
    {
        output.WriteLine("sent     " + List(counts.Sent.Select(sent => Line(sent.Key, sent.Value))));
        output.WriteLine("skipped  " + List(counts.Skipped.Select(
            skipped => $"{Line(skipped.Key.Name, skipped.Value)} ({skipped.Key.Why})")));
        output.WriteLine("refused  " + List(counts.Refused.Select(
            refused => Line($"{(int)refused.Key} {CloseCodes.Name(refused.Key)}", refused.Value))));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"behind   p99 {counts.LagP99Nanos / 1e6:0.0} ms, max {counts.MaxLagNanos / 1e6:0.0} ms"));
        foreach (string lost in counts.Lost)
        {
            output.WriteLine("lost     " + lost);
        }
    }

    private static string Line(string name, long count) => string.Create(CultureInfo.InvariantCulture, $"{name} {count:N0}");

    private static string List(IEnumerable<string> parts) => string.Join(", ", parts) is { Length: > 0 } text ? text : "nothing";
}
