using System.Text;
using Relay.Client;
using Relay.Host.Tests.Accounts;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;

namespace Relay.Host.Tests.Holes;

/// <summary>Somebody with an account who is in a room, over the real wire, and what it is told there.</summary>
internal sealed class Resident : RelayHandler, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<(uint Sender, uint Kind, string Payload)> _events = [];
    private readonly List<CloseCode> _refusals = [];

    private Resident(AccountsServer.Guest who)
    {
        Who = who;
        Link = new RelayClient(this, new RelayClientOptions { Credentials = Encoding.UTF8.GetBytes(who.Access), Reconnect = { Enabled = false } });
    }

    public AccountsServer.Guest Who { get; }

    public RelayClient Link { get; }

    public RoomView View { get; } = new();

    public uint Id => Link.Room!.Member;

    /// <summary>Events: who sent them by the server's word, what kind, and what is in them, in hex.</summary>
    public (uint Sender, uint Kind, string Payload)[] Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>What was refused for which nobody waited.</summary>
    public CloseCode[] Refusals
    {
        get
        {
            lock (_gate)
            {
                return [.. _refusals];
            }
        }
    }

    /// <summary>A new guest who is in a room, in a role that an operator has given it.</summary>
    public static async Task<Resident> EnterAsync(AccountsServer server, string name, string room = "plaza", string? role = null) =>
        await EnterAsync(server, await server.GuestAsync(name), room, role);

    /// <summary>Somebody who was here before, or is.</summary>
    public static async Task<Resident> EnterAsync(AccountsServer server, AccountsServer.Guest who, string room, string? role = null)
    {
        var resident = new Resident(who);
        await resident.Link.ConnectAsync(new Uri($"ws://{server.Http}/relay"));
        string ticket = role is null ? "" : await server.RoomTokenAsync(new { room, account = who.Account, role });
        await resident.Link.JoinAsync(room, Encoding.ASCII.GetBytes(ticket));
        await UntilAsync(() => resident.View.IsWhole, "the room is whole");
        return resident;
    }

    /// <summary>An object as this one is told that it is.</summary>
    public RoomObject Sees(uint id) => View.State.TryGetObject(id, out RoomObject known) ? known : default;

    public Task SeesAsync(uint id, Func<RoomObject, bool> isSo, string what) =>
        UntilAsync(() => View.State.TryGetObject(id, out RoomObject known) && isSo(known), what);

    /// <summary>Waits for something that is told at once or never.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience, TimeProvider.System);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"Waited in vain until {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Checks that a call is refused.</summary>
    public static async Task RefusedAsync(Task call, CloseCode code) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<RelayException>(() => call.WaitAsync(ChildProcess.Patience, TimeProvider.System))).Code);

    /// <summary>Everything that the server was told before has been worked through when this is answered.</summary>
    public Task SettledAsync() => Link.SetAttributeAsync(new AttributeTarget(TargetKind.Member, Member: Id), "settled", true);

    public override void OnJoined(RoomInfo room) => View.Reset(room);

    public override void OnPresence(RoomInfo room, ref Presence presence) => View.Apply(ref presence);

    public override void OnState(RoomInfo room, ref State state) => View.Apply(ref state);

    public override void OnBatch(RoomInfo room, ref TransformBatch batch) => View.Apply(ref batch);

    public override void OnEvent(RoomInfo room, in RoomEvent message)
    {
        lock (_gate)
        {
            _events.Add((message.Sender, message.Kind, Convert.ToHexString(message.Payload)));
        }
    }

    public override void OnRefused(in Refusal refusal)
    {
        lock (_gate)
        {
            _refusals.Add(refusal.Code);
        }
    }

    public ValueTask DisposeAsync() => Link.DisposeAsync();
}
