using Microsoft.AspNetCore.Http;

namespace Relay.Conformance.Tests.Echo;

/// <summary>The ways by which bytes come to the echo and go from it; each is tried with all cases.</summary>
public enum Road
{
    /// <summary>Kestrel's pipes.</summary>
    Pipe,

    /// <summary>A shard's own sockets.</summary>
    Direct,
}

/// <summary>Who serves an opening handshake on which road. A further road is a member of <see cref="Road"/>, a line here and a
/// driver.</summary>
internal static class Roads
{
    /// <summary>Takes a request that is a good opening handshake, upgrades it, and echoes until the connection has ended.</summary>
    public delegate Task Driver(HttpContext context, EchoSettings settings);

    public static IReadOnlyDictionary<Road, Driver> All { get; } = new SortedDictionary<Road, Driver>
    {
        [Road.Pipe] = PipeEchoDriver.ServeAsync,
        [Road.Direct] = DirectEchoDriver.ServeAsync,
    };
}
