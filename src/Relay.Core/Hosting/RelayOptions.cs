using Relay.Core.Rooms;
using Relay.Core.Transport.Direct;

namespace Relay.Core.Hosting;

/// <summary>The options of a relay, section <c>Relay</c> of the configuration. Read and checked once, when the server starts: a change
/// needs a restart.</summary>
public sealed class RelayOptions
{
    /// <summary>
    /// Threads that own rooms. Default 0: one for each processor. A room lives on one of them, so one room never uses more than one
    /// processor. Range 0 to 256.
    /// </summary>
    public int Shards { get; set; }

    /// <summary>How bytes come and go. Default <see cref="RelayRoad.Auto"/>: the cheapest road that the platform and each connection
    /// allow.</summary>
    public RelayRoad Road { get; set; }

    /// <summary>How often a shard wakes for input. Default 10 ms: a hundred wake-ups a second cost little, and add 5 ms to a reliable
    /// message on average.</summary>
    public InputCadence InputCadence { get; set; } = InputCadence.Every(10);

    /// <summary>What rooms are like unless a join says otherwise (<see cref="JoinDecision"/>).</summary>
    public RoomOptions Room { get; set; } = new();

    /// <summary>What clients may do.</summary>
    public RelayLimits Limits { get; set; } = new();

    /// <summary>How long clients may come back to what they had.</summary>
    public ResumeOptions Resume { get; set; } = new();

    /// <summary>How the server stops.</summary>
    public DrainOptions Drain { get; set; } = new();

    /// <summary>How rooms are stored.</summary>
    public StoreOptions Store { get; set; } = new();

    /// <summary>
    /// Whether to let in connections that nobody has vouched for, under the name that they give or as guests. Default false: without an
    /// <see cref="IRelayAuthorizer"/> only users whom ASP.NET Core has authenticated come in. Insecure: for development and trusted
    /// networks.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>
    /// Origins that web pages may connect from, as browsers send them (<c>https://example.org</c>), beside the server's own; <c>*</c>
    /// allows all. Default empty: only pages of the same host and port. Guards against cross-site WebSocket hijacking, since CORS does
    /// not cover WebSockets.
    /// </summary>
    public IList<string> AllowedOrigins { get; } = [];

    internal IEnumerable<string> Validate()
    {
        if (Shards is < 0 or > 256)
        {
            yield return $"Relay.Shards must be 0 to 256; it is {Shards}.";
        }

        if (Road == RelayRoad.Direct && !DirectTransport.IsSupported)
        {
            yield return "Relay.Road is Direct, which needs Linux on x64 or Arm64; use Auto.";
        }

        foreach (string problem in Room.Validate("Relay.Room")
            .Concat(Limits.Validate()).Concat(Resume.Validate()).Concat(Drain.Validate()).Concat(Store.Validate()))
        {
            yield return problem;
        }

        foreach (string origin in AllowedOrigins)
        {
            if (origin != "*" &&
                (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.PathAndQuery != "/" || origin.EndsWith('/')))
            {
                yield return $"Relay.AllowedOrigins must hold \"*\" or scheme://host[:port] without a path; it holds \"{origin}\".";
            }
        }
    }
}

/// <summary>How the bytes of a connection come and go.</summary>
public enum RelayRoad
{
    /// <summary><see cref="Direct"/> where it is possible, else <see cref="Pipe"/>.</summary>
    Auto,

    /// <summary>Through Kestrel's pipes: any transport, TLS, any system.</summary>
    Pipe,

    /// <summary>
    /// Between the kernel and the thread that owns the room, by a transport of Relay's own under Kestrel. Linux on x64 or Arm64; a
    /// connection with TLS or other connection middleware takes <see cref="Pipe"/> all the same. The server does not start where it is
    /// impossible.
    /// </summary>
    Direct,
}

/// <summary>What clients may do. protocol-spec.md §5.2 tells them.</summary>
public sealed class RelayLimits
{
    /// <summary>The most connections at once, over all transports. Default 10,000. Range 1 to 10,000,000. Beyond it: 1013.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>The most rooms at once. Default 10,000. Range 1 to 10,000,000. Beyond it: Error 4431.</summary>
    public int MaxRooms { get; set; } = 10_000;

    /// <summary>Longest body of a frame, in bytes. Default 16,384, far above any transform update. Range 256 to 1,048,576. Beyond it:
    /// 1009.</summary>
    public int MaxFrameBytes { get; set; } = 16 * 1024;

    /// <summary>Longest WebSocket message, in bytes: several frames may share one. Default 65,536. Range 256 to 16,777,216. Beyond it:
    /// 1009.</summary>
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>Most fragments of a WebSocket message. Default 1,024. Range 1 to 1,000,000. Beyond it: 1009.</summary>
    public int MaxFragments { get; set; } = 1024;

    /// <summary>Frames a second from one connection in the long run; 0 for no limit. Default 60: three times the usual rate of an avatar.
    /// Range 0 to 1,000,000.</summary>
    public int FramesPerSecond { get; set; } = 60;

