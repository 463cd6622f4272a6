using System.Text;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Transforms;
using Xunit.Sdk;

namespace Relay.Client.Tests.Kit;

/// <summary>A client of a real server, behind a proxy of its own, that keeps what it is told.</summary>
internal sealed class Traveller : RelayHandler, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _events = [];
    private readonly List<string> _turns = [];
    private readonly HashSet<uint> _present = [];
    private TaskCompletionSource _change = New();

    public Traveller(RealServer server, Wire wire, Func<int, ProxyPlan>? plan = null, Action<RelayClientOptions>? configure = null)
    {
        Proxy = new Proxy(server.Endpoint(wire), plan);
        Wire = wire;
        var options = new RelayClientOptions
        {
            Reconnect = { FirstDelay = TimeSpan.FromMilliseconds(1), LongestDelay = TimeSpan.FromMilliseconds(20), Random = new Random(1) },
        };
        configure?.Invoke(options);
        Client = new RelayClient(this, options);
    }

    public Proxy Proxy { get; }

    public Wire Wire { get; }

    public RelayClient Client { get; }

    public RoomView View { get; } = new();

    /// <summary>Snapshots, whole ones.</summary>
    public int Snapshots { get; private set; }

    /// <summary>State frames, of changes and of snapshots.</summary>
    public int StateFrames { get; private set; }

    /// <summary>Why it left a room last.</summary>
    public CloseCode LeftBecause { get; private set; }

    public CloseInfo? Closed { get; private set; }

    public uint Member => Client.Room!.Member;

    /// <summary>Events: sender and text.</summary>
    public string[] Events => Copy(_events);

    /// <summary>What became of the connection, the room and the others.</summary>
    public string[] Turns => Copy(_turns);

    public Task ConnectAsync() => Wire == Wire.Tcp
        ? Client.ConnectAsync("127.0.0.1", Proxy.Port)
        : Client.ConnectAsync(new Uri($"ws://127.0.0.1:{Proxy.Port}/relay"));

    /// <summary>Waits until what it was told makes something true.</summary>
    public async Task UntilAsync(Func<Traveller, bool> condition, string what)
    {
        while (true)
        {
            Task change = Volatile.Read(ref _change).Task;
            if (condition(this))
            {
                return;
            }

            if (Closed is { } closed)
            {
                throw new XunitException($"The client ended before {what}: {closed}; {closed.Exception}");
            }

            await change.InTimeAsync($"{what}; so far: {string.Join(", ", Turns)}; {Events.Length} events");
        }
    }

    public ValueTask<ulong> SayAsync(string text) => Client.SendEventAsync(2000, Encoding.UTF8.GetBytes(text), includeSelf: true);

    /// <summary>Where it sees somebody, in metres along x.</summary>
    public double? XOf(Traveller other) =>
        other.Client.Room is { } room && View.TryGetTransform(room.Member, out Transform place) ? Math.Round(place.X, 3) : null;

    public override void OnJoined(RoomInfo room)
    {
        View.Reset(room);
        _present.Clear();
        Add(_turns, "joined " + room.Name);
    }

    public override void OnLeft(RoomInfo room, CloseCode reason)
    {
        View.Reset(null);
        LeftBecause = reason;
        Add(_turns, "left " + room.Name);
    }

    public override void OnGap(RoomInfo room)
    {
        _present.Clear();
        Add(_turns, "gap");
    }

    public override void OnPresence(RoomInfo room, ref Presence presence)
    {
        Presence copy = presence;
        View.Apply(ref copy);
        NotePart(presence.Flags);
        if ((presence.Flags & PresenceFlags.First) != 0)
        {
            _present.Clear();
        }

        while (presence.TryReadEntry(out PresenceEntry entry))
        {
            // Nobody arrives twice, and nobody leaves or changes who was not there.
            Assert.True(entry.Kind switch
            {
                PresenceKind.Present => _present.Add(entry.Member),
                PresenceKind.Left => _present.Remove(entry.Member),
                _ => _present.Contains(entry.Member),
            });
            if (entry.Kind == PresenceKind.Left)
            {
                Add(_turns, $"gone {entry.Member}");
            }
        }

        Tell();
    }

    public override void OnState(RoomInfo room, ref State state)
    {
        View.Apply(ref state);
        StateFrames++;
        NotePart(state.Flags);
        Tell();
    }

    public override void OnBatch(RoomInfo room, ref TransformBatch batch)
    {
        Assert.True(View.Apply(ref batch));
        Tell();
    }

    public override void OnEvent(RoomInfo room, in RoomEvent message)
    {
        if (message.Kind < SendEvent.FirstApplicationKind)
        {
            Add(_turns, $"{(SignalKind)message.Kind} {message.Sender} {Convert.ToHexString(message.Payload)}");
        }
        else
        {
            Add(_events, $"{message.Sender} {Encoding.UTF8.GetString(message.Payload)}");
        }
    }

    public override void OnRefused(in Refusal refusal) => Add(_turns, "refused " + refusal);

    public override void OnReconnecting(ReconnectAttempt attempt) => Add(_turns, attempt.Attempt == 1 ? "away" : "away still");

    public override void OnReconnected(Reconnection reconnection) => Add(_turns, reconnection.Resumed ? "back" : "new");

    public override void OnClosed(CloseInfo info)
    {
        Closed = info;
        Add(_turns, $"closed {info.Code}");
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Proxy.DisposeAsync();
    }

    private void NotePart(PresenceFlags flags) => Snapshots += (flags & PresenceFlags.Last) != 0 ? 1 : 0;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Add(List<string> list, string line)
    {
        lock (_gate)
        {
            list.Add(line);
        }

        Tell();
    }

    private void Tell() => Interlocked.Exchange(ref _change, New()).TrySetResult();

    private string[] Copy(List<string> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
