using System.Diagnostics;

namespace Relay.Load.Tests;

/// <summary>The tester as users run it, in a process of its own, not pinned.</summary>
internal static class TesterProcess
{
    public static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        (int code, string output, string errors) = await StartAsync([.. arguments, "--server-cpu", "-1", "--client-cpu", "-1"]);
        return (code, output + errors);
    }

    /// <summary>With nothing added, and with what it prints and complains of told apart.</summary>
    public static async Task<(int Code, string Output, string Errors)> StartAsync(params string[] arguments)
    {
        using var process = new Process();
        process.StartInfo.FileName = Server.Tools.Dotnet();
        process.StartInfo.ArgumentList.Add(typeof(LoadException).Assembly.Location);
        foreach (string argument in arguments)
        {
            process.StartInfo.ArgumentList.Add(argument);
        }

        process.StartInfo.RedirectStandardOutput = true;
        process.StartInfo.RedirectStandardError = true;
        process.Start();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await errors);
    }
}
