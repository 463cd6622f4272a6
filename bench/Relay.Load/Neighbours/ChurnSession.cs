using Relay.Load.Wire;
using Relay.Protocol.Primitives;

namespace Relay.Load.Neighbours;

/// <summary>A client that comes to go again; what the room says is nothing to it.</summary>
internal sealed class ChurnSession(string room, bool joins) : RelaySession(room)
{
    protected override bool JoinsAtOnce => joins;

    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;
}
