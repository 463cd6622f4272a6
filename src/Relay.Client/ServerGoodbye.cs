using System.Text;
using Relay.Protocol;
using Relay.Protocol.Messages;

namespace Relay.Client;

/// <summary>The server will close this connection soon. protocol-spec.md §5.5.</summary>
/// <param name="Reason">Why: <see cref="CloseCode.GoingAway"/> or <see cref="CloseCode.ServiceRestart"/>.</param>
/// <param name="Deadline">The server closes at the latest after this time.</param>
/// <param name="RetryAfter">Do not connect again before this time has passed.</param>
/// <param name="Jitter">Add a random part of this, so that clients do not come back all at once.</param>
/// <param name="AlternateUrl">Where to connect instead; empty for the same place.</param>
public sealed record ServerGoodbye(CloseCode Reason, TimeSpan Deadline, TimeSpan RetryAfter, TimeSpan Jitter, string AlternateUrl)
{
    internal static ServerGoodbye From(in GoAway frame) => new(
        frame.Reason,
        TimeSpan.FromMilliseconds(frame.DeadlineMillis),
        TimeSpan.FromMilliseconds(frame.RetryAfterMillis),
        TimeSpan.FromMilliseconds(frame.JitterMillis),
        Encoding.UTF8.GetString(frame.AlternateUrlUtf8));
}
