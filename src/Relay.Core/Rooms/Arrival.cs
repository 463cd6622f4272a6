namespace Relay.Core.Rooms;

/// <summary>To a shard: a connection whose Hello was accepted.</summary>
internal sealed class Arrival(Connection connection) : ShardMessage
{
    public override void Handle(Shard shard) => shard.Add(connection);
}
