using Relay.Core.Rooms;

namespace Relay.Core.Transport.Direct;

/// <summary>The direct road of a server: a port for each shard, which the shard's thread owns, and how to tell who is to take it.</summary>
internal sealed class DirectRoad
{
    private readonly Dictionary<Shard, ShardPort> _ports;

    public DirectRoad(IEnumerable<Shard> shards) => _ports = shards.ToDictionary(shard => shard, _ => new ShardPort());

    /// <summary>Tells who is a relay client.</summary>
    public FirstBytes FirstBytes { get; } = new();

    /// <summary>Whether Kestrel has given it an endpoint.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Bytes that connections hold since their receivers have not taken them.</summary>
    public long HeldBytes => _ports.Values.Sum(port => port.HeldBytes);

    /// <summary>The port of a shard.</summary>
    public ShardPort PortOf(Shard shard) => _ports[shard];
}
