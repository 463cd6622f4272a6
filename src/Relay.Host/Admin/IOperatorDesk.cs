using Relay.Host.Api.Rooms;

namespace Relay.Host.Admin;

/// <summary>What operators do by hand: over REST on a running server, which does it at once, or on the database, of which a running server
/// learns when it reads it the next time. Each fails with <see cref="AdminException"/>.</summary>
internal interface IOperatorDesk : IAsyncDisposable
{
    /// <summary>Makes a room.</summary>
    Task CreateRoomAsync(string name, string? title, RoomFile? content, CancellationToken cancellationToken);

    /// <summary>Reads rooms: name and title.</summary>
    IAsyncEnumerable<(string Name, string Title)> RoomsAsync(string search, CancellationToken cancellationToken);

    /// <summary>Deletes a room with all that is stored of it.</summary>
    Task DeleteRoomAsync(string name, CancellationToken cancellationToken);

    /// <summary>Gives somebody a role; null takes it away.</summary>
    Task SetRoleAsync(string room, string account, string? role, CancellationToken cancellationToken);

    /// <summary>Bans somebody.</summary>
    Task BanAsync(string room, string subject, DateTimeOffset? until, string reason, CancellationToken cancellationToken);

    /// <summary>Ends all sessions of an account.</summary>
    Task RevokeAsync(string account, CancellationToken cancellationToken);

    /// <summary>Disables an account, or enables it again.</summary>
    Task SetDisabledAsync(string account, bool isDisabled, CancellationToken cancellationToken);

    /// <summary>Makes an account an operator's, or no more.</summary>
    Task SetAdminAsync(string account, bool isAdmin, CancellationToken cancellationToken);

    /// <summary>Makes an API key.</summary>
    /// <returns>Its text.</returns>
    Task<string> CreateKeyAsync(string name, string[] scopes, CancellationToken cancellationToken);

    /// <summary>Reads a room.</summary>
    Task<RoomFile> ExportAsync(string name, CancellationToken cancellationToken);
}

/// <summary>It was not done: one line that says why.</summary>
internal sealed class AdminException(string message) : Exception(message);
