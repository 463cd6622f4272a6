using Relay.Core.Rooms.Stores;

namespace Relay.Core.Rooms;

/// <summary>What a shard needs to know of the server's options. Times in microseconds.</summary>
internal sealed record ShardSettings
{
    /// <summary>After so long without a byte the shard sends a Ping.</summary>
    public long HeartbeatMicros { get; init; } = 10_000_000;

    /// <summary>After so long without a byte the connection is closed.</summary>
    public long IdleTimeoutMicros { get; init; } = 25_000_000;

    /// <summary>A frame that was begun must be finished in this time.</summary>
    public long FrameDeadlineMicros { get; init; } = 5_000_000;

    /// <summary>A receiver whose outlet was unready for so long is closed.</summary>
    public long SlowReceiverMicros { get; init; } = 30_000_000;

    /// <summary>A connection that was told to close is cut off after so long.</summary>
    public long CloseGraceMicros { get; init; } = 2_000_000;

    /// <summary>What a connection was let in by has expired: so long until it is closed.</summary>
    public long CredentialsGraceMicros { get; init; } = 25_000_000;

    /// <summary>A session whose connection broke waits so long for its client; 0: not at all.</summary>
    public long ResumeWindowMicros { get; init; }

    /// <summary>The most sessions in the whole server that wait.</summary>
    public int MaxSuspendedSessions { get; init; } = 1_000;

    /// <summary>Where bans and closed rooms are kept.</summary>
    public IModerationStore Store { get; init; } = new MemoryModerationStore(TimeProvider.System);

    /// <summary>How long that may take.</summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Called, from any thread, with what the store threw.</summary>
    public Action<Exception>? StoreFailed { get; init; }

    /// <summary>Where rooms are stored; null if they are not.</summary>
    public RoomSaver? Saver { get; init; }

    /// <summary>Who is told of rooms and members; null if nobody wants to know.</summary>
    public IRoomWatch? Watch { get; init; }

    /// <summary>How long a room may take to be fetched.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether people get into a room that cannot be fetched, and of which nothing is stored then.</summary>
    public bool OpenDetached { get; init; }

    /// <summary>Called, from any thread, with what the store of rooms threw when something was fetched.</summary>
    public Action<Exception>? LoadFailed { get; init; }

    /// <summary>So long somebody waits for what they changed to be stored.</summary>
    public long AnswerTimeoutMicros { get; init; } = 5_000_000;

    /// <summary>Places are stored so often.</summary>
    public long SavePeriodMicros { get; init; } = 5_000_000;

    /// <summary>While the store fails no more things of a room may wait for it.</summary>
    public int MaxUnsaved { get; init; } = 10_000;

    /// <summary>The clock of what happens off the shards.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The most rooms in the whole server.</summary>
    public int MaxRooms { get; init; } = 10_000;
}
