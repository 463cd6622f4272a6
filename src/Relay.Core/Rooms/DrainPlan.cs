using System.Text;
using Relay.Protocol;
using Relay.Protocol.Messages;
using Relay.Protocol.Primitives;

namespace Relay.Core.Rooms;

/// <summary>How the server goes away: what clients are told, and when it stops waiting for them. protocol-spec.md §5.5.</summary>
internal sealed record DrainPlan(CloseCode Reason, long DeadlineMicros, uint RetryAfterMillis, uint JitterMillis, string AlternateUrl)
{
    private readonly byte[] _alternateUrl = Encoding.UTF8.GetBytes(AlternateUrl);

    public int MaxFrameSize => 32 + _alternateUrl.Length;

    public void Write(ref FrameWriter writer, long now) => new GoAway
    {
        Reason = Reason,
        DeadlineMillis = (uint)Math.Max(0, (DeadlineMicros - now) / 1000),
        RetryAfterMillis = RetryAfterMillis,
        JitterMillis = JitterMillis,
        AlternateUrlUtf8 = _alternateUrl,
    }.Write(ref writer);
}
