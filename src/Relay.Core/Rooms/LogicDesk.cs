using Relay.Protocol.Messages;

namespace Relay.Core.Rooms;

/// <summary>
/// Has a room's logic decide on what its members ask, before it is done. It is asked when a message's turn comes, not when it is read: only
/// then is it certain which room the sender is in. Until the answer comes no later message of this sender is handled, so they keep their
/// order; its transforms and everybody else go on.
/// </summary>
internal sealed class LogicDesk
{
    private readonly Shard _shard;

    public LogicDesk(Shard shard) => _shard = shard;

    /// <summary>Has a message decided on, if the sender's room has a logic that wants to.</summary>
    /// <returns>False: there is nothing to decide.</returns>
    public static bool TryAsk(Connection connection, in Command command)
    {
        if (connection.Member is not { Room.Logic: { } logic } member || !logic.Decides(command.Kind) || IsRefusedAnyway(member, command))
        {
            return false;
        }

        var decision = new Decision(connection, command);
        connection.IsMoving = true;
        connection.Decision = decision;
        logic.Decide(member, decision);
        return true;
    }

    /// <summary>A connection is being closed: what it waits for will not be done, whatever is decided.</summary>
    public static void GiveUp(Connection connection)
    {
        if (connection.Decision is not null)
        {
            connection.Decision = null;
            connection.IsMoving = false;
            connection.Attend();
        }
    }

    /// <summary>A decision has come.</summary>
    /// <param name="decision">Which.</param>
    /// <param name="command">What is to be done, perhaps not what the sender asked for.</param>
    /// <param name="refusal">Why it is not done; null if it is.</param>
    public void Finish(Decision decision, in Command command, Refusal? refusal)
    {
        Connection connection = decision.Connection;
        if (!ReferenceEquals(connection.Decision, decision))
        {
            command.Payload?.Release();
            return;
        }

        connection.Decision = null;
        connection.IsMoving = false;
        if (refusal is { } told)
        {
            command.Payload?.Release();
            _shard.Replies.Refuse(connection, told);
        }
        else if (command.Kind == CommandKind.SendEvent)
        {
            _shard.Membership.SendEvent(connection, command);
        }
        else
        {
            _shard.StateDesk.Handle(connection, command);
        }

        connection.Attend();
    }

    /// <summary>What the room refuses by itself need not trouble the logic.</summary>
    private static bool IsRefusedAnyway(Member member, in Command command) => command.Kind == CommandKind.SendEvent
        ? !Membership.MaySend(member, command).IsNone
        : (member.Standing & MemberStanding.Lobby) != 0;
}
