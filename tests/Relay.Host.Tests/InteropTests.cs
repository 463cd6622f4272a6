namespace Relay.Host.Tests;

/// <summary>A client that was written in another language from the document alone.</summary>
public sealed class InteropTests
{
    [Fact]
    public async Task NodeClient_joinsMovesAndDecodesBatches()
    {
        await using RelayProgram program = await RelayProgram.StartAsync();
        await using ChildProcess node = ChildProcess.Start(
            "node",
            [Path.Combine(Layout.Root, "tests", "interop", "interop.mjs")],
            environment: [("RELAY_WS", $"ws://{program.Http}/relay"), ("RELAY_TCP", program.Tcp)]);
        int code = await node.ExitAsync();
        Assert.True(code == 0, $"interop.mjs ended with {code}:\n{node}");
    }
}
