using Relay.Load.Wire;

namespace Relay.Load.Server;

/// <summary>The server under test: one started here, or one that runs already.</summary>
internal sealed class Target(ServerAddress address, int? pid, Diagnostics diagnostics, ServerProcess? process) : IDisposable
{
    public ServerAddress Address => address;

    public int? Pid => pid;

    public Diagnostics Diagnostics => diagnostics;

    /// <summary>Processor time of the server so far in nanoseconds, or <c>null</c> if it cannot be told.</summary>
    public long? ProcessorNanos() => pid is { } number ? ProcessorTime.ReadNanos(number) : null;

    /// <summary>Throws if the server has ended by itself.</summary>
    public void ThrowIfGone()
    {
        if (process is { IsRunning: false })
        {
            throw new LoadException("the server ended during the run" + process.LastLines());
        }
    }

    public void Dispose()
    {
        process?.Dispose();
        diagnostics.Dispose();
    }

    /// <summary>Starts a server.</summary>
    public static async Task<Target> StartAsync(string host, ServerSettings settings, CancellationToken cancellationToken)
    {
        (ServerProcess process, ReadyLine ready) = await ServerProcess.StartAsync(host, settings, cancellationToken).ConfigureAwait(false);
        var diagnostics = new Diagnostics(new UriBuilder("http", ready.Address.Host.ToString(), ready.Address.HttpPort).Uri);
        return new Target(ready.Address, ready.Pid, diagnostics, process);
    }
}
