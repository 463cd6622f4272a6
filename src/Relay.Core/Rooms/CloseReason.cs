using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>Why a connection ends: the fields of a Close frame. The first reason wins and is the one that goes to wire, log and metric.
/// protocol-spec.md §5.3.</summary>
/// <param name="Code">From the table of §9.</param>
/// <param name="Cause">A finer reason, or None.</param>
/// <param name="Limit">The limit that was broken, or 0.</param>
/// <param name="Value">The value that broke it, or 0.</param>
/// <param name="Text">One line for a person.</param>
internal sealed record CloseReason(CloseCode Code, string Text, CloseCode Cause = CloseCode.None, double Limit = 0, double Value = 0)
{
    /// <summary>Whether the session is over as well. It is not when the connection merely broke, fell silent, or was let in by
    /// something that expired: the client may come back.</summary>
    public bool EndsSession => Code != CloseCode.Abnormal &&
        Cause is not (CloseCode.HeartbeatTimeout or CloseCode.TakenUpAgain or CloseCode.CredentialsExpired);

    public static CloseReason Abnormal { get; } = new(CloseCode.Abnormal, "The connection ended without a Close.");
}
