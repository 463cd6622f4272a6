using Relay.Protocol;
using Relay.Protocol.Frames;

namespace Relay.Core.Rooms;

/// <summary>A message that a room's logic decides on, and then the decision on its way back to the shard.</summary>
internal sealed class Decision : ShardMessage
{
    private readonly Shard _shard;
    private Command _command;
    private Refusal? _refusal;

    public Decision(Connection connection, in Command command)
    {
        Connection = connection;
        _command = command;
        _shard = connection.Shard;
    }

    /// <summary>Who waits. It stays on its shard meanwhile, since no command of it is handled.</summary>
    public Connection Connection { get; }

    /// <summary>What the sender asked for.</summary>
    public ref readonly Command Command => ref _command;

    /// <summary>Has it done. Any thread, once.</summary>
    /// <param name="command">What is to be done; it has the payload's reference.</param>
    public void Complete(in Command command)
    {
        _command = command;
        _shard.Lane.Push(this);
    }

    /// <summary>Has it refused with 4403. Any thread, once.</summary>
    /// <param name="reason">One line for the sender.</param>
    public void Refuse(string reason)
    {
        FrameType type = _command.Kind == CommandKind.SendEvent ? FrameType.SendEvent : _command.Type;
        _refusal = new Refusal(type, _command.Sequence, CloseCode.Forbidden, reason);
        _shard.Lane.Push(this);
    }

    public override void Handle(Shard shard) => shard.LogicDesk.Finish(this, _command, _refusal);

    public override void Abandon() => _command.Payload?.Release();
}
