using System.Net;
using Microsoft.Extensions.Logging;

namespace Relay.Core.Transport.Direct;

/// <summary>What the direct road logs, beside <see cref="Hosting.RelayLog"/>. Next free id: 103.</summary>
internal static partial class DirectLog
{
    [LoggerMessage(101, LogLevel.Debug, "Listening on {EndPoint} for relay clients on the direct road, and for Kestrel.")]
    public static partial void ListensDirectly(this ILogger logger, EndPoint endPoint);

    [LoggerMessage(
        102, LogLevel.Warning,
        "Out of descriptors (limit {Limit}): accepting on {EndPoint} pauses for 100 ms at a time; {Shed} connection(s) shed so far. " +
        "Raise LimitNOFILE or lower Relay:Limits:MaxConnections.")]
    public static partial void AcceptPaused(this ILogger logger, EndPoint endPoint, long limit, long shed);
}
