using Relay.Host.Api;
using Relay.Host.Api.Problems;
using Relay.Host.Api.Rooms;
using Relay.Host.Files.Store;
using Relay.Host.Files.Store.Sealing;
using Relay.Host.Storage;

namespace Relay.Host.Files;

/// <summary>Says which files somebody may see.</summary>
internal sealed class FileSight(FileShelf shelf, FileTable table, RoomAccess rooms)
{
    /// <summary>Finds a file that somebody may see: a public one, one of their own, one of a room that they may enter, or, for operators,
    /// any.</summary>
    /// <param name="hash">The content's hash.</param>
    /// <param name="token">The token that it is sealed with; null for a master key.</param>
    /// <param name="caller">Who asks; null for nobody whom one knows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none, or none for them to see: which of the two is not told.</returns>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    public async Task<FileRow?> FindAsync(
        ContentHash hash, FileSecret? token, Caller? caller, CancellationToken cancellationToken)
    {
        if (shelf.Store is not { } store)
        {
            return null;
        }

        IReadOnlyList<FileRow> holdings = await table.SeenAsync(
            store.NameOf(hash, token), caller?.Account ?? "", caller is { IsAdmin: true }, cancellationToken)
            .ConfigureAwait(false);
        foreach (FileRow holding in holdings)
        {
            bool isSeen = holding.IsPublic || caller is { IsAdmin: true } || holding.Account == caller?.Account;
            if (isSeen || (caller is not null && await MayEnterAsync(holding.Room, caller, cancellationToken).ConfigureAwait(false)))
            {
                return holding;
            }
        }

        return null;
    }

    private async Task<bool> MayEnterAsync(string? room, Caller caller, CancellationToken cancellationToken)
    {
        if (room is null)
        {
            return false;
        }

        try
        {
            await rooms.EnterAsync(room, caller, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiProblem)
        {
            return false;
        }
    }
}
