using System.Net;
using Microsoft.Extensions.Logging;

namespace Relay.Core.Hosting;

/// <summary>Every line that the relay logs. Never a credential, a ticket or a query string. Next free id: 22; the direct road's own
/// lines are in <see cref="Transport.Direct.DirectLog"/>.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(
        1, LogLevel.Information,
        "Relay started: {Shards} shard(s), road {Road}, cadence {Cadence}, default room {TickRate} Hz, capacity {Capacity}.")]
    public static partial void Started(this ILogger logger, int shards, RelayRoad road, string cadence, double tickRate, int capacity);

    [LoggerMessage(
        2, LogLevel.Debug,
        "Connection {Session} opened over {Transport} on the {Road} road from {Remote} as {Name}, " +
        "agent {Agent}, taken up again: {Resumed}.")]
    public static partial void Opened(
        this ILogger logger, Guid session, string transport, string road, EndPoint? remote, string name, string agent, bool resumed);

    [LoggerMessage(3, LogLevel.Debug, "Connection {Session} closed: {Code} {Reason}, cause {Cause}, limit {Limit}, value {Value}: {Text}")]
    public static partial void Closed(
        this ILogger logger, Guid session, int code, string reason, string cause, double limit, double value, string text);

    [LoggerMessage(4, LogLevel.Debug, "Connection over {Transport} from {Remote} turned away: {Code} {Reason}, cause {Cause}: {Text}")]
    public static partial void Rejected(
        this ILogger logger, string transport, EndPoint? remote, int code, string reason, string cause, string text);

    [LoggerMessage(5, LogLevel.Warning, "Authorizer took longer than {Limit}: refused.")]
    public static partial void AuthorizerSlow(this ILogger logger, TimeSpan limit);

    [LoggerMessage(6, LogLevel.Error, "Authorizer failed: refused.")]
    public static partial void AuthorizerFailed(this ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Information, "Draining {Connections} connection(s), at most {Timeout}.")]
    public static partial void Draining(this ILogger logger, long connections, TimeSpan timeout);

    [LoggerMessage(8, LogLevel.Information, "Drained; {Left} connection(s) had to be closed.")]
    public static partial void Drained(this ILogger logger, long left);

    [LoggerMessage(9, LogLevel.Critical, "A shard has failed: the process ends, since its rooms are lost.")]
    public static partial void ShardCrashed(this ILogger logger, Exception exception);

    [LoggerMessage(
        10, LogLevel.Warning,
        "Anonymous connections are allowed: anybody who can reach this server comes in under any name. For development only.")]
    public static partial void AnonymousAllowed(this ILogger logger);

    [LoggerMessage(
        11, LogLevel.Warning,
        "The direct road was asked for, but no endpoint takes it: " +
        "another transport was registered after AddRelay, or no TCP endpoint is configured.")]
    public static partial void NoDirectEndpoint(this ILogger logger);

    [LoggerMessage(12, LogLevel.Error, "The store of bans and closed rooms failed: refused.")]
    public static partial void ModerationStoreFailed(this ILogger logger, Exception exception);

    [LoggerMessage(13, LogLevel.Error, "Room handler {Handler} failed in {Method} for room {Room}.")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception, string handler, string method, string room);

    [LoggerMessage(14, LogLevel.Warning, "Room handler {Handler} took longer than {Limit} in {Method} for room {Room}: given up.")]
    public static partial void HandlerLate(this ILogger logger, string handler, string method, string room, TimeSpan limit);

    [LoggerMessage(
        15, LogLevel.Error,
        "Room handler {Handler} is too slow: {Limit} calls wait for room {Room}, and it is not told of those who come now.")]
    public static partial void HandlerQueueFull(this ILogger logger, string handler, string room, int limit);

    [LoggerMessage(
        16, LogLevel.Error,
        "The store of rooms fails: changes of {Rooms} room(s) wait and are tried again; failures in a row: {Failures}.")]
    public static partial void StoreFailed(this ILogger logger, Exception exception, int rooms, int failures);

    [LoggerMessage(17, LogLevel.Information, "The store of rooms is back: what waited is being stored.")]
    public static partial void StoreIsBack(this ILogger logger);

    [LoggerMessage(18, LogLevel.Error, "What is stored of a room, or of a user in it, could not be fetched: refused.")]
    public static partial void LoadFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        19, LogLevel.Critical, "The server ends and {Unsaved} change(s) of rooms are not stored within {Timeout}: they are lost.")]
    public static partial void NotStored(this ILogger logger, long unsaved, TimeSpan timeout);

    [LoggerMessage(20, LogLevel.Error, "Room observer {Observer} failed.")]
    public static partial void ObserverFailed(this ILogger logger, Exception exception, string observer);

    [LoggerMessage(
        21, LogLevel.Warning,
        "Room observers are too slow: {Limit} events wait, and those that come now are dropped. " +
        "The counter relay.observer.dropped goes on.")]
    public static partial void ObserversTooSlow(this ILogger logger, int limit);
}
