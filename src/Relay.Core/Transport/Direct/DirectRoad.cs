using Relay.Core.Rooms;
using Relay.Protocol.Buffers;

namespace Relay.Core.Transport.Direct;

/// <summary>The direct road of a server: a port for each shard, which the shard's thread owns.</summary>
internal sealed class DirectRoad
{
    private readonly Dictionary<Shard, ShardPort> _ports;

    public DirectRoad(IEnumerable<Shard> shards, SharedBufferPool pool) => _ports = shards.ToDictionary(shard => shard, _ => new ShardPort(pool));

    /// <summary>The port of a shard.</summary>
    public ShardPort PortOf(Shard shard) => _ports[shard];
}
