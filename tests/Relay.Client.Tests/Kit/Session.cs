using Relay.Protocol.Frames;

namespace Relay.Client.Tests.Kit;

/// <summary>A client that is welcomed, and the server that it talks to. Unless a test says otherwise, its first connection is its only
/// one.</summary>
internal sealed class Session : IAsyncDisposable
{
    private Session(RelayClientOptions? options) => Client = new RelayClient(Told, options ?? Once());

    public ScriptedServer Server { get; } = new();

    public Recorder Told { get; } = new();

    public RelayClient Client { get; }

    public static RelayClientOptions Once() => new() { Reconnect = { Enabled = false } };

    public static async Task<Session> ConnectAsync(RelayClientOptions? options = null, byte[]? welcome = null)
    {
        var session = new Session(options);
        Task connecting = session.Client.ConnectAsync("127.0.0.1", session.Server.Port);
        await session.Server.AcceptAsync();
        session.Server.Send(welcome ?? Frames.Welcome());
        await connecting;
        return session;
    }

    public static async Task<Session> JoinAsync(RelayClientOptions? options = null)
    {
        Session session = await ConnectAsync(options);
        Task<RoomInfo> joining = session.Client.JoinAsync("hall");
        await session.Server.ExpectAsync(FrameType.Join);
        session.Server.Send(Frames.Joined(1), Frames.Snapshot((Frames.Me, Frames.MySlot, "Ada")));
        await joining;
        Assert.Equal("joined hall", session.Told.Next());
        Assert.Equal("presence 1", session.Told.Next());
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        // The server goes first, so that the client need not wait for its goodbye to be answered.
        await Server.DisposeAsync();
        await Client.DisposeAsync();
    }
}
