using Relay.Protocol;

namespace Relay.Core.Rooms;

/// <summary>What a session needs to know to go on over another connection. Most sessions never lose theirs, so it is made when it is
/// needed.</summary>
internal sealed class SessionPast
{
    /// <summary>Since when the session has had no connection.</summary>
    public long AwaySince { get; set; }

    /// <summary>What the client had to show the last time: still good until something arrives on the new connection, since the Welcome with
    /// the new secret may be lost. Cleared by the road.</summary>
    public SessionSecret? FormerSecret { get; set; }

    /// <summary>Why it was taken out of its room meanwhile.</summary>
    public CloseCode TakenOut { get; set; } = CloseCode.Normal;

    /// <summary>Who wants to take the session up again and must wait a moment.</summary>
    public ResumeRequest? Returning { get; set; }

    /// <summary>What the client was told in answer to its numbered messages, as far as it is kept.</summary>
    public AnswerLog Answers { get; } = new();
}
