using Relay.Host.Tests.Api.Kit;
using Relay.Host.Tests.Files.Kit;

namespace Relay.Host.Tests.Files.Serving;

/// <summary>What becomes of downloads when the program is told to stop.</summary>
[Trait("Category", "Full")]
public sealed class ServingStopTests
{
    [Fact]
    public async Task Download_thatTakesLong_doesNotHoldTheProgramUp()
    {
        string directory = Directory.CreateTempSubdirectory("relay-served-").FullName;
        try
        {
            string database = "--Relay:Storage:ConnectionString=Data Source=" + Path.Combine(directory, "relay.db");
            ApiServer server = await ApiServer.StartAsync(database);
            string path = "/files/" + await server.PutAsync(StoreBed.Content(64 << 20, 1), "anna");
            await server.DisposeAsync();
            await using RelayProgram program = await RelayProgram.StartAsync(database);
            using var slow = new RawHttp(program.Http);
            Assert.StartsWith("HTTP/1.1 200 ", await slow.AskAsync("GET " + path), StringComparison.Ordinal);

            // Slow, but not as slow as what the server ends anyhow: it would take a quarter of an hour.
            using var stop = new CancellationTokenSource();
            Task<long> reading = slow.ReadSlowlyAsync(64 * 1024, stop.Token);
            await program.Process.TerminateAsync();
            Assert.Equal(0, await program.Process.ExitAsync(TimeSpan.FromSeconds(20)));
            await stop.CancelAsync();
            Assert.InRange(await reading, 1, 63 << 20);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