    /// <summary>Frames at once from one connection. Default 120: two seconds' worth after a stall of the network. Range 1 to
    /// 1,000,000.</summary>
    public int FrameBurst { get; set; } = 120;

    /// <summary>Events of the application's kinds a second from one connection; 0 for no limit. Default 30. Range 0 to 1,000,000. Beyond
    /// it: Error 4429. The protocol's own signals have limits of their own: protocol-spec.md §11.9.</summary>
    public int EventsPerSecond { get; set; } = 30;

    /// <summary>Events of the application's kinds at once from one connection. Default 60. Range 1 to 1,000,000.</summary>
    public int EventBurst { get; set; } = 60;

    /// <summary>Longest payload of an event, in bytes. Default 8,192. Range 0 to 1,000,000, below <see cref="MaxFrameBytes"/>. Beyond it:
    /// Error 4413.</summary>
    public int MaxEventPayload { get; set; } = 8 * 1024;

    /// <summary>Longest name of a room, in bytes of UTF-8. Default 128. Range 1 to 255. Beyond it: Error 4400.</summary>
    public int MaxRoomNameBytes { get; set; } = 128;

    /// <summary>Within this time of connecting the Hello must be there. Default 5 s. Range 100 ms to 5 min. Beyond it: 4401.</summary>
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an <see cref="IRelayAuthorizer"/> may take. Default 5 s. Range 100 ms to 5 min. Beyond it: refused.</summary>
    public TimeSpan AuthorizeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call of an <see cref="IRoomHandler"/> may take, its wait for a thread included. Default 1 s: a member waits so
    /// long for its message. Range 100 ms to 5 min. Beyond it: refused with 4403, and the call is given up.</summary>
    public TimeSpan HandlerTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most threads of all room handlers, apart from those that serve connections and rooms. Default 64: only handlers that
    /// block need more than a few. Range 1 to 1,024. Beyond it calls wait, and overrun their time.</summary>
    public int HandlerThreads { get; set; } = 64;

    /// <summary>The most calls of a room that wait for its <see cref="IRoomHandler"/>. Default 1,024: twice the members of a full room.
    /// Range 1 to 1,000,000. Beyond it the handler is told neither of an arrival nor of that member's departure, and the log says
    /// so.</summary>
    public int HandlerQueue { get; set; } = 1024;

    /// <summary>The most calls of a <see cref="RoomContext"/> that wait for the room. Default 1,024. Range 1 to 1,000,000. Beyond it: 4429
    /// to the handler.</summary>
    public int HandlerRequests { get; set; } = 1024;

