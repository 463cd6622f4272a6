using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Relay.Host;

/// <summary>
/// What <c>/health/ready</c> answers: the status, and a line for each check that has something to say to anybody. What a check says of its
/// problems otherwise is for operators and is not shown.
/// </summary>
internal static class ReadyResponse
{
    private const string NoticeKey = "notice";

    /// <summary>A check's data with what it says to anybody.</summary>
    /// <param name="text">One line; no paths, no addresses.</param>
    public static Dictionary<string, object> Notice(string text) => new() { [NoticeKey] = text };

    /// <summary>Writes the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="report">What the checks say.</param>
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var text = new StringBuilder(report.Status.ToString());
        foreach ((string name, HealthReportEntry entry) in report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (entry.Data.TryGetValue(NoticeKey, out object? notice))
            {
                text.Append('\n').Append(name).Append(": ").Append(notice);
            }
        }

        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }
}
