using System.Collections.Concurrent;

namespace Relay.Core.Rooms.Stores;

/// <summary>Bans, roles and closed rooms in memory.</summary>
internal sealed class MemoryModerationStore(TimeProvider time) : IModerationStore
{
    private readonly ConcurrentDictionary<(string Room, string Subject), DateTimeOffset?> _bans = new();
    private readonly ConcurrentDictionary<(string Room, string Subject), string> _roles = new();
    private readonly ConcurrentDictionary<string, bool> _closed = new(StringComparer.Ordinal);

    public ValueTask<RoomStanding> CheckAsync(string room, string subject, CancellationToken cancellationToken) =>
        new(new RoomStanding(AdmissionOf(room, subject), _roles.GetValueOrDefault((room, subject))));

    public ValueTask SetRoleAsync(string room, string subject, string role, CancellationToken cancellationToken)
    {
        _roles[(room, subject)] = role;
        return ValueTask.CompletedTask;
    }

    public ValueTask BanAsync(string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken)
    {
        _bans[(room, subject)] = until;
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> UnbanAsync(string room, string subject, CancellationToken cancellationToken) =>
        new(_bans.TryRemove((room, subject), out _));

    public ValueTask SetClosedAsync(string room, bool closed, CancellationToken cancellationToken)
    {
        if (closed)
        {
            _closed[room] = true;
        }
        else
        {
            _closed.TryRemove(room, out _);
        }

        return ValueTask.CompletedTask;
    }

    private RoomAdmission AdmissionOf(string room, string subject)
    {
        if (_closed.ContainsKey(room))
        {
            return RoomAdmission.Closed;
        }

        if (!_bans.TryGetValue((room, subject), out DateTimeOffset? until))
        {
            return RoomAdmission.Open;
        }

        if (until is null || until > time.GetUtcNow())
        {
            return RoomAdmission.Banned;
        }

        _bans.TryRemove(new KeyValuePair<(string, string), DateTimeOffset?>((room, subject), until));
        return RoomAdmission.Open;
    }
}
