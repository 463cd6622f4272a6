using System.Text.Json.Nodes;

namespace Relay.Load.Measure;

/// <summary>The middle of several runs, field by field.</summary>
internal static class Median
{
    public static JsonObject Of(IReadOnlyList<JsonObject> runs)
    {
        var medians = new JsonObject();
        foreach (KeyValuePair<string, JsonNode?> field in runs[0])
        {
            double[] values = [.. runs.Select(run => run[field.Key]).Where(value => value is not null).Select(value => value!.GetValue<double>())];
            medians[field.Key] = values.Length == 0 ? null : JsonValue.Create(Of(values));
        }

        return medians;
    }

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double Of(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
