using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Relay.Core.Tests.Kit;

/// <summary>One line of a log.</summary>
internal sealed record LogLine(string Category, LogLevel Level, int Id, string Text, Exception? Exception, IReadOnlyDictionary<string, object?> Fields);

/// <summary>Keeps every line that a server logs.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyCollection<LogLine> Lines => _lines;

    /// <summary>The relay's own lines with an id (RelayLog.cs).</summary>
    public IEnumerable<LogLine> WithId(int id) => _lines.Where(line => line.Category.StartsWith("Relay.", StringComparison.Ordinal) && line.Id == id);

    /// <summary>Forgets what was logged so far: a long test looks at a round at a time.</summary>
    /// <param name="keep">Which lines to keep.</param>
    public void Clear(IEnumerable<LogLine> keep)
    {
        LogLine[] kept = [.. keep];
        _lines.Clear();
        foreach (LogLine line in kept)
        {
            _lines.Enqueue(line);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCollector collector, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var fields = new Dictionary<string, object?>();
            foreach ((string key, object? value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
            {
                fields[key] = value;
            }

            collector._lines.Enqueue(new LogLine(category, logLevel, eventId.Id, formatter(state, exception), exception, fields));
        }
    }
}