    /// <summary>A frame that was begun must be whole within this time. Default 5 s. Range 100 ms to 5 min. Beyond it: 4408.</summary>
    public TimeSpan FrameDeadline { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A client should send something this often. Default 10 s: keeps NAT bindings open. Range 1 s to 10 min.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long without a byte a connection is closed. Default 25 s: two heartbeats and a half. Must exceed
    /// <see cref="Heartbeat"/>. Beyond it: 4408.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>A receiver that takes nothing for so long is closed. Default 30 s. Range 1 s to 1 h. Beyond it: 4408.</summary>
    public TimeSpan SlowReceiverTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Send buffer of a connection in the kernel (<c>SO_SNDBUF</c>), in bytes; Linux doubles it for its own book-keeping. Default 65,536:
    /// enough for 2.6 Mbit/s at 200 ms. 0 leaves it to the system, which may queue megabytes for a slow receiver. Range 0 or 4,096 to
    /// 16,777,216.
    /// </summary>
    public int KernelSendBufferBytes { get; set; } = 64 * 1024;

    /// <summary>
    /// Above so many unsent bytes in the kernel a connection is given nothing new (<c>TCP_NOTSENT_LOWAT</c>, Linux). Default 16,384. 0
    /// for none. Range 0 to 16,777,216.
    /// </summary>
    public int UnsentLowWaterBytes { get; set; } = 16 * 1024;

    /// <summary>How long a connection stays when what it was let in by has expired (<see cref="ConnectDecision.ExpiresAt"/>), so that the
    /// client can renew it. Default 25 s. Range 0 to 5 min. Beyond it: 4401, cause 4457.</summary>
    public TimeSpan CredentialsGrace { get; set; } = TimeSpan.FromSeconds(25);

    internal IEnumerable<string> Validate()
    {
        const string Path = "Relay.Limits";
        string? Range(string name, long value, long min, long max, string unit) =>
            value < min || value > max ? $"{Path}.{name} must be {min} to {max} {unit}; it is {value}." : null;
        string? Time(string name, TimeSpan value, TimeSpan min, TimeSpan max) =>
            value < min || value > max ? $"{Path}.{name} must be {min} to {max}; it is {value}." : null;

        TimeSpan tenth = TimeSpan.FromMilliseconds(100), second = TimeSpan.FromSeconds(1), minutes = TimeSpan.FromMinutes(5);
        string?[] problems =
        [
            Time(nameof(CredentialsGrace), CredentialsGrace, TimeSpan.Zero, minutes),
            Range(nameof(MaxConnections), MaxConnections, 1, 10_000_000, "connections"),
            Range(nameof(MaxRooms), MaxRooms, 1, 10_000_000, "rooms"),
            Range(nameof(MaxFrameBytes), MaxFrameBytes, 256, 1 << 20, "bytes"),
            Range(nameof(MaxMessageBytes), MaxMessageBytes, 256, 1 << 24, "bytes"),
            Range(nameof(MaxFragments), MaxFragments, 1, 1_000_000, "fragments"),
            Range(nameof(FramesPerSecond), FramesPerSecond, 0, 1_000_000, "frames a second"),
            Range(nameof(FrameBurst), FrameBurst, 1, 1_000_000, "frames"),
            Range(nameof(EventsPerSecond), EventsPerSecond, 0, 1_000_000, "events a second"),
            Range(nameof(EventBurst), EventBurst, 1, 1_000_000, "events"),
            Range(nameof(MaxEventPayload), MaxEventPayload, 0, Math.Max(0, MaxFrameBytes - 32), "bytes (32 below MaxFrameBytes)"),
            Range(nameof(MaxRoomNameBytes), MaxRoomNameBytes, 1, 255, "bytes"),
            Range(nameof(HandlerThreads), HandlerThreads, 1, 1024, "threads"),
            Range(nameof(HandlerQueue), HandlerQueue, 1, 1_000_000, "calls"),
            Range(nameof(HandlerRequests), HandlerRequests, 1, 1_000_000, "calls"),
            Range(nameof(KernelSendBufferBytes), KernelSendBufferBytes, KernelSendBufferBytes == 0 ? 0 : 4096, 1 << 24, "bytes, or 0"),
            Range(nameof(UnsentLowWaterBytes), UnsentLowWaterBytes, 0, 1 << 24, "bytes"),
            Time(nameof(HelloTimeout), HelloTimeout, tenth, minutes),
            Time(nameof(AuthorizeTimeout), AuthorizeTimeout, tenth, minutes),
            Time(nameof(HandlerTimeout), HandlerTimeout, tenth, minutes),
            Time(nameof(FrameDeadline), FrameDeadline, tenth, minutes),
            Time(nameof(Heartbeat), Heartbeat, second, TimeSpan.FromMinutes(10)),
            Time(nameof(SlowReceiverTimeout), SlowReceiverTimeout, second, TimeSpan.FromHours(1)),
            IdleTimeout <= Heartbeat ? $"{Path}.IdleTimeout must exceed Heartbeat ({Heartbeat}); it is {IdleTimeout}." : null,
            MaxMessageBytes < MaxFrameBytes + 4
                ? $"{Path}.MaxMessageBytes must hold a whole frame of MaxFrameBytes + 4 ({MaxFrameBytes + 4}); it is {MaxMessageBytes}."
                : null,
        ];
        return problems.OfType<string>();
    }
}

/// <summary>Taking a session up again after its connection broke. protocol-spec.md §5.8.</summary>
public sealed class ResumeOptions
{
    /// <summary>
    /// How long a session outlives its connection: its member stays in the room, visible to the others. Default 30 s: a change of network
    /// or a tunnel. 0 ends every session with its connection. Range 0 to 10 min.
    /// </summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most sessions that may wait for their clients at once; beyond it a session ends with its connection. Default 1,000.
    /// Range 0 to 1,000,000.</summary>
    public int MaxSuspended { get; set; } = 1_000;

    internal IEnumerable<string> Validate()
    {
        if (Window < TimeSpan.Zero || Window > TimeSpan.FromMinutes(10))
        {
            yield return $"Relay.Resume.Window must be 00:00:00 to 00:10:00; it is {Window}.";
        }

        if (MaxSuspended is < 0 or > 1_000_000)
        {
            yield return $"Relay.Resume.MaxSuspended must be 0 to 1000000 sessions; it is {MaxSuspended}.";
        }
    }
}

/// <summary>How the server stops: clients are told, given time, then closed. protocol-spec.md §5.5.</summary>
public sealed class DrainOptions
{
    /// <summary>How long clients may take to leave by themselves. Default 20 s: below the host's own shutdown time-out of 30 s. Range 0
    /// to 10 min.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>What clients are told to wait before they come back. Default 1 s. Range 0 to 10 min.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A random delay that they add, so that they do not come all at once. Default 5 s. Range 0 to 10 min.</summary>
    public TimeSpan Jitter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Where to connect instead; empty for the same place. At most 1,024 characters.</summary>
    public string AlternateUrl { get; set; } = "";

    internal IEnumerable<string> Validate()
    {
        foreach ((string name, TimeSpan value) in
            new[] { (nameof(Timeout), Timeout), (nameof(RetryAfter), RetryAfter), (nameof(Jitter), Jitter) })
        {
            if (value < TimeSpan.Zero || value > TimeSpan.FromMinutes(10))
            {
                yield return $"Relay.Drain.{name} must be 00:00:00 to 00:10:00; it is {value}.";
            }
        }

        if (AlternateUrl.Length > 1024)
        {
            yield return $"Relay.Drain.AlternateUrl must be at most 1024 characters; it has {AlternateUrl.Length}.";
        }
    }
}
