using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Relay.Host.Tests;

/// <summary>A process that a test has started, and ends.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Far above what anything here takes, so that only a mistake gets there.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<string> _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _awaitedStart;

    private ChildProcess(ProcessStartInfo start, string awaitedStart)
    {
        _awaitedStart = awaitedStart;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                _errors.Enqueue(text);
            }
        };
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>What it has written to standard output.</summary>
    public string[] Output => [.. _output];

    /// <summary>What it has written to standard error.</summary>
    public string[] Errors => [.. _errors];

    /// <summary>Starts a program.</summary>
    /// <param name="program">What to run.</param>
    /// <param name="arguments">With what.</param>
    /// <param name="awaited">The beginning of the line that <see cref="LineAsync"/> waits for.</param>
    /// <param name="directory">Where.</param>
    /// <param name="environment">Variables to set.</param>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, string awaited = "", string? directory = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory ?? Path.GetTempPath() };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start, awaited);
    }

    /// <summary>Waits for the line that it was started to wait for.</summary>
    public async Task<string> LineAsync()
    {
        Task exited = _process.WaitForExitAsync();
        if (await Task.WhenAny(_awaited.Task, exited).WaitAsync(Patience, TimeProvider.System) == exited && !_awaited.Task.IsCompleted)
        {
            Assert.Fail($"The process ended with {_process.ExitCode}: {this}");
        }

        return await _awaited.Task;
    }

    /// <summary>Asks it to end, as a service manager does.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {_process.Id.ToString(CultureInfo.InvariantCulture)}"]);
        await kill.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan? patience = null)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(patience ?? Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The process did not end: {this}");
        }

        return _process.ExitCode;
    }

    public override string ToString() => string.Join('\n', _output.Concat(_errors));

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }

        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        _process.Dispose();
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (_awaitedStart.Length > 0 && line.StartsWith(_awaitedStart, StringComparison.Ordinal))
        {
            _awaited.TrySetResult(line);
        }
    }
}
