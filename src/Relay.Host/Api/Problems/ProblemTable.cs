using Relay.Host.Http;
using Relay.Protocol;

namespace Relay.Host.Api.Problems;

/// <summary>The one table of what Relay's codes are over HTTP. What is not in it is the server's own fault: 500.</summary>
internal static class ProblemTable
{
    private static readonly Dictionary<CloseCode, ProblemType> Types = new()
    {
        [CloseCode.GoingAway] = ProblemType.Unavailable,
        [CloseCode.InvalidPayload] = ProblemType.BadRequest,
        [CloseCode.ServiceRestart] = ProblemType.Unavailable,
        [CloseCode.TryAgainLater] = ProblemType.Unavailable,
        [CloseCode.BadRoomName] = ProblemType.Invalid,
        [CloseCode.Unauthorized] = ProblemType.Unauthorized,
        [CloseCode.Forbidden] = ProblemType.Forbidden,
        [CloseCode.NotFound] = ProblemType.NotFound,
        [CloseCode.Timeout] = ProblemType.Unavailable,
        [CloseCode.AlreadyInRoom] = ProblemType.Conflict,
        [CloseCode.NotInRoom] = ProblemType.Conflict,
        [CloseCode.NameTaken] = ProblemType.Exists,
        [CloseCode.Conflict] = ProblemType.Conflict,
        [CloseCode.PayloadTooLarge] = ProblemType.TooLarge,
        [CloseCode.TooDeep] = ProblemType.Invalid,
        [CloseCode.Cycle] = ProblemType.Invalid,
        [CloseCode.Locked] = ProblemType.Locked,
        [CloseCode.BadValue] = ProblemType.Invalid,
        [CloseCode.NotOwner] = ProblemType.Forbidden,
        [CloseCode.OutOfBounds] = ProblemType.Invalid,
        [CloseCode.RateLimited] = ProblemType.RateLimited,
        [CloseCode.RoomFull] = ProblemType.Full,
        [CloseCode.TooManyRooms] = ProblemType.Full,
        [CloseCode.QuotaExceeded] = ProblemType.Full,
        [CloseCode.Kicked] = ProblemType.Forbidden,
        [CloseCode.Banned] = ProblemType.Forbidden,
        [CloseCode.RoomClosed] = ProblemType.Forbidden,
        [CloseCode.AlreadyPresent] = ProblemType.Conflict,
        [CloseCode.Muted] = ProblemType.Forbidden,
        [CloseCode.InLobby] = ProblemType.Forbidden,
        [CloseCode.StoreUnavailable] = ProblemType.Unavailable,
    };

    /// <summary>What a code is.</summary>
    public static ProblemType Of(CloseCode code) => Types.GetValueOrDefault(code, ProblemType.Internal);

    /// <summary>The codes that are of a kind, for its page.</summary>
    public static IEnumerable<CloseCode> CodesOf(ProblemType type) => Types.Where(entry => entry.Value == type).Select(entry => entry.Key);
}
