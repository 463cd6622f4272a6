using Microsoft.Extensions.Logging;

namespace Relay.Core.Tests.Kit;

/// <summary>Compares what a server has told of its connections: whoever was let in has ended, once, and nobody else has.</summary>
internal static class Books
{
    private const int OpenedLine = 2, ClosedLine = 3;

    /// <summary>Waits until nobody but some is connected, and checks that everybody else's beginning and end were told once.</summary>
    /// <param name="server">The server.</param>
    /// <param name="stay">How many stay.</param>
    /// <returns>How many were let in, those included that stay.</returns>
    public static async Task<int> BalanceAsync(RelayTestServer server, int stay = 0)
    {
        await Waiting.UntilAsync(() => server.Relay.ConnectionCount == stay, "the connections' end");

        // The count falls a moment before the line is written.
        await Waiting.UntilAsync(
            () => server.Log.WithId(OpenedLine).Count() == server.Log.WithId(ClosedLine).Count() + stay,
            "a line for each end");
        object?[] opened = [.. server.Log.WithId(OpenedLine).Select(line => line.Fields["Session"])];
        object?[] closed = [.. server.Log.WithId(ClosedLine).Select(line => line.Fields["Session"])];
        Assert.Equal(opened.Length, opened.Distinct().Count());
        Assert.Equal(closed.Length, closed.Distinct().Count());
        Assert.Empty(closed.Except(opened));
        Assert.DoesNotContain(server.Log.Lines, line => line.Level >= LogLevel.Error);
        return opened.Length;
    }

    /// <summary>The roads that were taken, of those who were let in.</summary>
    public static IEnumerable<string> Roads(RelayTestServer server) =>
        server.Log.WithId(OpenedLine).Select(line => (string)line.Fields["Road"]!);
}
