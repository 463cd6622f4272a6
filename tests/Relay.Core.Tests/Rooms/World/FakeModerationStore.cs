using System.Collections.Concurrent;
using Relay.Core.Rooms.Stores;

namespace Relay.Core.Tests.Rooms.World;

/// <summary>A store of bans that does nothing until a test lets it.</summary>
internal sealed class FakeModerationStore : IModerationStore
{
    private readonly MemoryModerationStore _memory = new(TimeProvider.System);

    /// <summary>What it was asked to store, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>What each call waits for.</summary>
    public Func<CancellationToken, Task> Gate { get; set; } = _ => Task.CompletedTask;

    public ValueTask<RoomStanding> CheckAsync(string room, string subject, CancellationToken cancellationToken) =>
        _memory.CheckAsync(room, subject, cancellationToken);

    public RoomAdmission Check(string room, string subject) =>
        _memory.CheckAsync(room, subject, CancellationToken.None).AsTask().GetAwaiter().GetResult().Admission;

    public async ValueTask BanAsync(string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"ban {subject} from {room} {(until is null ? "for good" : "for a time")}: {reason}");
        await Gate(cancellationToken);
        await _memory.BanAsync(room, subject, until, reason, cancellationToken);
    }

    public async ValueTask<bool> UnbanAsync(string room, string subject, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"unban {subject} from {room}");
        await Gate(cancellationToken);
        return await _memory.UnbanAsync(room, subject, cancellationToken);
    }

    public async ValueTask SetRoleAsync(string room, string subject, string role, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"{subject} is {role} of {room}");
        await Gate(cancellationToken);
        await _memory.SetRoleAsync(room, subject, role, cancellationToken);
    }

    public async ValueTask SetClosedAsync(string room, bool closed, CancellationToken cancellationToken)
    {
        Calls.Enqueue($"{(closed ? "close" : "open")} {room}");
        await Gate(cancellationToken);
        await _memory.SetClosedAsync(room, closed, cancellationToken);
    }
}
