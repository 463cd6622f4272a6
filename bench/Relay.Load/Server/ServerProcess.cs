using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Relay.Load.Server;

/// <summary>
/// A server started for a run, in a process of its own, which never outlives the tester: it is killed on dispose, on exit, and, where
/// <c>setpriv</c> exists, by the kernel when the tester dies without a word.
/// </summary>
internal sealed class ServerProcess : IDisposable
{
    private const int KeptLines = 30;

    private readonly Process _process = new();
    private readonly Queue<string> _lastLines = new();
    private readonly TaskCompletionSource<ReadyLine> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEvent _over = new(initialState: false);
    private readonly Thread _keeper;
    private int _killed;

    private ServerProcess(string host, ServerSettings settings)
    {
        ProcessStartInfo start = _process.StartInfo;
        List<string> words = [.. Tools.DieWithParent(), .. Tools.Pin(settings.Cpu), Tools.Dotnet(), host, .. settings.Arguments()];
        start.FileName = words[0];
        words.Skip(1).ToList().ForEach(start.ArgumentList.Add);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        // The tester's own socket settings are not the server's.
        start.Environment.Remove(Tools.InlineCompletions);
        start.Environment.Remove(Tools.RestartedGuard);
        if (settings.Database is { } database)
        {
            start.Environment["Relay__Storage__ConnectionString"] = database;
        }

        _process.EnableRaisingEvents = true;
        _process.OutputDataReceived += (_, line) => OnLine(line.Data);
        _process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _process.Exited += (_, _) => OnExited();
        AppDomain.CurrentDomain.ProcessExit += OnTesterExit;

        // The kernel ties "parent" to the thread that starts a process, so that thread has to stay.
        _keeper = new Thread(Keep) { IsBackground = true, Name = "server keeper" };
    }

    /// <summary>Whether it still runs.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <exception cref="LoadException">It did not start; the message has its last lines.</exception>
    public static async Task<(ServerProcess Process, ReadyLine Ready)> StartAsync(string host, ServerSettings settings, CancellationToken cancellationToken)
    {
        var server = new ServerProcess(host, settings);
        try
        {
            server._keeper.Start();
            ReadyLine ready = await server._ready.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, cancellationToken).ConfigureAwait(false);
            return (server, ready);
        }
        catch (TimeoutException)
        {
            string lines = server.LastLines();
            server.Dispose();
            throw new LoadException("the server did not say that it is ready within 30 s" + lines);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnTesterExit;
        Kill();
        _over.Set();
        if (_keeper.ThreadState != System.Threading.ThreadState.Unstarted)
        {
            _keeper.Join();
        }

        _process.Dispose();
        _over.Dispose();
    }

    /// <summary>The server's last lines, for an error message.</summary>
    public string LastLines()
    {
        lock (_lastLines)
        {
            return _lastLines.Count == 0 ? string.Empty : ":\n  " + string.Join("\n  ", _lastLines);
        }
    }

    private void Keep()
    {
        try
        {
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }
        catch (Win32Exception e)
        {
            _ready.TrySetException(new LoadException($"cannot start {_process.StartInfo.FileName}: {e.Message}"));
            return;
        }

        _over.WaitOne();
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastLines)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > KeptLines)
            {
                _lastLines.Dequeue();
            }
        }

        if (ReadyLine.TryParse(line) is { } ready)
        {
            _ready.TrySetResult(ready);
        }
    }

    private void OnExited()
    {
        if (!_ready.Task.IsCompleted)
        {
            string code = _process.ExitCode.ToString(CultureInfo.InvariantCulture);
            _ready.TrySetException(new LoadException($"the server ended with exit code {code} before it was ready{LastLines()}"));
        }
    }

    private void OnTesterExit(object? sender, EventArgs e) => Kill();

    private void Kill()
    {
        if (Interlocked.Exchange(ref _killed, 1) != 0)
        {
            return;
        }

        try
        {
            _process.Kill();
            _process.WaitForExit(5000);
        }
        catch (InvalidOperationException)
        {
            // Never started, or gone already.
        }
    }
}
