using Relay.Core.Hosting;
using Relay.Protocol;
using Relay.Protocol.Transforms;

namespace Relay.Core.Tests.Kit;

/// <summary>
/// A server with two members in a room of their own, for cases of hostile peers: whatever those do, the two must still be served, one
/// counter and one line of the log must tell of it, and no line may hold a secret.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>What hostile peers say in their Hello.</summary>
    public const string Secret = "token:never-to-be-logged";

    private const int ClosedLine = 3, RejectedLine = 4;

    private readonly Peer _mover;
    private readonly Peer _watcher;
    private double _steps;

    private Scene(RelayTestServer server, Peer mover, Peer watcher)
    {
        Server = server;
        _mover = mover;
        _watcher = watcher;
    }

    public RelayTestServer Server { get; }

    public static async Task<Scene> StartAsync(Action<RelayOptions>? configure = null)
    {
        RelayTestServer server = await RelayTestServer.StartAsync(configure);
        Peer mover = await Peer.JoinAsync(server, Wire.Tcp, "elsewhere");
        Peer watcher = await Peer.JoinAsync(server, Wire.Tcp, "elsewhere");
        return new Scene(server, mover, watcher);
    }

    /// <summary>A peer with a secret, connected and let in.</summary>
    public Task<Peer> HostileAsync(Wire wire) => Peer.ConnectAsync(Server, wire, Secret);

    /// <summary>The members of the other room are still served.</summary>
    public async Task OthersAreServedAsync()
    {
        _steps = (_steps + 1) % 60;
        var place = new Transform(_steps, 0, 0);
        await _mover.MoveAsync(place);
        await _watcher.SeesAsync(_mover.Seat!.Slot, place);
    }

    /// <summary>A connection that had been let in was closed for a reason: told once in metrics and log.</summary>
    public async Task ClosedOnceAsync(CloseCode code, CloseCode cause = CloseCode.None)
    {
        await ServeUntilAsync(() => Count("relay.server.connection.duration", code) > 0, $"a connection closed with {code}");
        Assert.Equal(1, Count("relay.server.connection.duration", code));
        Told(ClosedLine, code, cause);
        await HoldsAsync();
    }

    /// <summary>A connection was turned away for a reason: told once in metrics and log.</summary>
    public async Task RejectedOnceAsync(CloseCode code, CloseCode cause = CloseCode.None)
    {
        await ServeUntilAsync(() => Count("relay.server.rejected_connections", code) > 0, $"a connection turned away with {code}");
        Assert.Equal(1, Count("relay.server.rejected_connections", code));
        Told(RejectedLine, code, cause);
        await HoldsAsync();
    }

    /// <summary>The server lives, serves others, and has kept secrets.</summary>
    public async Task HoldsAsync()
    {
        await OthersAreServedAsync();
        Assert.DoesNotContain(Server.Log.Lines, line => line.Text.Contains("never-to-be-logged", StringComparison.Ordinal));
        Assert.DoesNotContain(Server.Log.Lines, line => line.Exception is not null);
    }

    public async ValueTask DisposeAsync()
    {
        await _mover.DisposeAsync();
        await _watcher.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>Waits, while the others go on as ever.</summary>
    public async Task ServeUntilAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Waiting.Patience, $"Waited in vain for {what}.");
            await OthersAreServedAsync();
        }
    }

    private int Count(string instrument, CloseCode code) => Server.Metrics.All(instrument)
        .Count(measured => Equals(measured.Tags["relay.close.reason"], CloseCodes.Name(code)));

    private void Told(int id, CloseCode code, CloseCode cause)
    {
        LogLine line = Assert.Single(Server.Log.WithId(id), line => Equals(line.Fields["Code"], (int)code));
        Assert.Equal(CloseCodes.Name(cause), line.Fields["Cause"]);
    }
}
