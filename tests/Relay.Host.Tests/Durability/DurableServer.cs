namespace Relay.Host.Tests.Durability;

/// <summary>The program on a database, and clients that work in some rooms of it.</summary>
internal sealed class DurableServer(string connectionString, params string[] more) : IAsyncDisposable
{
    private const string Permissions =
        "Move, SendEvents, Chat, CreateObjects, Pin, TakeObjects, LockObjects, EditObjects, SetRoomAttributes, SetMemberAttributes";

    private RelayProgram? _program;

    public RelayProgram Program => _program!;

    public DurableClient[] Clients { get; } =
    [
        .. from room in Enumerable.Range(0, 3)
           from member in Enumerable.Range(0, 2)
           select new DurableClient($"durable-{room}", $"c{member}", (room * 2) + member + 1),
    ];

    /// <summary>Starts the program.</summary>
    public async Task<TimeSpan> StartAsync()
    {
        long begun = TimeProvider.System.GetTimestamp();
        _program = await RelayProgram.StartAsync([
            $"--Relay:Storage:ConnectionString={connectionString}", "--Relay:Limits:FramesPerSecond=0", "--Relay:Limits:EventsPerSecond=0",
            "--Relay:Room:Roles:0:Name=member", $"--Relay:Room:Roles:0:Permissions={Permissions}", .. more,
        ]);
        return TimeProvider.System.GetElapsedTime(begun);
    }

    /// <summary>All enter, and find what must be there.</summary>
    public async Task JoinAndCheckAsync()
    {
        await Task.WhenAll(Clients.Select(client => client.JoinAsync(Program.Tcp)));
        Assert.All(Clients, client => client.Check());
    }

    public void Begin() => Array.ForEach(Clients, client => client.Begin());

    /// <summary>Kills the program where it stands.</summary>
    public async Task KillAsync()
    {
        await Program.DisposeAsync();
        await LeaveAsync();
    }

    /// <summary>The clients are gone, and nobody was refused anything.</summary>
    public async Task LeaveAsync()
    {
        foreach (DurableClient client in Clients)
        {
            await client.EndAsync();
            Assert.Empty(client.Faults);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
        {
            await _program.DisposeAsync();
        }

        foreach (DurableClient client in Clients)
        {
            await client.DisposeAsync();
        }
    }
}
