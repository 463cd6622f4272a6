using System.Net;

namespace Relay.Host.Monitor;

/// <summary>What operators did, and who was not let in. Never a key.</summary>
internal static partial class MonitorLog
{
    [LoggerMessage(201, LogLevel.Warning, "Monitor: wrong key from {Remote}.")]
    public static partial void WrongKey(this ILogger logger, IPAddress? remote);

    [LoggerMessage(
        202, LogLevel.Warning, "Monitor: {Remote} has had {Limit} wrong keys in a minute and is not listened to until it is over.")]
    public static partial void TooManyFailures(this ILogger logger, IPAddress? remote, int limit);

    [LoggerMessage(203, LogLevel.Information, "Monitor: the operator at {Remote} took member {Member} out of room {Room}.")]
    public static partial void Kicked(this ILogger logger, IPAddress? remote, uint member, string room);

    [LoggerMessage(204, LogLevel.Information, "Monitor: the operator at {Remote} drains the server.")]
    public static partial void Draining(this ILogger logger, IPAddress? remote);

    [LoggerMessage(
        205, LogLevel.Warning,
        "Monitor: the key goes over the network in the clear, since Relay:Host:Tls is off and {Address} is not this machine alone.")]
    public static partial void KeyInTheClear(this ILogger logger, string address);
}
