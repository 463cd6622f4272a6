using System.Text.Json.Nodes;

namespace Relay.Load.Measure;

/// <summary>The middle of several runs, field by field.</summary>
internal static class Median
{
    public static JsonObject Of(IReadOnlyList<JsonObject> runs) => Of(runs, Of);

    /// <summary>One number for each field that holds numbers; <c>null</c> for one that no run could measure.</summary>
    /// <param name="runs">The figures of each run.</param>
    /// <param name="pick">What becomes of a field's values: their middle, least, most.</param>
    public static JsonObject Of(IReadOnlyList<JsonObject> runs, Func<double[], double> pick)
    {
        var picked = new JsonObject();
        foreach (string field in runs[0].Where(field => field.Value is null or JsonValue).Select(field => field.Key))
        {
            double[] values = [.. runs.Select(run => run[field]).OfType<JsonValue>().Select(value => value.GetValue<double>())];
            picked[field] = values.Length == 0 ? null : JsonValue.Create(pick(values));
        }

        return picked;
    }

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double Of(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
