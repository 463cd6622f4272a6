using Relay.Load.Wire;
using Relay.Protocol.Primitives;

namespace Relay.Load.Walkers;

/// <summary>A member that stands still and answers pings.</summary>
internal sealed class IdleSession(string room) : RelaySession(room)
{
    protected override ReadStatus OnBatch(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;

    protected override ReadStatus OnPresence(ReadOnlySpan<byte> body, long nowNanos) => ReadStatus.Ok;
}
