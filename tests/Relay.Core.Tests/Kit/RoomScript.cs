using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Relay.Core.Hosting;
using Relay.Protocol;

namespace Relay.Core.Tests.Kit;

/// <summary>What a room handler does in a test, and what it was told: a line for each arrival and departure.</summary>
internal sealed class RoomScript
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new();

    public Func<JoinAttempt, CancellationToken, ValueTask<JoinDecision>> Joining { get; set; } = static (_, _) => new(JoinDecision.Allow());

    public Func<RoomContext, RoomMember, CancellationToken, ValueTask> Joined { get; set; } = static (_, _, _) => default;

    public Func<RoomContext, RoomMessage, CancellationToken, ValueTask<MessageVerdict>> Message { get; set; } = static (_, _, _) => default;

    public Func<RoomContext, StateRequest, CancellationToken, ValueTask<MessageVerdict>> StateChanging { get; set; } =
        static (_, _, _) => default;

    public Func<RoomContext, RoomMember, CloseCode, CancellationToken, ValueTask> Leaving { get; set; } = static (_, _, _, _) => default;

    public Func<RoomContext, RoomImage, CancellationToken, ValueTask> Tick { get; set; } = static (_, _, _) => default;

    public TimeSpan TickInterval { get; set; }

    public ConcurrentQueue<string> Told { get; } = new();

    /// <summary>The contexts of the rooms that somebody came into, newest last.</summary>
    public ConcurrentQueue<RoomContext> Rooms { get; } = new();

    /// <summary>A server whose rooms of some names run a script. One shard for all, and no time-out of the handler's that a slow machine
    /// could bring about, unless a test says otherwise.</summary>
    public static Task<RelayTestServer> StartAsync(
        RoomScript script,
        Action<RelayOptions>? configure = null,
        Action<RelayBuilder>? build = null,
        string pattern = "game*") => RelayTestServer.StartAsync(
        options =>
        {
            options.Shards = 1;
            options.Limits.FramesPerSecond = 0;
            options.Limits.HandlerTimeout = TimeSpan.FromMinutes(1);
            options.Limits.Heartbeat = TimeSpan.FromMinutes(1);
            options.Limits.IdleTimeout = TimeSpan.FromMinutes(5);
            configure?.Invoke(options);
        },
        builder =>
        {
            RelayBuilder relay = builder.Services.AddSingleton(script).AddRelay().AddRoomHandler<ScriptedRoom>(pattern);
            build?.Invoke(relay);
        });

    /// <summary>Something that happens once, in the script or in the test.</summary>
    public TaskCompletionSource Signal(string name) =>
        _signals.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>A room handler that follows a script.</summary>
internal sealed class ScriptedRoom(RoomScript script) : IRoomHandler
{
    public TimeSpan TickInterval => script.TickInterval;

    public ValueTask<JoinDecision> JoiningAsync(JoinAttempt attempt, CancellationToken cancellationToken) =>
        script.Joining(attempt, cancellationToken);

    public ValueTask JoinedAsync(RoomContext room, RoomMember member, CancellationToken cancellationToken)
    {
        script.Told.Enqueue($"{room.Name} joined {member.Id}");
        script.Rooms.Enqueue(room);
        return script.Joined(room, member, cancellationToken);
    }

    public ValueTask<MessageVerdict> MessageAsync(RoomContext room, RoomMessage message, CancellationToken cancellationToken) =>
        script.Message(room, message, cancellationToken);

    public ValueTask<MessageVerdict> StateChangingAsync(RoomContext room, StateRequest request, CancellationToken cancellationToken) =>
        script.StateChanging(room, request, cancellationToken);

    public ValueTask LeavingAsync(RoomContext room, RoomMember member, CloseCode reason, CancellationToken cancellationToken)
    {
        script.Told.Enqueue($"{room.Name} leaving {member.Id} {reason}");
        return script.Leaving(room, member, reason, cancellationToken);
    }

    public ValueTask TickAsync(RoomContext room, RoomImage image, CancellationToken cancellationToken) =>
        script.Tick(room, image, cancellationToken);
}
